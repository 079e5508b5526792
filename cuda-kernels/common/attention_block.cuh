/*
 * A team of warps with up to four queries a warp, and their scores of a tile of 64 keys: what the float32 kernels of
 * attention share. A team is a block of four warps or a single warp; its queries follow one another in a row, or are
 * stacked: queries of several rows that start at one place over one base.
 */
#ifndef PATCHBAY_COMMON_ATTENTION_BLOCK_CUH
#define PATCHBAY_COMMON_ATTENTION_BLOCK_CUH

#include "attention_statistics.cuh"

namespace pb::attention {

constexpr int kQueriesOfWarp = kAttentionQueriesOfWarp;
constexpr int kKeyPitch = kAttentionKeys + 1;
static_assert(kQueriesOfWarp == 4 && kHalves == 2);

/* Where the queries of a team are, ascending by position. */
struct work {
    int32_t row;         /* of the first */
    int32_t first_query; /* index in its row */
    int32_t queries;     /* 1 and more: those beyond the team's are left out */
    const pb_cuda_attention_block *items; /* row and query of each, where they are stacked */
};

template <int Warps, bool Stacked> struct team {
    static constexpr int kWarps = Warps;
    static constexpr bool kStacked = Stacked;
    static constexpr int kQueries = Warps * kQueriesOfWarp;

    const pb_attention &p;
    pb_row row;
    int32_t row_index;
    int32_t head;
    int32_t kv_head;
    int32_t first_query;
    const pb_cuda_attention_block *items;
    int32_t queries;    /* of the team */
    int32_t mine;       /* queries of this warp: 0..4, from warp * 4 on */
    int32_t first_key;  /* the first that a query of the team sees */
    int32_t first_tile; /* position of the first key of the first tile */
    int32_t end;        /* position behind the last key */
    bool resident;      /* scores are kept */
    int32_t pitch;      /* floats of a query's scores */
    int warp, lane;     /* of the team */
    float *q;      /* [d_head][queries] */
    float *z;      /* [queries][d_head] */
    float *keys;   /* [32][65] */
    float *scores; /* [queries][pitch] */
    lists *own;    /* [queries] */
    float *states; /* [queries][state fields][32] */

    __device__ __forceinline__ void sync() const {
        if constexpr (Warps == 1) {
            __syncwarp();
        } else {
            __syncthreads();
        }
    }
    __device__ __forceinline__ query query_of(int i) const {
        int32_t in_row = first_query + warp * kQueriesOfWarp + i;
        int32_t of_row = row_index;
        int64_t token = static_cast<int64_t>(row.token) + in_row;
        if constexpr (Stacked) {
            const lists &place = lists_of_mine(i < mine ? i : 0);
            in_row = place.query;
            of_row = place.row;
            token = place.token;
        }
        const int32_t position = row.start + in_row;
        const int32_t first = p.window > 0 && position >= p.window ? position - p.window + 1 : 0;
        return {token, head, of_row, position, first};
    }
    __device__ __forceinline__ const lists &lists_of_mine(int i) const { return own[warp * kQueriesOfWarp + i]; }
    __device__ __forceinline__ state state_of(int i) const {
        return {states + (warp * kQueriesOfWarp + i) * state_fields_of(p) * kWarp + lane};
    }
    /* Scores, later the pattern, of a query for the keys of a tile. */
    __device__ __forceinline__ float *tile_of(int i, int32_t tile) const {
        return scores + (warp * kQueriesOfWarp + i) * pitch + (resident ? tile - first_tile : 0);
    }
    /* Behind the last key that all queries of the team share. */
    __device__ __forceinline__ int32_t shared_end() const { return Stacked ? row.start : end; }
    __device__ __forceinline__ const float *key_at(int32_t key) const {
        const float *at = Stacked || key < row.start
                              ? p.base_k + (row.base + static_cast<int64_t>(key)) * p.base_k_stride
                              : p.k + (row.token + static_cast<int64_t>(key - row.start)) * p.k_stride;
        return at + static_cast<int64_t>(kv_head) * p.d_head;
    }
    __device__ __forceinline__ const float *value_at(int32_t key) const {
        const float *at = Stacked || key < row.start
                              ? p.base_v + (row.base + static_cast<int64_t>(key)) * p.base_v_stride
                              : p.v + (row.token + static_cast<int64_t>(key - row.start)) * p.v_stride;
        return at + static_cast<int64_t>(kv_head) * p.d_head;
    }
    /* Of a key of the query's own row, where queries are stacked. */
    __device__ __forceinline__ const float *own_key_at(const query &of, int32_t key) const {
        return p.k + (of.token - (of.position - key)) * p.k_stride + static_cast<int64_t>(kv_head) * p.d_head;
    }
    __device__ __forceinline__ const float *own_value_at(const query &of, int32_t key) const {
        return p.v + (of.token - (of.position - key)) * p.v_stride + static_cast<int64_t>(kv_head) * p.d_head;
    }
};

/* A team with scores for `capacity` keys. `number`: of the team in its block. */
template <class Team>
__device__ __forceinline__ Team team_of(const pb_attention &p, const work &of, int32_t head, int32_t state_fields,
                                        int32_t capacity, int number = 0) {
    const pb_row row = p.rows[of.row];
    const auto thread = static_cast<int>(threadIdx.x) - number * Team::kWarps * kWarp;
    const int warp = thread / kWarp;
    const int32_t queries = of.queries < Team::kQueries ? of.queries : Team::kQueries;
    const int32_t behind = queries - warp * kQueriesOfWarp;
    const int32_t last_query = Team::kStacked ? of.items[queries - 1].query : of.first_query + queries - 1;
    const int32_t position = row.start + of.first_query;
    const int32_t first_key = p.window > 0 && position >= p.window ? position - p.window + 1 : 0;
    const int32_t first_tile = first_key / kAttentionKeys * kAttentionKeys;
    const int32_t end = row.start + last_query + 1;
    const attention_layout at = attention_layout_of(Team::kQueries, p.d_head, state_fields, capacity);
    const int64_t offset = number * at.end;
    const auto part = [offset](int64_t begin, int64_t behind_it) {
        return shared_memory<float>(static_cast<uint32_t>((offset + begin) * 4), static_cast<uint32_t>(behind_it - begin));
    };
    return {p,
            row,
            of.row,
            head,
            head / (p.heads / p.kv_heads),
            of.first_query,
            of.items,
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
            shared_memory<lists>(static_cast<uint32_t>((offset + at.lists) * 4), Team::kQueries),
            part(at.state, at.end)};
}

/* q and the queries' lists to shared memory. Ends with a barrier of the team. */
template <class Team> __device__ __forceinline__ void stage_queries(const Team &b) {
    const pb_attention &p = b.p;
    const int thread = b.warp * kWarp + b.lane;
    const auto place_of = [&b](int i) -> pb_cuda_attention_block {
        if constexpr (Team::kStacked) {
            return b.items[i];
        } else {
            return {b.row_index, b.first_query + i};
        }
    };
    for (int i = b.warp; i < Team::kQueries; i += Team::kWarps) {
        const pb_cuda_attention_block place = place_of(i < b.queries ? i : 0);
        const int64_t token = static_cast<int64_t>(p.rows[place.row].token) + place.query;
        const float *from = p.q + token * p.q_stride + static_cast<int64_t>(b.head) * p.d_head;
        for (int d = b.lane; d < p.d_head; d += kWarp) {
            b.q[d * Team::kQueries + i] = i < b.queries ? from[d] : 0.0f;
        }
    }
    if (thread < b.queries) {
        const pb_cuda_attention_block place = place_of(thread);
        b.own[thread] = lists_of(p, place, p.rows[place.row].token + place.query, b.head);
    }
    b.sync();
}

/* The dot products of stacked queries with the keys of their own rows, which are not staged. */
template <class Team>
__device__ __forceinline__ void add_own_keys(const Team &b, int32_t tile, float (&sum)[kQueriesOfWarp][kHalves]) {
    PB_UNROLL
    for (int i = 0; i < kQueriesOfWarp; ++i) {
        const query q = b.query_of(i);
        PB_UNROLL
        for (int half = 0; half < kHalves; ++half) {
            const int32_t key = tile + b.lane + half * kWarp;
            if (i < b.mine && key >= b.shared_end() && q.sees(key)) {
                const float *k = b.own_key_at(q, key);
                float dot = 0.0f;
                for (int d = 0; d < b.p.d_head; ++d) {
                    dot = fmaf(b.q[d * Team::kQueries + b.warp * kQueriesOfWarp + i], k[d], dot);
                }
                sum[i][half] = dot;
            }
        }
    }
}

/* Scores of a tile before edits, to shared memory; -inf where hidden. All threads of the team take part. */
template <class Team> __device__ __forceinline__ void compute_scores(const Team &b, int32_t tile) {
    const pb_attention &p = b.p;
    const int halves = b.end - tile > kWarp ? kHalves : 1;
    float sum[kQueriesOfWarp][kHalves] = {};
    for (int32_t d = 0; d < p.d_head; d += kAttentionInner) {
        const int32_t inner = p.d_head - d < kAttentionInner ? p.d_head - d : kAttentionInner;
        b.sync(); /* the last stretch has been used */
        PB_UNROLL_BY(4)
        for (int i = b.warp; i < halves * kWarp; i += Team::kWarps) {
            const int32_t key = tile + i;
            const bool read = b.lane < inner && key < b.shared_end(); /* behind a row's last key may be no memory */
            b.keys[b.lane * kKeyPitch + i] = read ? b.key_at(key)[d + b.lane] : 0.0f;
        }
        b.sync();
        if (b.mine > 0) {
            const float *q = b.q + d * Team::kQueries + b.warp * kQueriesOfWarp;
            PB_UNROLL_BY(8)
            for (int i = 0; i < inner; ++i) {
                const float4a x = *reinterpret_cast<const float4a *>(q + i * Team::kQueries);
                const float a[kQueriesOfWarp] = {x.x, x.y, x.z, x.w};
                PB_UNROLL
                for (int half = 0; half < kHalves; ++half) {
                    if (half < halves) {
                        const float k = b.keys[i * kKeyPitch + b.lane + half * kWarp];
                        PB_UNROLL
                        for (int j = 0; j < kQueriesOfWarp; ++j) {
                            sum[j][half] = fmaf(a[j], k, sum[j][half]);
                        }
                    }
                }
            }
        }
    }
    if constexpr (Team::kStacked) {
        if (b.mine > 0 && tile + kAttentionKeys > b.shared_end()) {
            add_own_keys(b, tile, sum);
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
            if (p.alibi_positions > 0) {
                score = score + p.alibi_slopes[static_cast<int64_t>(b.head) * p.alibi_positions + key];
            } else if (p.alibi_slopes != nullptr) {
                score = score + slope * static_cast<float>(key - q.position);
            }
            to[b.lane + half * kWarp] = i < b.mine && q.sees(key) ? score : -infinity();
        }
    }
}

} // namespace pb::attention

#endif
