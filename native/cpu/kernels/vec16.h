/*
 * vec16: sixteen float lanes, the only vector type of the kernels. Each kernel file is compiled once per instruction set;
 * PB_KERNEL_NAMESPACE names the copy. Both instruction sets offer the same operations with the same rounding, so the same
 * source gives the same bits. Kernel files use no standard library templates: a template instance compiled for AVX-512
 * must never be the one the linker keeps for everybody.
 */
#ifndef PATCHBAY_CPU_VEC16_H
#define PATCHBAY_CPU_VEC16_H

#include <immintrin.h>
#include <stdint.h>

#define PB_INLINE static inline __attribute__((always_inline))

#if defined(__AVX512F__)
#define PB_KERNEL_NAMESPACE patchbay::avx512
#include "vec16_avx512.h"
#else
#define PB_KERNEL_NAMESPACE patchbay::avx2
#include "vec16_avx2.h"
#endif

namespace PB_KERNEL_NAMESPACE {

constexpr int kLanes = 16;

PB_INLINE vec16 operator+(vec16 a, vec16 b) { return add(a, b); }
PB_INLINE vec16 operator-(vec16 a, vec16 b) { return sub(a, b); }
PB_INLINE vec16 operator*(vec16 a, vec16 b) { return mul(a, b); }
PB_INLINE vec16 operator/(vec16 a, vec16 b) { return div(a, b); }

PB_INLINE vec16 zero() { return set(0.0f); }

/* Lanes [begin, end) true; both are clamped to 0..16. */
PB_INLINE mask16 lanes_between(int64_t begin, int64_t end) { return and_not(first_lanes(begin), first_lanes(end)); }

/* 0, 1, ..., 15 */
PB_INLINE vec16 lane_numbers() {
    alignas(64) static const float numbers[kLanes] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    return load(numbers);
}

/* The tree 8, 4, 2, 1 over the lanes. */
PB_INLINE float sum_lanes(vec16 v) {
    const __m256 eight = halves_added(v);
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps(two, two, 1)));
}

PB_INLINE float max_lanes(vec16 v) {
    const __m256 eight = halves_max(v);
    const __m128 four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_max_ss(two, _mm_shuffle_ps(two, two, 1)));
}

PB_INLINE float first_lane(vec16 v) { return _mm_cvtss_f32(low_quarter(v)); }

/* One scalar through the hardware's square root: the same rounding as the vector form. */
PB_INLINE float square_root(float x) { return _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(x))); }

PB_INLINE int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
PB_INLINE int64_t greatest(int64_t a, int64_t b) { return a > b ? a : b; }

/* Loads a whole vector where 16 floats are left, else the rest with zeros behind it. */
PB_INLINE vec16 load_up_to(const float *p, int64_t left) { return left >= kLanes ? load(p) : load_part(p, left); }

PB_INLINE void store_up_to(float *p, vec16 v, int64_t left) {
    if (left >= kLanes) {
        store(p, v);
    } else {
        store_part(p, v, left);
    }
}

} // namespace PB_KERNEL_NAMESPACE

#endif
