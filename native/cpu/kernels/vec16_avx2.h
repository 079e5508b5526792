/* vec16 on AVX2 and FMA: two registers. Included by vec16.h only; vec16_avx512.h offers the same names. */
#ifndef PATCHBAY_CPU_VEC16_AVX2_H
#define PATCHBAY_CPU_VEC16_AVX2_H

namespace patchbay::avx2 {

struct vec16 {
    __m256 lo, hi;
};
/* All bits of a lane are set where it is true. */
struct mask16 {
    __m256 lo, hi;
};

PB_INLINE vec16 set(float x) { return {_mm256_set1_ps(x), _mm256_set1_ps(x)}; }
PB_INLINE vec16 load(const float *p) { return {_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)}; }
PB_INLINE void store(float *p, vec16 v) {
    _mm256_storeu_ps(p, v.lo);
    _mm256_storeu_ps(p + 8, v.hi);
}

PB_INLINE mask16 first_lanes(int64_t n) {
    const int clamped = n >= 16 ? 16 : n <= 0 ? 0 : static_cast<int>(n);
    const __m256i count = _mm256_set1_epi32(clamped);
    const __m256i lanes = _mm256_set_epi32(7, 6, 5, 4, 3, 2, 1, 0);
    return {_mm256_castsi256_ps(_mm256_cmpgt_epi32(count, lanes)),
            _mm256_castsi256_ps(_mm256_cmpgt_epi32(count, _mm256_add_epi32(lanes, _mm256_set1_epi32(8))))};
}
PB_INLINE mask16 both(mask16 a, mask16 b) { return {_mm256_and_ps(a.lo, b.lo), _mm256_and_ps(a.hi, b.hi)}; }
/* b and not a */
PB_INLINE mask16 and_not(mask16 a, mask16 b) { return {_mm256_andnot_ps(a.lo, b.lo), _mm256_andnot_ps(a.hi, b.hi)}; }
PB_INLINE bool any(mask16 m) { return (_mm256_movemask_ps(m.lo) | _mm256_movemask_ps(m.hi)) != 0; }

PB_INLINE vec16 load_part(const float *p, int64_t n) {
    const mask16 m = first_lanes(n);
    return {_mm256_maskload_ps(p, _mm256_castps_si256(m.lo)), _mm256_maskload_ps(p + 8, _mm256_castps_si256(m.hi))};
}
PB_INLINE void store_part(float *p, vec16 v, int64_t n) {
    const mask16 m = first_lanes(n);
    _mm256_maskstore_ps(p, _mm256_castps_si256(m.lo), v.lo);
    _mm256_maskstore_ps(p + 8, _mm256_castps_si256(m.hi), v.hi);
}

PB_INLINE vec16 add(vec16 a, vec16 b) { return {_mm256_add_ps(a.lo, b.lo), _mm256_add_ps(a.hi, b.hi)}; }
PB_INLINE vec16 sub(vec16 a, vec16 b) { return {_mm256_sub_ps(a.lo, b.lo), _mm256_sub_ps(a.hi, b.hi)}; }
PB_INLINE vec16 mul(vec16 a, vec16 b) { return {_mm256_mul_ps(a.lo, b.lo), _mm256_mul_ps(a.hi, b.hi)}; }
PB_INLINE vec16 div(vec16 a, vec16 b) { return {_mm256_div_ps(a.lo, b.lo), _mm256_div_ps(a.hi, b.hi)}; }
/* Both return b where either is a NaN. */
PB_INLINE vec16 min(vec16 a, vec16 b) { return {_mm256_min_ps(a.lo, b.lo), _mm256_min_ps(a.hi, b.hi)}; }
PB_INLINE vec16 max(vec16 a, vec16 b) { return {_mm256_max_ps(a.lo, b.lo), _mm256_max_ps(a.hi, b.hi)}; }
PB_INLINE vec16 fma(vec16 a, vec16 b, vec16 c) {
    return {_mm256_fmadd_ps(a.lo, b.lo, c.lo), _mm256_fmadd_ps(a.hi, b.hi, c.hi)};
}
/* c - a * b */
PB_INLINE vec16 fnma(vec16 a, vec16 b, vec16 c) {
    return {_mm256_fnmadd_ps(a.lo, b.lo, c.lo), _mm256_fnmadd_ps(a.hi, b.hi, c.hi)};
}

PB_INLINE mask16 less(vec16 a, vec16 b) {
    return {_mm256_cmp_ps(a.lo, b.lo, _CMP_LT_OQ), _mm256_cmp_ps(a.hi, b.hi, _CMP_LT_OQ)};
}
PB_INLINE mask16 equal(vec16 a, vec16 b) {
    return {_mm256_cmp_ps(a.lo, b.lo, _CMP_EQ_OQ), _mm256_cmp_ps(a.hi, b.hi, _CMP_EQ_OQ)};
}
/* Lane i: i < n and p[i] == x; reads only the first n. */
PB_INLINE mask16 equal_integers(const int32_t *p, int64_t n, int32_t x) {
    const mask16 read = first_lanes(n);
    const __m256i value = _mm256_set1_epi32(x);
    const __m256i lo = _mm256_maskload_epi32(p, _mm256_castps_si256(read.lo));
    const __m256i hi = _mm256_maskload_epi32(p + 8, _mm256_castps_si256(read.hi));
    return both(read, {_mm256_castsi256_ps(_mm256_cmpeq_epi32(lo, value)),
                       _mm256_castsi256_ps(_mm256_cmpeq_epi32(hi, value))});
}
/* m ? a : b */
PB_INLINE vec16 select(mask16 m, vec16 a, vec16 b) {
    return {_mm256_blendv_ps(b.lo, a.lo, m.lo), _mm256_blendv_ps(b.hi, a.hi, m.hi)};
}

