/* vec16 on AVX-512: one register. Included by vec16.h only; vec16_avx2.h offers the same names. */
#ifndef PATCHBAY_CPU_VEC16_AVX512_H
#define PATCHBAY_CPU_VEC16_AVX512_H

namespace patchbay::avx512 {

struct vec16 {
    __m512 v;
};
struct mask16 {
    __mmask16 m;
};

PB_INLINE vec16 set(float x) { return {_mm512_set1_ps(x)}; }
PB_INLINE vec16 load(const float *p) { return {_mm512_loadu_ps(p)}; }
PB_INLINE void store(float *p, vec16 v) { _mm512_storeu_ps(p, v.v); }

PB_INLINE mask16 first_lanes(int64_t n) {
    return {static_cast<__mmask16>(n >= 16 ? 0xffff : n <= 0 ? 0 : (1 << n) - 1)};
}
PB_INLINE mask16 both(mask16 a, mask16 b) { return {static_cast<__mmask16>(a.m & b.m)}; }
/* b and not a */
PB_INLINE mask16 and_not(mask16 a, mask16 b) { return {static_cast<__mmask16>(~a.m & b.m)}; }
PB_INLINE bool any(mask16 m) { return m.m != 0; }

PB_INLINE vec16 load_part(const float *p, int64_t n) { return {_mm512_maskz_loadu_ps(first_lanes(n).m, p)}; }
PB_INLINE void store_part(float *p, vec16 v, int64_t n) { _mm512_mask_storeu_ps(p, first_lanes(n).m, v.v); }

PB_INLINE vec16 add(vec16 a, vec16 b) { return {_mm512_add_ps(a.v, b.v)}; }
PB_INLINE vec16 sub(vec16 a, vec16 b) { return {_mm512_sub_ps(a.v, b.v)}; }
PB_INLINE vec16 mul(vec16 a, vec16 b) { return {_mm512_mul_ps(a.v, b.v)}; }
PB_INLINE vec16 div(vec16 a, vec16 b) { return {_mm512_div_ps(a.v, b.v)}; }
/* Both return b where either is a NaN. */
PB_INLINE vec16 min(vec16 a, vec16 b) { return {_mm512_min_ps(a.v, b.v)}; }
PB_INLINE vec16 max(vec16 a, vec16 b) { return {_mm512_max_ps(a.v, b.v)}; }
PB_INLINE vec16 fma(vec16 a, vec16 b, vec16 c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }
/* c - a * b */
PB_INLINE vec16 fnma(vec16 a, vec16 b, vec16 c) { return {_mm512_fnmadd_ps(a.v, b.v, c.v)}; }

PB_INLINE mask16 less(vec16 a, vec16 b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_LT_OQ)}; }
PB_INLINE mask16 equal(vec16 a, vec16 b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_EQ_OQ)}; }
/* Lane i: i < n and p[i] == x; reads only the first n. */
PB_INLINE mask16 equal_integers(const int32_t *p, int64_t n, int32_t x) {
    const __mmask16 read = first_lanes(n).m;
    return {_mm512_mask_cmpeq_epi32_mask(read, _mm512_maskz_loadu_epi32(read, p), _mm512_set1_epi32(x))};
}
/* m ? a : b */
PB_INLINE vec16 select(mask16 m, vec16 a, vec16 b) { return {_mm512_mask_blend_ps(m.m, b.v, a.v)}; }

PB_INLINE vec16 bits_and(vec16 a, vec16 b) { return {_mm512_and_ps(a.v, b.v)}; }
PB_INLINE vec16 bits_or(vec16 a, vec16 b) { return {_mm512_or_ps(a.v, b.v)}; }
PB_INLINE vec16 set_bits(int32_t x) { return {_mm512_castsi512_ps(_mm512_set1_epi32(x))}; }

