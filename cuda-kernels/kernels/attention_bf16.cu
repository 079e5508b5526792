/*
 * attention_bf16_d32 ... _d256: causal attention of ragged rows over base keys and own keys, bfloat16 in, float32 sums, with
 * log-sum-exp, the two largest weights and the entropy in the same pass (pb_cuda_attention_bf16).
 * 4 d_head FLOPs a visible pair of query and key and head, on the tensor cores. Bytes: q and z once, K and V of the row once
 * for 64 queries (from L2 for all but the first of them).
 *
 * Threads -> data: a block is 64 queries of one row and head (params.blocks), a warp owns 16 of them; a thread holds parts
 * of the queries g and g + 8 (g = lane / 4) in the fragments of mma.cuh: scores and sums of z at the columns 2t, 2t + 1
 * (t = lane % 4) of every eight. q stays in registers, but for 256 elements a head, where it is read again for every tile.
 * Keys go in tiles of 64 (32 for 256 elements) that start at multiples of that from position 0; a 16-byte chunk of a key
 * comes from the base or from the row's own tensor by the key's position alone, so no start needs to be aligned. Elements
 * behind d_head and keys that the block does not see are copied as zeros.
 *
 * Shared memory: attention_bf16_layout_of in launch.h; rows swizzled (swizzle.cuh). Registers: budget.tsv.
 *
 * Copies and barriers. Four groups of copies take turns, K and V of this tile and of the next. In every tile:
 *     start K of the next tile       its stage was last read for the scores of the tile before: barrier 2 lies between
 *     wait for K of this tile        the two younger groups may be under way
 *     barrier 1                      K, and q at first, are there for all warps, and the tile before has been finished
 *     scores, softmax
 *     start V of the next tile       its stage was last read by the tile before: barrier 1 lies between
 *     wait for V of this tile
 *     barrier 2                      V is there for all warps, and the scores have been computed
 *     z
 *
 * A weight of 0 is multiplied with the value of a hidden key of the same tile: a NaN there spreads within its own row.
 */
#include "../common/ldmatrix.cuh"
#include "../common/mma.cuh"
#include "../common/online_softmax.cuh"
#include "../common/swizzle.cuh"
#include "../launch.h"
#include "patchbay/cuda.h"

