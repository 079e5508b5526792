/*
 * exp, log, tanh, erf and sigmoid on vec16, about 1-2 ulp, the same bits on both instruction sets because they are built
 * from the same roundings. Ranges and coefficients: Cephes (exp, log, tanh), N. Juffa's two-interval erf.
 */
#ifndef PATCHBAY_CPU_VEC_MATH_H
#define PATCHBAY_CPU_VEC_MATH_H

#include "vec16.h"

namespace PB_KERNEL_NAMESPACE {

PB_INLINE vec16 absolute(vec16 x) { return bits_and(x, set_bits(0x7fffffff)); }
PB_INLINE vec16 with_sign_of(vec16 magnitude, vec16 sign) {
    return bits_or(absolute(magnitude), bits_and(sign, set_bits(INT32_MIN)));
}

/* exp(-inf) = 0 and exp(0) = 1 exactly; results below the smallest subnormal are 0; a NaN stays a NaN. */
PB_INLINE vec16 exponential(vec16 x) {
    x = max(set(-110.0f), min(set(89.0f), x)); /* the NaN is the second operand, so it survives */
    const vec16 n = round_to_even(x * set(1.44269504088896341f));
    vec16 r = fnma(n, set(0.693359375f), x);
    r = fnma(n, set(-2.12194440e-4f), r);
    vec16 p = fma(set(1.9875691500e-4f), r, set(1.3981999507e-3f));
    p = fma(p, r, set(8.3334519073e-3f));
    p = fma(p, r, set(4.1665795894e-2f));
    p = fma(p, r, set(1.6666665459e-1f));
    p = fma(p, r, set(5.0000001201e-1f));
    return times_power_of_two(fma(p, r * r, r) + set(1.0f), n);
}

/* log(0) = -inf, log(x < 0) = NaN, log(inf) = inf; subnormals are exact to the same error. */
PB_INLINE vec16 logarithm(vec16 x) {
    const vec16 smallest_normal = set(1.17549435e-38f);
    const mask16 subnormal = less(x, smallest_normal);
    const vec16 scaled = select(subnormal, x * set(8388608.0f), x);
    /* mantissa in [0.5, 1) */
    const vec16 mantissa = bits_or(bits_and(scaled, set_bits(0x007fffff)), set_bits(0x3f000000));
    vec16 e = exponent_field(scaled) - select(subnormal, set(149.0f), set(126.0f));
    const mask16 low = less(mantissa, set(0.707106781186547524f));
    e = select(low, e - set(1.0f), e);
    const vec16 m = select(low, mantissa + mantissa, mantissa) - set(1.0f);
    const vec16 z = m * m;
    vec16 p = fma(set(7.0376836292e-2f), m, set(-1.1514610310e-1f));
    p = fma(p, m, set(1.1676998740e-1f));
    p = fma(p, m, set(-1.2420140846e-1f));
    p = fma(p, m, set(1.4249322787e-1f));
    p = fma(p, m, set(-1.6668057665e-1f));
    p = fma(p, m, set(2.0000714765e-1f));
    p = fma(p, m, set(-2.4999993993e-1f));
    p = fma(p, m, set(3.3333331174e-1f));
    vec16 y = p * m * z;
    y = fma(e, set(-2.12194440e-4f), y);
    y = fma(set(-0.5f), z, y);
    vec16 result = fma(e, set(0.693359375f), m + y);
    const vec16 infinity = set(__builtin_inff());
    result = select(less(x, infinity), result, x); /* inf and NaN */
    result = select(equal(x, zero()), zero() - infinity, result);
    return select(less(x, zero()), set(__builtin_nanf("")), result);
}

/* 1 / (1 + exp(-x)) times y: the rounding of the quotient is the only one after the exponential. */
PB_INLINE vec16 times_sigmoid(vec16 y, vec16 x) { return y / (set(1.0f) + exponential(zero() - x)); }

PB_INLINE vec16 hyperbolic_tangent(vec16 x) {
    const vec16 t = absolute(x);
    const vec16 s = x * x;
    vec16 p = fma(set(-5.70498872745e-3f), s, set(2.06390887954e-2f));
    p = fma(p, s, set(-5.37397155531e-2f));
    p = fma(p, s, set(1.33314422036e-1f));
    p = fma(p, s, set(-3.33332819422e-1f));
    const vec16 near = fma(p * s, x, x);
    const vec16 far = set(1.0f) - set(2.0f) / (exponential(t + t) + set(1.0f));
    return select(less(t, set(0.625f)), near, with_sign_of(far, x));
}

/* 1 + erf(x), without cancellation for negative x. */
PB_INLINE vec16 one_plus_erf(vec16 x) {
    const vec16 t = absolute(x);
    const vec16 s = x * x;
    vec16 p = fma(set(-5.96761703e-4f), s, set(4.99119423e-3f));
    p = fma(p, s, set(-2.67681349e-2f));
    p = fma(p, s, set(1.12819925e-1f));
    p = fma(p, s, set(-3.76125336e-1f));
    p = fma(p, s, set(1.28379166e-1f));
    const vec16 near = set(1.0f) + fma(p, x, x);
    vec16 r = fma(set(-1.72853470e-5f), t, set(3.83197126e-4f));
    r = fma(r, s, fma(set(-3.88396438e-3f), t, set(2.42546219e-2f)));
    r = fma(r, t, set(-1.06777877e-1f));
    r = fma(r, t, set(-6.34846687e-1f));
    r = fma(r, t, set(-1.28717512e-1f));
    const vec16 complement = exponential(fma(r, t, zero() - t));
    const vec16 far = select(less(x, zero()), complement, set(2.0f) - complement);
    return select(less(t, set(0.927734375f)), near, far);
}

/* Values of one lane. */
PB_INLINE float exponential(float x) { return first_lane(exponential(set(x))); }
PB_INLINE float logarithm(float x) { return first_lane(logarithm(set(x))); }

} // namespace PB_KERNEL_NAMESPACE

#endif
