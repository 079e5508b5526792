/*
 * Chosen elements of a product, with the bits of gemm: one accumulator an element, k ascending, bias after. An element is
 * a chain of dependent fma, so kChains independent elements run side by side. Elements come in the order of their columns:
 * neighbours read the same cache lines of the weight.
 */
#include "kernel_names.h"

namespace PB_KERNEL_NAMESPACE {

namespace {

constexpr int64_t kChains = 8;

template <int64_t N> PB_INLINE void chains(const pb_gemm_chosen &params, const int64_t *order) {
    const float *x[N];
    const float *weight[N];
    float sum[N];
    for (int64_t i = 0; i < N; ++i) {
        const int64_t column = params.column[order[i]];
        x[i] = params.x + params.row[order[i]] * params.x_stride;
        weight[i] = params.weight + column / kPanel * params.inner * kPanel + column % kPanel;
        sum[i] = 0.0f;
    }
    for (int64_t k = 0; k < params.inner; ++k) {
#pragma GCC unroll 8
        for (int64_t i = 0; i < N; ++i) {
            sum[i] = __builtin_fmaf(x[i][k], weight[i][k * kPanel], sum[i]);
        }
    }
    for (int64_t i = 0; i < N; ++i) {
        params.out[order[i]] = params.bias == nullptr ? sum[i] : sum[i] + params.bias[params.column[order[i]]];
    }
}

} // namespace

void gemm_chosen(const pb_gemm_chosen &params, const int64_t *order, int64_t begin, int64_t end) {
    int64_t i = begin;
    for (; i + kChains <= end; i += kChains) {
        chains<kChains>(params, order + i);
    }
    for (; i < end; ++i) {
        chains<1>(params, order + i);
    }
}

} // namespace PB_KERNEL_NAMESPACE
