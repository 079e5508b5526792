/* This instruction set's table, and the benchmark's register-only loop. */
#include "kernel_names.h"

namespace PB_KERNEL_NAMESPACE {

/* Twelve independent chains of whole registers: more than latency times ports of any processor with two fma ports. */
int64_t fma_peak(int64_t iterations, float *sink) {
#if defined(__AVX512F__)
    using reg = __m512;
    const reg factor = _mm512_set1_ps(0.999f);
#else
    using reg = __m256;
    const reg factor = _mm256_set1_ps(0.999f);
#endif
    constexpr int chains = 12;
    constexpr int64_t width = sizeof(reg) / sizeof(float);
    reg sum[chains];
#pragma GCC unroll 12
    for (int c = 0; c < chains; ++c) {
        sum[c] = factor;
    }
    for (int64_t i = 0; i < iterations; ++i) {
#pragma GCC unroll 12
        for (int c = 0; c < chains; ++c) {
#if defined(__AVX512F__)
            sum[c] = _mm512_fmadd_ps(sum[c], factor, factor);
            asm volatile("" : "+v"(sum[c])); /* keeps the chain, costs no instruction */
#else
            sum[c] = _mm256_fmadd_ps(sum[c], factor, factor);
            asm volatile("" : "+x"(sum[c]));
#endif
        }
    }
    reg all = factor;
#pragma GCC unroll 12
    for (int c = 0; c < chains; ++c) {
        all += sum[c];
    }
    *sink += all[0];
    return iterations * chains * width * 2;
}

extern const kernels table = {gemm,    gemm_chosen, attention, norm,     rope,      activation,
                              combine, log_softmax, route,     mix,      edit,      fma_peak,
                              elementary};

} // namespace PB_KERNEL_NAMESPACE
