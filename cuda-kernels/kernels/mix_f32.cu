/*
 * mix_f32: out = addend + the weighted sum of the parts of a row: what the experts of a token give.
 * 2 parts FLOPs and 4 (parts + 2) bytes an element: bound by memory. A thread takes 4 columns of a row 256 apart and adds
 * the parts in their order by fma; it writes only what it alone has read, so out may be the addend. No shared memory, no
 * barriers.
 */
#include "../common/elementwise.cuh"
#include "patchbay/cuda.h"

PB_KERNEL(mix_f32, pb_mix, 256) {
    pb::for_each_element(p.rows, p.columns, [&](int64_t row, int64_t column) {
        const float *weights = p.weights + row * p.weights_stride;
        const float *y = p.y + row * p.y_stride + column;
        float sum = p.addend == nullptr ? 0.0f : p.addend[row * p.addend_stride + column];
        for (int32_t c = 0; c < p.parts; ++c) {
            sum = fmaf(weights[c], y[c * p.columns], sum);
        }
        p.out[row * p.out_stride + column] = sum;
    });
}
