/*
 * Activations (gated or not) and combinations: elementwise over rows, 8 to 16 bytes an element. The kind is chosen once a
 * row, outside the loop over its columns.
 */
#include "kernel_names.h"
#include "vec_math.h"

namespace PB_KERNEL_NAMESPACE {

namespace {

template <class F> PB_INLINE void map_row(const float *x, float *out, int64_t columns, F f) {
    int64_t i = 0;
    for (; i + kLanes <= columns; i += kLanes) {
        store(out + i, f(load(x + i)));
    }
    if (i < columns) {
        store_part(out + i, f(load_part(x + i, columns - i)), columns - i);
    }
}

template <class F> PB_INLINE void map_rows(const float *x, const float *y, float *out, int64_t columns, F f) {
    int64_t i = 0;
    for (; i + kLanes <= columns; i += kLanes) {
        store(out + i, f(load(x + i), load(y + i)));
    }
    if (i < columns) {
        store_part(out + i, f(load_part(x + i, columns - i), load_part(y + i, columns - i)), columns - i);
    }
}

template <class F>
PB_INLINE void activate_row(const float *x, const float *linear, float *out, int64_t columns, F act) {
    if (linear == nullptr) {
        map_row(x, out, columns, act);
    } else {
        map_rows(x, linear, out, columns, [&](vec16 a, vec16 b) { return act(a) * b; });
    }
}

PB_INLINE vec16 gelu_erf(vec16 x) { return set(0.5f) * x * one_plus_erf(x * set(0.70710678118654752f)); }

/* 0.5 x (1 + tanh(u)) is x sigmoid(2u). */
PB_INLINE vec16 gelu_tanh(vec16 x) {
    const vec16 cubic = fma(x * x * set(0.044715f), x, x);
    return times_sigmoid(x, cubic * set(2.0f * 0.79788456080286536f));
}

/* As max and min of the combinations, a NaN stays. */
PB_INLINE vec16 clamped_gate(vec16 x) {
    const vec16 gate = min(set(7.0f), x);
    return times_sigmoid(gate, gate * set(1.702f));
}

PB_INLINE vec16 clamped_linear(vec16 x) { return min(set(7.0f), max(set(-7.0f), x)) + set(1.0f); }

void clamped_swiglu(const float *x, const float *linear, float *out, int64_t columns) {
    if (linear == nullptr) {
        map_row(x, out, columns, [](vec16 v) { return clamped_gate(v); });
    } else {
        map_rows(x, linear, out, columns, [](vec16 a, vec16 b) { return clamped_gate(a) * clamped_linear(b); });
    }
}

} // namespace

void activation(const pb_activation &params, int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
        const float *x = params.x + row * params.x_stride;
        const float *linear = params.linear == nullptr ? nullptr : params.linear + row * params.linear_stride;
        float *out = params.out + row * params.out_stride;
        const int64_t n = params.columns;
        switch (params.kind) {
        case PB_ACT_GELU_ERF:
            activate_row(x, linear, out, n, [](vec16 v) { return gelu_erf(v); });
            break;
        case PB_ACT_GELU_TANH:
            activate_row(x, linear, out, n, [](vec16 v) { return gelu_tanh(v); });
            break;
        case PB_ACT_RELU:
            activate_row(x, linear, out, n, [](vec16 v) { return max(zero(), v); });
            break;
        case PB_ACT_SILU:
            activate_row(x, linear, out, n, [](vec16 v) { return times_sigmoid(v, v); });
            break;
        case PB_ACT_QUICK_GELU:
            activate_row(x, linear, out, n, [](vec16 v) { return times_sigmoid(v, v * set(1.702f)); });
            break;
        case PB_ACT_SIGMOID:
            activate_row(x, linear, out, n, [](vec16 v) { return times_sigmoid(set(1.0f), v); });
            break;
        case PB_ACT_CLAMPED_SWIGLU:
            clamped_swiglu(x, linear, out, n);
            break;
        default:
            activate_row(x, linear, out, n, [](vec16 v) { return v; });
            break;
        }
    }
}

void combine(const pb_combine &params, int64_t begin, int64_t end) {
    const vec16 factor = set(params.factor);
    const vec16 negative = set(-params.factor);
    for (int64_t row = begin; row < end; ++row) {
        const float *a = params.a + row * params.a_stride;
        float *out = params.out + row * params.out_stride;
        const int64_t n = params.columns;
        switch (params.kind) {
        case PB_COMBINE_ADD:
            map_rows(a, params.b + row * params.b_stride, out, n, [&](vec16 x, vec16 y) { return fma(factor, y, x); });
            break;
        case PB_COMBINE_SCALE:
            map_row(a, out, n, [&](vec16 x) { return x * factor; });
            break;
        case PB_COMBINE_SOFT_CAP:
            map_row(a, out, n, [&](vec16 x) { return factor * hyperbolic_tangent(x / factor); });
            break;
        default:
            map_row(a, out, n, [&](vec16 x) { return min(factor, max(negative, x)); });
            break;
        }
    }
}

void elementary(int32_t function, const float *x, float *out, int64_t count) {
    switch (function) {
    case 0:
        map_row(x, out, count, [](vec16 v) { return exponential(v); });
        break;
    case 1:
        map_row(x, out, count, [](vec16 v) { return logarithm(v); });
        break;
    case 2:
        map_row(x, out, count, [](vec16 v) { return hyperbolic_tangent(v); });
        break;
    default:
        map_row(x, out, count, [](vec16 v) { return one_plus_erf(v); });
        break;
    }
}

} // namespace PB_KERNEL_NAMESPACE
