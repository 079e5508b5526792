/*
 * activation_f32: out = act(x), or act(x) * linear for gated layers.
 * 1..40 FLOPs and 8 (gated: 12) bytes an element: bound by memory. A thread takes 4 columns of a row 256 apart. No shared
 * memory, no barriers.
 */
#include "../common/elementwise.cuh"
#include "patchbay/cuda.h"

namespace pb::activation {

__device__ __forceinline__ float sigmoid(float x) { return 1.0f / (1.0f + expf(-x)); }

__device__ __forceinline__ float apply(int32_t kind, float x) {
    switch (kind) {
    case PB_ACT_GELU_ERF:
        return 0.5f * x * (1.0f + erff(x * 0.70710678118654752f));
    case PB_ACT_GELU_TANH:
        /* sqrt(2 / pi) (x + 0.044715 x^3) */
        return 0.5f * x * (1.0f + tanhf(0.79788456080286536f * (x + 0.044715f * (x * x * x))));
    case PB_ACT_RELU:
        return x < 0.0f ? 0.0f : x; /* keeps a NaN */
    case PB_ACT_SILU:
        return x * sigmoid(x);
    case PB_ACT_QUICK_GELU:
        return x * sigmoid(1.702f * x);
    case PB_ACT_SIGMOID:
        return sigmoid(x);
    case PB_ACT_CLAMPED_SWIGLU: {
        const float gate = x > 7.0f ? 7.0f : x; /* keeps a NaN, as the linear branch does */
        return gate * sigmoid(1.702f * gate);
    }
    default: /* PB_ACT_IDENTITY */
        return x;
    }
}

/* What the activation is multiplied by. */
__device__ __forceinline__ float factor(int32_t kind, float linear) {
    if (kind != PB_ACT_CLAMPED_SWIGLU) {
        return linear;
    }
    const float low = linear < -7.0f ? -7.0f : linear;
    return (low > 7.0f ? 7.0f : low) + 1.0f;
}

} // namespace pb::activation

PB_KERNEL(activation_f32, pb_activation, 256) {
    pb::for_each_element(p.rows, p.columns, [&](int64_t row, int64_t column) {
        const float y = pb::activation::apply(p.kind, p.x[row * p.x_stride + column]);
        p.out[row * p.out_stride + column] =
            p.linear == nullptr ? y
                                : y * pb::activation::factor(p.kind, p.linear[row * p.linear_stride + column]);
    });
}