namespace pb::attention_bf16 {

constexpr int kWarpQueries = 16;
constexpr int kRowsOfThread = 2; /* its queries g and g + 8 */
static_assert(kAttentionBf16Queries == kWarpQueries * kAttentionBf16Threads / kWarp);

/* The sizes of an instance. */
template <int DHead> struct shape {
    static constexpr int kKeys = attention_bf16_keys(DHead);
    static constexpr int kChunks = DHead / 8;
    static constexpr int kSteps = DHead / 16;    /* products along the head */
    static constexpr int kKeyTiles = kKeys / 8;  /* products along the keys */
    static constexpr int kValueTiles = DHead / 8;
    static constexpr bool kKeepsQ = DHead <= 128;
    static constexpr attention_bf16_layout kAt = attention_bf16_layout_of(DHead);
    static_assert(DHead % 32 == 0 && kKeys % 16 == 0);
};

/* What a block works on; the same in all threads. */
struct work {
    const pb_cuda_attention_bf16 &p;
    pb_row row;
    int32_t head, kv_head;
    int32_t first_query; /* in the row */
    int32_t queries;     /* of the block */
    int32_t first_key;   /* the first that a query of the block sees */
    int32_t end;         /* position behind the last key */
};

__device__ __forceinline__ int32_t first_visible(const pb_cuda_attention_bf16 &p, int32_t position) {
    return p.window > 0 && position >= p.window ? position - p.window + 1 : 0;
}

/* Starts the copy of `Rows` rows to shared memory. source(row): its first element, or null for a row of zeros. */
template <int DHead, int Rows, class Source>
__device__ __forceinline__ void copy_rows(uint32_t shared_byte, int32_t d_head, Source source) {
    constexpr int kChunks = shape<DHead>::kChunks;
    PB_UNROLL
    for (int i = 0; i < Rows * kChunks / kAttentionBf16Threads; ++i) {
        const int chunk = (static_cast<int>(threadIdx.x) + i * kAttentionBf16Threads) % kChunks;
        const int row = (static_cast<int>(threadIdx.x) + i * kAttentionBf16Threads) / kChunks;
        const uint16_t *from = source(row);
        copy_async(shared_byte + swizzled<kChunks>(static_cast<uint32_t>(row), static_cast<uint32_t>(chunk)),
                   from + chunk * 8, from != nullptr && chunk * 8 < d_head);
    }
}

template <int DHead> __device__ __forceinline__ void copy_queries(const work &w) {
    copy_rows<DHead, kAttentionBf16Queries>(0, w.p.d_head, [&](int row) -> const uint16_t * {
        const int64_t token = static_cast<int64_t>(w.row.token) + w.first_query + row;
        const int64_t at = token * w.p.q_stride + static_cast<int64_t>(w.head) * w.p.d_head;
        return row < w.queries ? w.p.q + at : nullptr;
    });
}

/* Keys, or values, of a tile. */
template <int DHead>
__device__ __forceinline__ void copy_tile(const work &w, uint32_t shared_byte, int32_t tile, const uint16_t *base,
                                          int64_t base_stride, const uint16_t *own, int64_t own_stride) {
    copy_rows<DHead, shape<DHead>::kKeys>(shared_byte, w.p.d_head, [&](int row) -> const uint16_t * {
        const int32_t key = tile + row;
        if (key < w.first_key || key >= w.end) {
            return nullptr;
        }
        const uint16_t *at = key < w.row.start
                                 ? base + (w.row.base + static_cast<int64_t>(key)) * base_stride
                                 : own + (w.row.token + static_cast<int64_t>(key - w.row.start)) * own_stride;
        return at + static_cast<int64_t>(w.kv_head) * w.p.d_head;
    });
}

template <int DHead> __device__ __forceinline__ void copy_keys(const work &w, int32_t tile) {
    const uint32_t stage = static_cast<uint32_t>(tile / shape<DHead>::kKeys) % 2 * shape<DHead>::kAt.stage;
    if (tile < w.end) {
        copy_tile<DHead>(w, shape<DHead>::kAt.keys + stage, tile, w.p.base_k, w.p.base_k_stride, w.p.k, w.p.k_stride);
    }
    commit_copies(); /* empty behind the last tile: the waits count groups */
}

template <int DHead> __device__ __forceinline__ void copy_values(const work &w, int32_t tile) {
    const uint32_t stage = static_cast<uint32_t>(tile / shape<DHead>::kKeys) % 2 * shape<DHead>::kAt.stage;
    if (tile < w.end) {
        copy_tile<DHead>(w, shape<DHead>::kAt.values + stage, tile, w.p.base_v, w.p.base_v_stride, w.p.v, w.p.v_stride);
    }
    commit_copies();
}

/* Sixteen elements of the warp's queries as the fragment a: matrices 0, 1 are eight queries each, 2, 3 the next chunk. */
template <int DHead> __device__ __forceinline__ void load_q(int warp, uint32_t lane, int step, uint32_t (&a)[4]) {
    const uint32_t row = static_cast<uint32_t>(warp) * kWarpQueries + lane % 16;
    ldmatrix_x4(a, swizzled<shape<DHead>::kChunks>(row, static_cast<uint32_t>(step) * 2 + lane / 16));
}

/* score[j][2 r + c]: query r of the thread, key 8 j + 2 t + c of the tile; q.k without its scale. */
template <int DHead, int Steps>
__device__ __forceinline__ void multiply_keys(uint32_t keys, int warp, uint32_t lane, uint32_t (&q)[Steps][4],
                                              float (&score)[shape<DHead>::kKeyTiles][4]) {
    using s = shape<DHead>;
    PB_UNROLL
    for (int j = 0; j < s::kKeyTiles; ++j) {
        score[j][0] = score[j][1] = score[j][2] = score[j][3] = 0.0f;
    }
    PB_UNROLL
    for (int step = 0; step < s::kSteps; ++step) {
        uint32_t(&a)[4] = q[s::kKeepsQ ? step : 0];
        if constexpr (!s::kKeepsQ) {
            load_q<DHead>(warp, lane, step, a);
        }
        PB_UNROLL
        for (int j = 0; j < s::kKeyTiles; j += 2) {
            /* Matrices 0, 1: eight keys, two chunks; 2, 3: the next eight. A key's elements are a column of b. */
            uint32_t b[4];
            const uint32_t key = static_cast<uint32_t>(j) * 8 + lane / 16 * 8 + lane % 8;
            ldmatrix_x4(b, keys + swizzled<s::kChunks>(key, static_cast<uint32_t>(step) * 2 + lane / 8 % 2));
            mma_m16n8k16(score[j], a, b[0], b[1]);
            mma_m16n8k16(score[j + 1], a, b[2], b[3]);
        }
    }
}

/* z += weight * value; weights are rounded to bfloat16. */
template <int DHead>
__device__ __forceinline__ void multiply_values(uint32_t values, uint32_t lane,
                                                const float (&weight)[shape<DHead>::kKeyTiles][4],
                                                float (&z)[shape<DHead>::kValueTiles][4]) {
    using s = shape<DHead>;
    PB_UNROLL
    for (int j = 0; j < s::kKeyTiles; j += 2) {
        const uint32_t a[4] = {
            bfloat16_pair(weight[j][0], weight[j][1]), bfloat16_pair(weight[j][2], weight[j][3]),
            bfloat16_pair(weight[j + 1][0], weight[j + 1][1]), bfloat16_pair(weight[j + 1][2], weight[j + 1][3])};
        PB_UNROLL
        for (int n = 0; n < s::kValueTiles; n += 2) {
            /* Matrices 0, 1: sixteen keys of a chunk; 2, 3: of the next. Transposed: a key is a row of b. */
            uint32_t b[4];
            const uint32_t key = static_cast<uint32_t>(j) * 8 + lane % 16;
            ldmatrix_x4_transposed(b, values + swizzled<s::kChunks>(key, static_cast<uint32_t>(n) + lane / 16));
            mma_m16n8k16(z[n], a, b[0], b[1]);
            mma_m16n8k16(z[n + 1], a, b[2], b[3]);
        }
    }
}

/* Scale, soft cap, slope and mask, in units of log 2. `position`: of the thread's first query. */
template <int KeyTiles>
__device__ __forceinline__ void finish_scores(const work &w, int32_t tile, int32_t position, int t, bool hides,
                                              float (&score)[KeyTiles][4]) {
    const float inner = w.p.soft_cap > 0.0f ? w.p.scale / w.p.soft_cap : w.p.scale * kLog2E;
    const float slope = w.p.alibi_slopes == nullptr ? 0.0f : w.p.alibi_slopes[w.head] * kLog2E;
    PB_UNROLL
    for (int i = 0; i < KeyTiles * 4; ++i) {
        score[i / 4][i % 4] = score[i / 4][i % 4] * inner;
    }
    if (w.p.soft_cap > 0.0f) {
        PB_UNROLL
        for (int i = 0; i < KeyTiles * 4; ++i) {
            score[i / 4][i % 4] = w.p.soft_cap * kLog2E * tanh_fast(score[i / 4][i % 4]);
        }
    }
    if (slope != 0.0f) {
        PB_UNROLL
        for (int i = 0; i < KeyTiles * 4; ++i) {
            const int32_t distance = tile + i / 4 * 8 + 2 * t + i % 2 - (position + i % 4 / 2 * 8);
            score[i / 4][i % 4] = fmaf(slope, static_cast<float>(distance), score[i / 4][i % 4]);
        }
    }
    if (hides) {
        PB_UNROLL
        for (int i = 0; i < KeyTiles * 4; ++i) {
            const int32_t key = tile + i / 4 * 8 + 2 * t + i % 2;
            const int32_t query = position + i % 4 / 2 * 8;
            const bool visible = key <= query && key >= first_visible(w.p, query);
            score[i / 4][i % 4] = visible ? score[i / 4][i % 4] : kHiddenScore;
        }
    }
}

/* Scores to weights 2^(score - most), which go into the sums; z is rescaled. */
template <int KeyTiles, int ValueTiles>
__device__ __forceinline__ void take_softmax(const work &w, int32_t tile, int t, online_softmax (&softmax)[kRowsOfThread],
                                             top_two (&top)[kRowsOfThread], float (&score)[KeyTiles][4],
                                             float (&z)[ValueTiles][4]) {
    PB_UNROLL
    for (int r = 0; r < kRowsOfThread; ++r) {
        float most = kHiddenScore;
        PB_UNROLL
        for (int j = 0; j < KeyTiles; ++j) {
            most = fmaxf(most, fmaxf(score[j][2 * r], score[j][2 * r + 1]));
        }
        most = quad_max(most);
        /* Later tiles seldom have one of the two largest. */
        if (w.p.top_value != nullptr && __any_sync(kFullWarp, most > top[r].second)) {
            PB_UNROLL
            for (int i = 0; i < KeyTiles * 2; ++i) {
                top[r].add(score[i / 2][2 * r + i % 2], tile + i / 2 * 8 + 2 * t + i % 2);
            }
            top[r].merge(1);
            top[r].merge(2);
        }
        const float factor = softmax[r].rescale(most);
        PB_UNROLL
        for (int n = 0; n < ValueTiles; ++n) {
            z[n][2 * r] = z[n][2 * r] * factor;
            z[n][2 * r + 1] = z[n][2 * r + 1] * factor;
        }
        PB_UNROLL
        for (int i = 0; i < KeyTiles * 2; ++i) {
            float &x = score[i / 2][2 * r + i % 2];
            const float below = x - softmax[r].most;
            x = exp2_fast(below);
            softmax[r].total = softmax[r].total + x;
            softmax[r].slope = fmaf(x, below, softmax[r].slope);
        }
    }
}

/* All numbers of the thread's query r. `present`: the query exists. All lanes take part. */
template <int ValueTiles>
__device__ __forceinline__ void write_query(const work &w, int32_t in_block, int r, int t, online_softmax softmax,
                                            const top_two &top, const float (&z)[ValueTiles][4]) {
    const pb_cuda_attention_bf16 &p = w.p;
    float factor = 1.0f;
    float sink = 0.0f;
    if (p.sinks != nullptr) {
        factor = softmax.rescale(p.sinks[w.head] * kLog2E);
        sink = exp2_fast(p.sinks[w.head] * kLog2E - softmax.most);
    }
    const float of_keys = quad_sum(softmax.total);
    const float slope = quad_sum(softmax.slope);
    if (in_block >= w.queries) {
        return;
    }
    const float total = of_keys + sink;
    const float log_total = logf(total) * kLog2E;
    const int64_t token = static_cast<int64_t>(w.row.token) + w.first_query + in_block;
    const int64_t at = token * p.heads + w.head;
    if (t == 0) {
        p.lse[at] = (softmax.most + log_total) * kLn2;
        if (p.entropy != nullptr) {
            p.entropy[at] = (log_total * of_keys - slope) / total * kLn2;
        }
        if (p.top_value != nullptr) {
            p.top_value[2 * at] = exp2_fast(top.first - softmax.most - log_total);
            p.top_value[2 * at + 1] = exp2_fast(top.second - softmax.most - log_total); /* 0 where there is none */
            p.top_index[2 * at] = top.first_key;
            p.top_index[2 * at + 1] = top.second_key;
        }
    }
    const float share = factor / total;
    const int64_t to = token * p.z_stride + static_cast<int64_t>(w.head) * p.d_head;
    PB_UNROLL
    for (int n = 0; n < ValueTiles; ++n) {
        if (n * 8 < p.d_head) {
            const float x = z[n][2 * r] * share;
            const float y = z[n][2 * r + 1] * share;
            const int64_t column = to + n * 8 + 2 * t;
            if (p.z_type == PB_CUDA_BFLOAT16) {
                *reinterpret_cast<uint32_t *>(static_cast<uint16_t *>(p.z) + column) = bfloat16_pair(x, y);
            } else {
                *reinterpret_cast<float2 *>(static_cast<float *>(p.z) + column) = make_float2(x, y);
            }
        }
    }
}

template <int DHead> __device__ __forceinline__ void run(const pb_cuda_attention_bf16 &p) {
    using s = shape<DHead>;
    const pb_cuda_attention_block block = p.blocks[blockIdx.x];
    const pb_row row = p.rows[block.row];
    const auto head = static_cast<int32_t>(blockIdx.y);
    const int32_t left = row.length - block.query;
    const int32_t queries = left < kAttentionBf16Queries ? left : kAttentionBf16Queries;
    const int32_t first_position = row.start + block.query;
    const work w{p,       row, head, head / (p.heads / p.kv_heads), block.query, queries, first_visible(p, first_position),
                 first_position + queries};
    const int warp = static_cast<int>(threadIdx.x) / kWarp;
    const uint32_t lane = threadIdx.x % kWarp;
    const int t = static_cast<int>(lane) % 4;
    const int32_t warp_first = first_position + warp * kWarpQueries; /* positions of the warp's queries */
    const int32_t warp_last = warp_first + kWarpQueries - 1;
    const bool idle = warp * kWarpQueries >= queries;
    const int32_t position = warp_first + static_cast<int32_t>(lane) / 4;

    online_softmax softmax[kRowsOfThread];
    top_two top[kRowsOfThread];
    float z[s::kValueTiles][4] = {};
    uint32_t q[s::kKeepsQ ? s::kSteps : 1][4];
    PB_UNROLL
    for (int r = 0; r < kRowsOfThread; ++r) {
        softmax[r].clear();
        top[r].clear();
    }
    const int32_t first_tile = w.first_key / s::kKeys * s::kKeys;
    copy_queries<DHead>(w); /* of the group of the first keys */
    copy_keys<DHead>(w, first_tile);
    copy_values<DHead>(w, first_tile);
    for (int32_t tile = first_tile; tile < w.end; tile += s::kKeys) {
        const uint32_t stage = static_cast<uint32_t>(tile / s::kKeys) % 2 * s::kAt.stage;
        const bool sees = !idle && tile <= warp_last && tile + s::kKeys > first_visible(p, warp_first);
        const bool hides = tile + s::kKeys - 1 > warp_first || tile < first_visible(p, warp_last);
        float score[s::kKeyTiles][4];
        copy_keys<DHead>(w, tile + s::kKeys);
        wait_for_copies<2>();
        __syncthreads();
        if constexpr (s::kKeepsQ) {
            if (tile == first_tile) {
                PB_UNROLL
                for (int step = 0; step < s::kSteps; ++step) {
                    load_q<DHead>(warp, lane, step, q[step]);
                }
            }
        }
        if (sees) {
            multiply_keys<DHead>(s::kAt.keys + stage, warp, lane, q, score);
            finish_scores(w, tile, position, t, hides, score);
            take_softmax(w, tile, t, softmax, top, score, z);
        }
        copy_values<DHead>(w, tile + s::kKeys);
        wait_for_copies<2>();
        __syncthreads();
        if (sees) {
            multiply_values<DHead>(s::kAt.values + stage, lane, score, z);
        }
    }
    PB_UNROLL
    for (int r = 0; r < kRowsOfThread; ++r) {
        write_query(w, warp * kWarpQueries + static_cast<int>(lane) / 4 + 8 * r, r, t, softmax[r], top[r], z);
    }
}

} // namespace pb::attention_bf16

PB_KERNEL(attention_bf16_d32, pb_cuda_attention_bf16, 128) { pb::attention_bf16::run<32>(p); }
PB_KERNEL(attention_bf16_d64, pb_cuda_attention_bf16, 128) { pb::attention_bf16::run<64>(p); }
PB_KERNEL(attention_bf16_d96, pb_cuda_attention_bf16, 128) { pb::attention_bf16::run<96>(p); }
PB_KERNEL(attention_bf16_d128, pb_cuda_attention_bf16, 128) { pb::attention_bf16::run<128>(p); }
PB_KERNEL(attention_bf16_d256, pb_cuda_attention_bf16, 128) { pb::attention_bf16::run<256>(p); }