PB_INLINE vec16 round_to_even(vec16 v) {
    return {_mm512_roundscale_ps(v.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
}

/* v * 2^n for whole n of -252..254, in two exact steps and one rounding. */
PB_INLINE vec16 times_power_of_two(vec16 v, vec16 n) {
    const __m512i whole = _mm512_cvtps_epi32(n.v);
    const __m512i half = _mm512_srai_epi32(whole, 1);
    const __m512i bias = _mm512_set1_epi32(127);
    const __m512i a = _mm512_slli_epi32(_mm512_add_epi32(half, bias), 23);
    const __m512i b = _mm512_slli_epi32(_mm512_add_epi32(_mm512_sub_epi32(whole, half), bias), 23);
    return {_mm512_mul_ps(_mm512_mul_ps(v.v, _mm512_castsi512_ps(a)), _mm512_castsi512_ps(b))};
}

/* The exponent field of positive normal lanes as a float, bias kept. */
PB_INLINE vec16 exponent_field(vec16 v) {
    return {_mm512_cvtepi32_ps(_mm512_srli_epi32(_mm512_castps_si512(v.v), 23))};
}

/* a0 a0 a1 a1 ... a7 a7 of eight floats. */
PB_INLINE vec16 load_doubled(const float *p) {
    const __m512i index = _mm512_set_epi32(7, 7, 6, 6, 5, 5, 4, 4, 3, 3, 2, 2, 1, 1, 0, 0);
    return {_mm512_permutexvar_ps(index, _mm512_castps256_ps512(_mm256_loadu_ps(p)))};
}
/* Neighbours swapped: 1 0 3 2 ... */
PB_INLINE vec16 swap_neighbours(vec16 v) { return {_mm512_permute_ps(v.v, 0xb1)}; }

PB_INLINE __m256 halves_added(vec16 v) {
    return _mm256_add_ps(_mm512_castps512_ps256(v.v), _mm512_extractf32x8_ps(v.v, 1));
}
PB_INLINE __m256 halves_max(vec16 v) {
    return _mm256_max_ps(_mm512_castps512_ps256(v.v), _mm512_extractf32x8_ps(v.v, 1));
}
PB_INLINE __m128 low_quarter(vec16 v) { return _mm512_castps512_ps128(v.v); }

/* Quarters A B C D of four vectors to [A+C+(B+D)] of each, side by side: the steps 8 and 4 of the tree. */
PB_INLINE __m512 join_quarters(vec16 a, vec16 b, vec16 c, vec16 d) {
    const __m512 ab = _mm512_add_ps(_mm512_shuffle_f32x4(a.v, b.v, 0x44), _mm512_shuffle_f32x4(a.v, b.v, 0xee));
    const __m512 cd = _mm512_add_ps(_mm512_shuffle_f32x4(c.v, d.v, 0x44), _mm512_shuffle_f32x4(c.v, d.v, 0xee));
    return _mm512_add_ps(_mm512_shuffle_f32x4(ab, cd, 0x88), _mm512_shuffle_f32x4(ab, cd, 0xdd));
}

/* Lane i of the result is sum_lanes(v[i]), by the same tree, for a third of the work. */
PB_INLINE vec16 sum_lanes_of_16(const vec16 *v) {
    const __m512 g0 = join_quarters(v[0], v[4], v[8], v[12]);
    const __m512 g1 = join_quarters(v[1], v[5], v[9], v[13]);
    const __m512 g2 = join_quarters(v[2], v[6], v[10], v[14]);
    const __m512 g3 = join_quarters(v[3], v[7], v[11], v[15]);
    const __m512 g01 = _mm512_add_ps(_mm512_shuffle_ps(g0, g1, 0x44), _mm512_shuffle_ps(g0, g1, 0xee));
    const __m512 g23 = _mm512_add_ps(_mm512_shuffle_ps(g2, g3, 0x44), _mm512_shuffle_ps(g2, g3, 0xee));
    return {_mm512_add_ps(_mm512_shuffle_ps(g01, g23, 0x88), _mm512_shuffle_ps(g01, g23, 0xdd))};
}

} // namespace patchbay::avx512

#endif
