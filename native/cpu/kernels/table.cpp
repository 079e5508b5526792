/* This instruction set's table, and the benchmark's register-only loop. */
#include "kernel_names.h"

namespace PB_KERNEL_NAMESPACE {

/* Twelve 64-byte or twelve 32-byte chains: more than latency times issue width of any processor with two fma ports. */
int64_t fma_peak(int64_t iterations, float *sink) {
#if defined(__AVX512F__)
    using reg = __m512;
    constexpr int64_t width = 16;
    const reg factor = _mm512_set1_ps(0.999f);
#define PB_STEP(r) r = _mm512_fmadd_ps(r, factor, factor)
#define PB_KEEP(r) asm volatile("" : "+v"(r))
#else
    using reg = __m256;
    constexpr int64_t width = 8;
    const reg factor = _mm256_set1_ps(0.999f);
#define PB_STEP(r) r = _mm256_fmadd_ps(r, factor, factor)
#define PB_KEEP(r) asm volatile("" : "+x"(r))
#endif
    constexpr int chains = 12;
    reg sum[chains];
    for (auto &s : sum) {
        s = factor;
    }
    for (int64_t i = 0; i < iterations; ++i) {
#pragma GCC unroll 12
        for (int c = 0; c < chains; ++c) {
            PB_STEP(sum[c]);
        }
#pragma GCC unroll 12
        for (int c = 0; c < chains; ++c) {
            PB_KEEP(sum[c]);
        }
    }
#undef PB_STEP
#undef PB_KEEP
    for (const reg &s : sum) {
        float lanes[width];
        __builtin_memcpy(lanes, &s, sizeof lanes);
        *sink += lanes[0];
    }
    return iterations * chains * width * 2;
}

extern const kernels table = {gemm,    gemm_chosen, attention, norm,     rope,      activation,
                              combine, log_softmax, edit,      fma_peak, elementary};

} // namespace PB_KERNEL_NAMESPACE
