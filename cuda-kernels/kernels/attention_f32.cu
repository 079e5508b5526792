/*
 * attention_f32: causal attention of ragged rows over base keys and own keys, with edits of scores and pattern, captured
 * rows, log-sum-exp and statistics in the same pass (pb_attention, ops.h).
 * 4 d_head FLOPs a visible pair of query and key and head. Bytes: q and z once, K and V of the row once for 16 queries.
 *
 * Threads -> data: a block is 16 queries of one row and head (params.blocks), a warp owns 4 of them whole: their scores,
 * softmax, statistics and z. Keys go in tiles of 64 that start at multiples of 64 from position 0; lane l holds the keys
 * l and l + 32 of a tile. Only the staging of keys is shared between warps.
 *
 * Exact. q.k: one accumulator, elements ascending by fma. Softmax: the maximum of the whole row, then the sum of
 * exp(s - max) in 32 virtual lanes (key mod 32), keys ascending, joined by the xor tree, the sink's term last; pattern =
 * exp(s - max) / sum. z: one accumulator an element, visible keys ascending by fma; a key that a query does not see is
 * never multiplied. All this is a function of the query and its own keys: where the row starts, which keys are the base's,
 * who shares the block, and whether scores are kept or computed again leave no trace.
 *
 * Three passes over the tiles: maximum, sum, values. Where all of a block's tiles fit in score_capacity, scores are
 * computed once and kept, edited, in shared memory; else every pass computes and edits the tile again, with the same bits.
 * A row that an edit left without any key gets NaN and raises *status to PB_EMPTY_ROW; a NaN score makes its row NaN.
 *
 * Shared memory: attention_layout_of in launch.h. Barriers: one behind q and the lists, two around every staged stretch
 * of keys (all tiles of computing passes); the rest is within a warp.
 */
#include "../common/attention_statistics.cuh"

namespace pb::attention {

constexpr int kQueriesOfWarp = kAttentionQueries / (kAttentionThreads / kWarp);
constexpr int kKeyPitch = kAttentionKeys + 1;
static_assert(kQueriesOfWarp == 4 && kHalves == 2);

enum class pass { maximum, sum, values };

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
    float *states; /* [16][5 + label_count][32] */

    __device__ __forceinline__ query query_of(int i) const {
        const int32_t in_row = first_query + warp * kQueriesOfWarp + i;
        const int32_t position = row.start + in_row;
        const int32_t first = p.window > 0 && position >= p.window ? position - p.window + 1 : 0;
        return {static_cast<int64_t>(row.token) + in_row, head, row_index, position, first};
    }
    __device__ __forceinline__ const lists &lists_of_mine(int i) const { return own[warp * kQueriesOfWarp + i]; }
    __device__ __forceinline__ state state_of(int i) const {
        const int fields = kAttentionStateFields + p.label_count;
        return {states + (warp * kQueriesOfWarp + i) * fields * kWarp + lane};
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

/* q to shared memory, the queries' lists and cleared states, the hidden head of captured rows. Ends with a barrier. */
__device__ __forceinline__ void begin(const block &b) {
    const pb_attention &p = b.p;
    const auto thread = static_cast<int>(threadIdx.x);
    for (int i = b.warp; i < kAttentionQueries; i += kAttentionThreads / kWarp) {
        const int64_t token = static_cast<int64_t>(b.row.token) + b.first_query + i;
        const float *from = p.q + token * p.q_stride + static_cast<int64_t>(b.head) * p.d_head;
        for (int d = b.lane; d < p.d_head; d += kWarp) {
            b.q[d * kAttentionQueries + i] = i < b.queries ? from[d] : 0.0f;
            b.z[i * p.d_head + d] = 0.0f;
        }
    }
    if (thread < b.queries) {
        b.own[thread] = lists_of(p, static_cast<int64_t>(b.row.token) + b.first_query + thread, b.head);
    }
    __syncthreads();
    for (int i = 0; i < b.mine; ++i) {
        const lists &own = b.lists_of_mine(i);
        b.state_of(i).clear(p.label_count);
        for (int32_t edit = own.edit_begin + b.lane; edit < own.edit_end; edit += kWarp) {
            p.edit_change[edit] = 0.0f;
        }
        capture_hidden(p.score_rows, own.score_begin, own.score_end, p.scores, b.first_tile, -infinity(), b.lane);
        capture_hidden(p.pattern_rows, own.pattern_begin, own.pattern_end, p.pattern, b.first_tile, 0.0f, b.lane);
    }
    __syncwarp();
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
    const float *table = p.alibi_positions == 0 ? nullptr
                                                : p.alibi_slopes + (static_cast<int64_t>(b.head) * p.alibi_positions +
                                                                    tile + b.lane);
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
            if (table != nullptr) {
                score = score + table[half * kWarp];
            } else if (p.alibi_slopes != nullptr) {
                score = score + slope * static_cast<float>(key - q.position);
            }
            to[b.lane + half * kWarp] = i < b.mine && q.sees(key) ? score : -infinity();
        }
    }
}