PB_INLINE vec16 bits_and(vec16 a, vec16 b) { return {_mm256_and_ps(a.lo, b.lo), _mm256_and_ps(a.hi, b.hi)}; }
PB_INLINE vec16 bits_or(vec16 a, vec16 b) { return {_mm256_or_ps(a.lo, b.lo), _mm256_or_ps(a.hi, b.hi)}; }
PB_INLINE vec16 set_bits(int32_t x) {
    const __m256 v = _mm256_castsi256_ps(_mm256_set1_epi32(x));
    return {v, v};
}

PB_INLINE vec16 round_to_even(vec16 v) {
    return {_mm256_round_ps(v.lo, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC),
            _mm256_round_ps(v.hi, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
}

PB_INLINE __m256 times_power_of_two_half(__m256 v, __m256 n) {
    const __m256i whole = _mm256_cvtps_epi32(n);
    const __m256i half = _mm256_srai_epi32(whole, 1);
    const __m256i bias = _mm256_set1_epi32(127);
    const __m256i a = _mm256_slli_epi32(_mm256_add_epi32(half, bias), 23);
    const __m256i b = _mm256_slli_epi32(_mm256_add_epi32(_mm256_sub_epi32(whole, half), bias), 23);
    return _mm256_mul_ps(_mm256_mul_ps(v, _mm256_castsi256_ps(a)), _mm256_castsi256_ps(b));
}
/* v * 2^n for whole n of -252..254, in two exact steps and one rounding. */
PB_INLINE vec16 times_power_of_two(vec16 v, vec16 n) {
    return {times_power_of_two_half(v.lo, n.lo), times_power_of_two_half(v.hi, n.hi)};
}

/* The exponent field of positive normal lanes as a float, bias kept. */
PB_INLINE vec16 exponent_field(vec16 v) {
    return {_mm256_cvtepi32_ps(_mm256_srli_epi32(_mm256_castps_si256(v.lo), 23)),
            _mm256_cvtepi32_ps(_mm256_srli_epi32(_mm256_castps_si256(v.hi), 23))};
}

/* a0 a0 a1 a1 ... a7 a7 of eight floats. */
PB_INLINE vec16 load_doubled(const float *p) {
    const __m256 v = _mm256_loadu_ps(p);
    return {_mm256_permutevar8x32_ps(v, _mm256_set_epi32(3, 3, 2, 2, 1, 1, 0, 0)),
            _mm256_permutevar8x32_ps(v, _mm256_set_epi32(7, 7, 6, 6, 5, 5, 4, 4))};
}
/* Neighbours swapped: 1 0 3 2 ... */
PB_INLINE vec16 swap_neighbours(vec16 v) { return {_mm256_permute_ps(v.lo, 0xb1), _mm256_permute_ps(v.hi, 0xb1)}; }

PB_INLINE __m256 halves_added(vec16 v) { return _mm256_add_ps(v.lo, v.hi); }
PB_INLINE __m256 halves_max(vec16 v) { return _mm256_max_ps(v.lo, v.hi); }
PB_INLINE __m128 low_quarter(vec16 v) { return _mm256_castps256_ps128(v.lo); }

/* The steps 8 and 4 of the tree for two vectors, side by side. */
PB_INLINE __m256 join_quarters(vec16 a, vec16 b) {
    const __m256 x = halves_added(a);
    const __m256 y = halves_added(b);
    return _mm256_add_ps(_mm256_permute2f128_ps(x, y, 0x20), _mm256_permute2f128_ps(x, y, 0x31));
}
PB_INLINE __m256 sum_lanes_of_8(const vec16 *v) {
    const __m256 g0 = join_quarters(v[0], v[4]);
    const __m256 g1 = join_quarters(v[1], v[5]);
    const __m256 g2 = join_quarters(v[2], v[6]);
    const __m256 g3 = join_quarters(v[3], v[7]);
    const __m256 g01 = _mm256_add_ps(_mm256_shuffle_ps(g0, g1, 0x44), _mm256_shuffle_ps(g0, g1, 0xee));
    const __m256 g23 = _mm256_add_ps(_mm256_shuffle_ps(g2, g3, 0x44), _mm256_shuffle_ps(g2, g3, 0xee));
    return _mm256_add_ps(_mm256_shuffle_ps(g01, g23, 0x88), _mm256_shuffle_ps(g01, g23, 0xdd));
}

/* Lane i of the result is sum_lanes(v[i]), by the same tree, for a third of the work. */
PB_INLINE vec16 sum_lanes_of_16(const vec16 *v) { return {sum_lanes_of_8(v), sum_lanes_of_8(v + 8)}; }

} // namespace patchbay::avx2

#endif
