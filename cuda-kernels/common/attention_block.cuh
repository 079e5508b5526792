/*
 * A block of 16 queries of one row and head, a warp for four of them, and their scores of a tile of 64 keys. What
 * attention_f32 and attention_received_f32 share.
 */
#ifndef PATCHBAY_COMMON_ATTENTION_BLOCK_CUH
#define PATCHBAY_COMMON_ATTENTION_BLOCK_CUH

#include "attention_statistics.cuh"

namespace pb::attention {

constexpr int kQueriesOfWarp = kAttentionQueries / (kAttentionThreads / kWarp);
constexpr int kKeyPitch = kAttentionKeys + 1;
static_assert(kQueriesOfWarp == 4 && kHalves == 2);

struct block {
    const pb_attention &p;
    pb_row row;
    int32_t row_index;
    int32_t head;
    int32_t kv_head;
    int32_t first_query; /* of the block, in the row */
    int32_t queries;     /* of the block */
    int32_t mine;        /* queries of this warp: 0..4, from warp * 4 on */
    int32_t first_key;   /* the first that a query of the block sees */
    int32_t first_tile;  /* position of the first key of the first tile */
    int32_t end;         /* position behind the last key */
    bool resident;       /* scores are kept */
    int32_t pitch;       /* floats of a query's scores */
    int warp, lane;
    float *q;      /* [d_head][16] */
    float *z;      /* [16][d_head] */
    float *keys;   /* [32][65] */
    float *scores; /* [16][pitch] */
    lists *own;    /* [16] */
    float *states; /* [16][state fields][32] */

