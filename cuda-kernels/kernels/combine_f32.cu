/*
 * combine_f32: out = a + factor b, factor a, factor tanh(a / factor), or a clamped to [-factor, factor].
 * 1..20 FLOPs and 8 (ADD: 12) bytes an element: bound by memory. A thread takes 4 columns of a row 256 apart; it writes
 * only what it alone has read, so out may be a or b. No shared memory, no barriers.
 */
#include "../common/elementwise.cuh"
#include "patchbay/cuda.h"

namespace pb::combine {

__device__ __forceinline__ float apply(const pb_combine &p, float a, int64_t row, int64_t column) {
    switch (p.kind) {
    case PB_COMBINE_ADD:
        return fmaf(p.factor, p.b[row * p.b_stride + column], a);
    case PB_COMBINE_SCALE:
        return a * p.factor;
    case PB_COMBINE_SOFT_CAP:
        return p.factor * tanhf(a / p.factor);
    default: { /* PB_COMBINE_CLAMP; keeps a NaN */
        const float low = a < -p.factor ? -p.factor : a;
        return low > p.factor ? p.factor : low;
    }
    }
}

} // namespace pb::combine

PB_KERNEL(combine_f32, pb_combine, 256) {
    pb::for_each_element(p.rows, p.columns, [&](int64_t row, int64_t column) {
        const float a = p.a[row * p.a_stride + column];
        p.out[row * p.out_stride + column] = pb::combine::apply(p, a, row, column);
    });
}