/* z of the warp's queries += pattern * value for the keys of a tile, the lane's elements being lane, lane + 32, ...
 * Keys go in fours; a four that all queries see is the fast way, the ends of their ranges are tested key by key. */
__device__ __forceinline__ void add_values(const block &b, int32_t tile) {
    const pb_attention &p = b.p;
    const query first = b.query_of(0);
    const query last = b.query_of(b.mine - 1);
    const int32_t tile_end = tile + kAttentionKeys;
    const int32_t from = first.first_key > tile ? first.first_key : tile;
    const int32_t to = last.position + 1 < tile_end ? last.position + 1 : tile_end;
    const float *pattern = b.tile_of(0, tile); /* of the queries that the block lacks: computed with, never written */
    for (int32_t d = b.lane; d < p.d_head; d += 2 * kWarp) {
        const bool second = d + kWarp < p.d_head;
        float *z = b.z + b.warp * kQueriesOfWarp * p.d_head + d;
        float sum[kQueriesOfWarp][2];
        PB_UNROLL
        for (int i = 0; i < kQueriesOfWarp; ++i) {
            sum[i][0] = z[i * p.d_head];
            sum[i][1] = second ? z[i * p.d_head + kWarp] : 0.0f;
        }
        for (int32_t four = from / 4 * 4; four < to; four += 4) {
            if (last.first_key <= four && from <= four && four + 4 <= first.position + 1) {
                float4a weight[kQueriesOfWarp];
                PB_UNROLL
                for (int i = 0; i < kQueriesOfWarp; ++i) {
                    weight[i] = *reinterpret_cast<const float4a *>(pattern + i * b.pitch + (four - tile));
                }
                PB_UNROLL
                for (int j = 0; j < 4; ++j) {
                    const float *value = b.value_at(four + j) + d;
                    const float v0 = value[0];
                    const float v1 = second ? value[kWarp] : 0.0f;
                    PB_UNROLL
                    for (int i = 0; i < kQueriesOfWarp; ++i) {
                        const float w = j == 0 ? weight[i].x : j == 1 ? weight[i].y : j == 2 ? weight[i].z : weight[i].w;
                        sum[i][0] = fmaf(w, v0, sum[i][0]);
                        sum[i][1] = fmaf(w, v1, sum[i][1]);
                    }
                }
                continue;
            }
            for (int32_t key = four < from ? from : four; key < four + 4 && key < to; ++key) {
                const float *value = b.value_at(key) + d;
                const float v0 = value[0];
                const float v1 = second ? value[kWarp] : 0.0f;
                PB_UNROLL
                for (int i = 0; i < kQueriesOfWarp; ++i) {
                    if (b.query_of(i).sees(key)) {
                        const float w = pattern[i * b.pitch + (key - tile)];
                        sum[i][0] = fmaf(w, v0, sum[i][0]);
                        sum[i][1] = fmaf(w, v1, sum[i][1]);
                    }
                }
            }
        }
        PB_UNROLL
        for (int i = 0; i < kQueriesOfWarp; ++i) {
            z[i * p.d_head] = sum[i][0];
            if (second) {
                z[i * p.d_head + kWarp] = sum[i][1];
            }
        }
    }
}

/* One pass over all tiles. `most`, `total`: by query of the warp; lane parts while their own pass runs. */
template <pass Pass>
__device__ __forceinline__ void run_pass(const block &b, float (&most)[kQueriesOfWarp], float (&total)[kQueriesOfWarp]) {
    const pb_attention &p = b.p;
    const bool compute = Pass == pass::maximum || !b.resident;
    for (int32_t tile = b.first_tile; tile < b.end; tile += kAttentionKeys) {
        if (compute) {
            compute_scores(b, tile);
        }
        PB_UNROLL
        for (int i = 0; i < kQueriesOfWarp; ++i) {
            if (i >= b.mine) {
                break;
            }
            const query q = b.query_of(i);
            const lists &own = b.lists_of_mine(i);
            float *at = b.tile_of(i, tile) + b.lane;
            float x[kHalves] = {at[0], at[kWarp]};
            if (compute && own.edit_begin < own.edit_end) {
                apply_edits(p, q, own, PB_STAGE_SCORES, Pass == pass::maximum, tile, b.lane, x);
                at[0] = x[0];
                at[kWarp] = x[1];
            }
            if constexpr (Pass == pass::maximum) {
                capture(p.score_rows, own.score_begin, own.score_end, p.scores, q, tile, b.lane, x);
                most[i] = max_or_nan(x[0], most[i]);
                most[i] = max_or_nan(x[1], most[i]);
            } else {
                /* Hidden keys are 0 in a NaN row too. */
                PB_UNROLL
                for (int half = 0; half < kHalves; ++half) {
                    const float weight = expf(x[half] - most[i]);
                    const float share = Pass == pass::values ? weight / total[i] : weight;
                    x[half] = q.sees(tile + b.lane + half * kWarp) ? share : 0.0f;
                }
            }
            if constexpr (Pass == pass::sum) {
                total[i] = total[i] + x[0];
                total[i] = total[i] + x[1];
            }
            if constexpr (Pass == pass::values) {
                apply_edits(p, q, own, PB_STAGE_PATTERN, true, tile, b.lane, x);
                capture(p.pattern_rows, own.pattern_begin, own.pattern_end, p.pattern, q, tile, b.lane, x);
                add_tile(p, q, b.state_of(i), tile, b.lane, x);
                at[0] = x[0];
                at[kWarp] = x[1];
            }
        }
        if constexpr (Pass == pass::values) {
            if (b.mine > 0) {
                __syncwarp(); /* the pattern is read by all lanes */
                add_values(b, tile); /* the next tile's scores are written behind a barrier of the block */
            }
        }
    }
}

