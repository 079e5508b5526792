/*
 * Scores of a block of queries: 2 d_head FLOPs a pair. A dot product runs in 16 virtual lanes over d_head; sixteen of them
 * are joined at once by the fixed tree. Several queries share the loads of a tile of 16 keys.
 */
#ifndef PATCHBAY_CPU_ATTENTION_SCORES_H
#define PATCHBAY_CPU_ATTENTION_SCORES_H

#include "attention_view.h"
#include "vec_math.h"

namespace PB_KERNEL_NAMESPACE {

#if defined(__AVX512F__)
constexpr int kPairKeys = 8;    /* 2 queries x 8 keys in registers */
constexpr int kSingleKeys = 16; /* 1 query x 16 keys */
#else
constexpr int kPairKeys = 2;
constexpr int kSingleKeys = 4;
#endif

/* lanes[q][k]: the 16 unjoined lanes of queries[q] . keys[k]. */
template <int Q, int K>
PB_INLINE void dot_lanes(const float *const *queries, const float *const *keys, int64_t d_head,
                         vec16 (*lanes)[kLanes]) {
    for (int first = 0; first < kLanes; first += K) {
        vec16 sum[Q][K];
#pragma GCC unroll 2
        for (int q = 0; q < Q; ++q) {
#pragma GCC unroll 16
            for (int k = 0; k < K; ++k) {
                sum[q][k] = zero();
            }
        }
        int64_t d = 0;
        for (; d + kLanes <= d_head; d += kLanes) {
            vec16 x[Q];
#pragma GCC unroll 2
            for (int q = 0; q < Q; ++q) {
                x[q] = load(queries[q] + d);
            }
#pragma GCC unroll 16
            for (int k = 0; k < K; ++k) {
                const vec16 y = load(keys[first + k] + d);
#pragma GCC unroll 2
                for (int q = 0; q < Q; ++q) {
                    sum[q][k] = fma(x[q], y, sum[q][k]);
                }
            }
        }
        if (d < d_head) {
#pragma GCC unroll 2
            for (int q = 0; q < Q; ++q) {
                const vec16 x = load_part(queries[q] + d, d_head - d);
#pragma GCC unroll 16
                for (int k = 0; k < K; ++k) {
                    sum[q][k] = fma(x, load_part(keys[first + k] + d, d_head - d), sum[q][k]);
                }
            }
        }
#pragma GCC unroll 2
        for (int q = 0; q < Q; ++q) {
#pragma GCC unroll 16
            for (int k = 0; k < K; ++k) {
                lanes[q][first + k] = sum[q][k];
            }
        }
    }
}

/* From 16 dot products to the scores a query sees; -inf for the keys it does not. */
PB_INLINE vec16 finish_scores(const attention_view &view, int64_t query, int64_t tile, const vec16 *lanes) {
    const pb_attention &params = view.params;
    const int64_t position = view.position(query);
    vec16 score = sum_lanes_of_16(lanes) * set(params.scale);
    if (params.soft_cap > 0.0f) {
        score = set(params.soft_cap) * hyperbolic_tangent(score / set(params.soft_cap));
    }
    if (params.alibi_positions > 0) {
        score = score + load(params.alibi_slopes + view.head * int64_t{params.alibi_positions} + tile);
    } else if (params.alibi_slopes != nullptr) {
        const vec16 distance = lane_numbers() + set(static_cast<float>(tile - position));
        score = fma(set(params.alibi_slopes[view.head]), distance, score);
    }
    const mask16 visible = lanes_between(view.first_key(query) - tile, position + 1 - tile);
    return select(visible, score, set(-__builtin_inff()));
}

PB_INLINE void score_block(const attention_view &view) {
    const int64_t end = view.task.query_end;
    for (int64_t tile = view.first_tile; tile <= view.last_key; tile += kLanes) {
        /* Behind the last key the tile repeats it: nothing outside the row is read, and -inf replaces the result. */
        const float *keys[kLanes];
        for (int64_t k = 0; k < kLanes; ++k) {
            keys[k] = view.key_vector(least(tile + k, view.last_key));
        }
        vec16 lanes[2][kLanes];
        int64_t query = view.task.query_begin;
        while (query < end && view.position(query) < tile) {
            ++query; /* not yet there */
        }
        for (; query + 2 <= end; query += 2) {
            const float *queries[2] = {view.query_vector(query), view.query_vector(query + 1)};
            dot_lanes<2, kPairKeys>(queries, keys, view.params.d_head, lanes);
            store(view.score(query, tile), finish_scores(view, query, tile, lanes[0]));
            store(view.score(query + 1, tile), finish_scores(view, query + 1, tile, lanes[1]));
        }
        if (query < end) {
            const float *queries[1] = {view.query_vector(query)};
            dot_lanes<1, kSingleKeys>(queries, keys, view.params.d_head, lanes);
            store(view.score(query, tile), finish_scores(view, query, tile, lanes[0]));
        }
    }
}

} // namespace PB_KERNEL_NAMESPACE

#endif
