/*
 * z of a block of queries: z = sum over the visible keys, ascending, by fma of pattern * value; 2 d_head FLOPs a pair.
 * Q queries x C chunks of 16 elements keep their sums in registers and share each value's load. Keys that only some of the
 * queries see (the ends of the block's range) are tested one by one: a value a query does not see is never multiplied.
 */
#ifndef PATCHBAY_CPU_ATTENTION_VALUES_H
#define PATCHBAY_CPU_ATTENTION_VALUES_H

#include "attention_view.h"

namespace PB_KERNEL_NAMESPACE {

#if defined(__AVX512F__)
constexpr int kValueQueries = 4;
constexpr int kValueChunks = 4;
#else
constexpr int kValueQueries = 2;
constexpr int kValueChunks = 2;
#endif

template <int Q, int C, bool Part> struct value_block {
    const attention_view &view;
    int64_t query;
    int64_t element; /* first element of the head's vector */
    int64_t width;   /* elements of the one chunk when Part */
    vec16 sum[Q][C];

    __attribute__((always_inline)) static vec16 read(const float *p, int64_t width) { return Part ? load_part(p, width) : load(p); }

    /* Keys [from, to), all base or all own. */
    template <bool Tested> __attribute__((always_inline)) void add_range(int64_t from, int64_t to) {
        if (from >= to) {
            return;
        }
        const int64_t stride = from < view.row.start ? view.params.base_v_stride : view.params.v_stride;
        const float *value = view.value_vector(from) + element;
        const float *pattern = view.score(query, from);
        const int64_t pattern_stride = view.task.score_stride;
        for (int64_t key = from; key < to; ++key, value += stride, ++pattern) {
            vec16 v[C];
#pragma GCC unroll 4
            for (int c = 0; c < C; ++c) {
                v[c] = read(value + c * kLanes, width);
            }
#pragma GCC unroll 4
            for (int q = 0; q < Q; ++q) {
                if (!Tested || (view.first_key(query + q) <= key && key <= view.position(query + q))) {
                    const vec16 weight = set(pattern[q * pattern_stride]);
#pragma GCC unroll 4
                    for (int c = 0; c < C; ++c) {
                        sum[q][c] = fma(weight, v[c], sum[q][c]);
                    }
                }
            }
        }
    }

    template <bool Tested> __attribute__((always_inline)) void add_keys(int64_t from, int64_t to) {
        const int64_t border = greatest(from, least(to, view.row.start));
        add_range<Tested>(from, border);
        add_range<Tested>(border, to);
    }

    __attribute__((always_inline)) void run() {
#pragma GCC unroll 4
        for (int q = 0; q < Q; ++q) {
#pragma GCC unroll 4
            for (int c = 0; c < C; ++c) {
                sum[q][c] = zero();
            }
        }
        const int64_t begin = view.first_key(query);
        const int64_t end = view.position(query + Q - 1) + 1;
        /* [shared, common) is seen by all Q queries; empty where the window is shorter than the block. */
        const int64_t shared = least(view.first_key(query + Q - 1), end);
        const int64_t common = greatest(shared, view.position(query) + 1);
        if (Q > 1 && begin < shared) {
            add_keys<true>(begin, shared);
        }
        if (Q > 1 && shared > view.position(query)) {
            add_keys<true>(shared, end);
        } else {
            add_keys<false>(shared, common);
            if (Q > 1) {
                add_keys<true>(common, end);
            }
        }
#pragma GCC unroll 4
        for (int q = 0; q < Q; ++q) {
            float *z = view.params.z + view.token(query + q) * view.params.z_stride +
                       static_cast<int64_t>(view.head) * view.params.d_head + element;
#pragma GCC unroll 4
            for (int c = 0; c < C; ++c) {
                if (Part) {
                    store_part(z, sum[q][c], width);
                } else {
                    store(z + c * kLanes, sum[q][c]);
                }
            }
        }
    }
};

template <int Q> PB_INLINE void add_values(const attention_view &view, int64_t query) {
    const int64_t d_head = view.params.d_head;
    int64_t d = 0;
    for (; d + kValueChunks * kLanes <= d_head; d += kValueChunks * kLanes) {
        value_block<Q, kValueChunks, false>{view, query, d, kLanes, {}}.run();
    }
    for (; d + kLanes <= d_head; d += kLanes) {
        value_block<Q, 1, false>{view, query, d, kLanes, {}}.run();
    }
    if (d < d_head) {
        value_block<Q, 1, true>{view, query, d, d_head - d, {}}.run();
    }
}

PB_INLINE void value_rows(const attention_view &view) {
    int64_t query = view.task.query_begin;
    for (; query + kValueQueries <= view.task.query_end; query += kValueQueries) {
        add_values<kValueQueries>(view, query);
    }
    for (; query < view.task.query_end; ++query) {
        add_values<1>(view, query);
    }
}

} // namespace PB_KERNEL_NAMESPACE

#endif