__device__ __forceinline__ void run(const pb_cuda_attention &params) {
    const pb_attention &p = params.attention;
    const pb_cuda_attention_block work = params.blocks[blockIdx.x];
    const pb_row row = p.rows[work.row];
    const auto thread = static_cast<int>(threadIdx.x);
    const int warp = thread / kWarp;
    const auto head = static_cast<int32_t>(blockIdx.y);
    const int32_t left = row.length - work.query;
    const int32_t queries = left < kAttentionQueries ? left : kAttentionQueries;
    const int32_t behind = queries - warp * kQueriesOfWarp;
    const int32_t position = row.start + work.query;
    const int32_t first_key = p.window > 0 && position >= p.window ? position - p.window + 1 : 0;
    const int32_t first_tile = first_key / kAttentionKeys * kAttentionKeys;
    const int32_t end = position + queries;
    const attention_layout at = attention_layout_of(p.d_head, p.label_count, params.score_capacity);
    const auto part = [](int64_t begin, int64_t behind_it) {
        return shared_memory<float>(static_cast<uint32_t>(begin * 4), static_cast<uint32_t>(behind_it - begin));
    };
    const block b{p,
                  row,
                  work.row,
                  head,
                  head / (p.heads / p.kv_heads),
                  work.query,
                  queries,
                  behind < 0 ? 0 : behind < kQueriesOfWarp ? behind : kQueriesOfWarp,
                  first_key,
                  first_tile,
                  end,
                  end - first_tile <= params.score_capacity,
                  params.score_capacity,
                  warp,
                  thread % kWarp,
                  part(at.q, at.z),
                  part(at.z, at.keys),
                  part(at.keys, at.scores),
                  part(at.scores, at.lists),
                  shared_memory<lists>(static_cast<uint32_t>(at.lists * 4), kAttentionQueries),
                  part(at.state, at.end)};
    begin(b);

    float most[kQueriesOfWarp];
    float total[kQueriesOfWarp];
    float sink[kQueriesOfWarp];
    PB_UNROLL
    for (int i = 0; i < kQueriesOfWarp; ++i) {
        most[i] = -infinity();
        total[i] = 0.0f;
        sink[i] = 0.0f;
    }
    run_pass<pass::maximum>(b, most, total);
    PB_UNROLL
    for (int i = 0; i < kQueriesOfWarp; ++i) {
        most[i] = warp_max(most[i]);
        if (p.sinks != nullptr) {
            most[i] = max_or_nan(p.sinks[head], most[i]);
        }
        if (i < b.mine && most[i] == -infinity() && b.lane == 0) {
            atomicMax(params.status, static_cast<int32_t>(PB_EMPTY_ROW));
        }
    }
    run_pass<pass::sum>(b, most, total);
    PB_UNROLL
    for (int i = 0; i < kQueriesOfWarp; ++i) {
        total[i] = warp_sum(total[i]);
        if (p.sinks != nullptr) {
            sink[i] = expf(p.sinks[head] - most[i]);
            total[i] = total[i] + sink[i];
        }
        sink[i] = sink[i] / total[i];
        if (i < b.mine && b.lane == 0) {
            p.lse[b.query_of(i).token * p.heads + head] = most[i] + logf(total[i]);
        }
    }
    run_pass<pass::values>(b, most, total);
    PB_UNROLL
    for (int i = 0; i < kQueriesOfWarp; ++i) {
        if (i >= b.mine) {
            break;
        }
        const query q = b.query_of(i);
        write_statistics(p, q, b.state_of(i), sink[i], b.lane);
        for (int d = b.lane; d < p.d_head; d += kWarp) {
            p.z[q.token * p.z_stride + static_cast<int64_t>(head) * p.d_head + d] =
                b.z[(warp * kQueriesOfWarp + i) * p.d_head + d];
        }
    }
}

} // namespace pb::attention

PB_KERNEL(attention_f32, pb_cuda_attention, 128) { pb::attention::run(p); }