    __device__ __forceinline__ query query_of(int i) const {
        const int32_t in_row = first_query + warp * kQueriesOfWarp + i;
        const int32_t position = row.start + in_row;
        const int32_t first = p.window > 0 && position >= p.window ? position - p.window + 1 : 0;
        return {static_cast<int64_t>(row.token) + in_row, head, row_index, position, first};
    }
    __device__ __forceinline__ const lists &lists_of_mine(int i) const { return own[warp * kQueriesOfWarp + i]; }
    __device__ __forceinline__ state state_of(int i) const {
        return {states + (warp * kQueriesOfWarp + i) * state_fields_of(p) * kWarp + lane};
    }
    /* Scores, later the pattern, of a query for the keys of a tile. */
    __device__ __forceinline__ float *tile_of(int i, int32_t tile) const {
        return scores + (warp * kQueriesOfWarp + i) * pitch + (resident ? tile - first_tile : 0);
    }
    __device__ __forceinline__ const float *key_at(int32_t key) const {
        const float *at = key < row.start ? p.base_k + (row.base + static_cast<int64_t>(key)) * p.base_k_stride
                                          : p.k + (row.token + static_cast<int64_t>(key - row.start)) * p.k_stride;
        return at + static_cast<int64_t>(kv_head) * p.d_head;
    }
    __device__ __forceinline__ const float *value_at(int32_t key) const {
        const float *at = key < row.start ? p.base_v + (row.base + static_cast<int64_t>(key)) * p.base_v_stride
                                          : p.v + (row.token + static_cast<int64_t>(key - row.start)) * p.v_stride;
        return at + static_cast<int64_t>(kv_head) * p.d_head;
    }
};

/* The block of up to 16 queries of a row from first_query on, with scores for `capacity` keys. */
__device__ __forceinline__ block block_of(const pb_attention &p, int32_t row_index, int32_t head, int32_t first_query,
                                          int32_t state_fields, int32_t capacity) {
    const pb_row row = p.rows[row_index];
    const auto thread = static_cast<int>(threadIdx.x);
    const int warp = thread / kWarp;
    const int32_t left = row.length - first_query;
    const int32_t queries = left < kAttentionQueries ? left : kAttentionQueries;
    const int32_t behind = queries - warp * kQueriesOfWarp;
    const int32_t position = row.start + first_query;
    const int32_t first_key = p.window > 0 && position >= p.window ? position - p.window + 1 : 0;
    const int32_t first_tile = first_key / kAttentionKeys * kAttentionKeys;
    const int32_t end = position + queries;
    const attention_layout at = attention_layout_of(p.d_head, state_fields, capacity);
    const auto part = [](int64_t begin, int64_t behind_it) {
        return shared_memory<float>(static_cast<uint32_t>(begin * 4), static_cast<uint32_t>(behind_it - begin));
    };
    return {p,
            row,
            row_index,
            head,
            head / (p.heads / p.kv_heads),
            first_query,
            queries,
            behind < 0 ? 0 : behind < kQueriesOfWarp ? behind : kQueriesOfWarp,
            first_key,
            first_tile,
            end,
            end - first_tile <= capacity,
            capacity,
            warp,
            thread % kWarp,
            part(at.q, at.z),
            part(at.z, at.keys),
            part(at.keys, at.scores),
            part(at.scores, at.lists),
            shared_memory<lists>(static_cast<uint32_t>(at.lists * 4), kAttentionQueries),
            part(at.state, at.end)};
}

/* q and the queries' lists to shared memory. Ends with a barrier. */
__device__ __forceinline__ void stage_queries(const block &b) {
    const pb_attention &p = b.p;
    const auto thread = static_cast<int>(threadIdx.x);
    for (int i = b.warp; i < kAttentionQueries; i += kAttentionThreads / kWarp) {
        const int64_t token = static_cast<int64_t>(b.row.token) + b.first_query + i;
        const float *from = p.q + token * p.q_stride + static_cast<int64_t>(b.head) * p.d_head;
        for (int d = b.lane; d < p.d_head; d += kWarp) {
            b.q[d * kAttentionQueries + i] = i < b.queries ? from[d] : 0.0f;
        }
    }
    if (thread < b.queries) {
        b.own[thread] = lists_of(p, static_cast<int64_t>(b.row.token) + b.first_query + thread, b.head);
    }
    __syncthreads();
}

/* Scores of a tile before edits, to shared memory; -inf where hidden. All threads of the block take part. */
__device__ __forceinline__ void compute_scores(const block &b, int32_t tile) {
    const pb_attention &p = b.p;
    float sum[kQueriesOfWarp][kHalves] = {};
    for (int32_t d = 0; d < p.d_head; d += kAttentionInner) {
        const int32_t inner = p.d_head - d < kAttentionInner ? p.d_head - d : kAttentionInner;
        __syncthreads(); /* the last stretch has been used */
        PB_UNROLL_BY(4)
        for (int i = b.warp; i < kAttentionKeys; i += kAttentionThreads / kWarp) {
            const int32_t key = tile + i;
            /* A window's first tile may begin before any key the block sees: those keys are not read. */
            const bool read = b.lane < inner && b.first_key <= key && key < b.end;
            b.keys[b.lane * kKeyPitch + i] = read ? b.key_at(key)[d + b.lane] : 0.0f;
        }
        __syncthreads();
        if (b.mine > 0) {
            const float *q = b.q + d * kAttentionQueries + b.warp * kQueriesOfWarp;
            PB_UNROLL_BY(8)
            for (int i = 0; i < inner; ++i) {
                const float4a x = *reinterpret_cast<const float4a *>(q + i * kAttentionQueries);
                const float a[kQueriesOfWarp] = {x.x, x.y, x.z, x.w};
                PB_UNROLL
                for (int half = 0; half < kHalves; ++half) {
                    const float k = b.keys[i * kKeyPitch + b.lane + half * kWarp];
                    PB_UNROLL
                    for (int j = 0; j < kQueriesOfWarp; ++j) {
                        sum[j][half] = fmaf(a[j], k, sum[j][half]);
                    }
                }
            }
        }
    }
    const float slope = p.alibi_slopes == nullptr ? 0.0f : p.alibi_slopes[b.head];
    PB_UNROLL
    for (int i = 0; i < kQueriesOfWarp; ++i) {
        const query q = b.query_of(i);
        float *to = b.tile_of(i, tile);
        PB_UNROLL
        for (int half = 0; half < kHalves; ++half) {
            const int32_t key = tile + b.lane + half * kWarp;
            float score = sum[i][half] * p.scale;
            if (p.soft_cap > 0.0f) {
                score = p.soft_cap * tanhf(score / p.soft_cap);
            }
            if (p.alibi_slopes != nullptr) {
                score = score + slope * static_cast<float>(key - q.position);
            }
            to[b.lane + half * kWarp] = i < b.mine && q.sees(key) ? score : -infinity();
        }
    }
}

} // namespace pb::attention

#endif
