/*
 * convert_bf16: float32 to bfloat16, rounded to nearest (ties to even), in one part or split into hi and lo, three parts
 * (pb_cuda_convert). Operands and weights of the fast profiles' products go through it.
 * 2..4 FLOPs, 4 bytes read and 2 (split: 6) written an element: bound by memory. A thread makes the parts of 8 elements,
 * 16 bytes each; neighbours of a warp write neighbouring groups. No shared memory, no barriers.
 */
#include "../common/device.cuh"
#include "../common/mma.cuh"
#include "../launch.h"
#include "patchbay/cuda.h"

namespace pb::convert {

struct alignas(16) chunk {
    uint32_t pairs[4];
};

__device__ __forceinline__ float rounded(float x) { return __bfloat162float(__float2bfloat16_rn(x)); }

__device__ __forceinline__ float rest(float x) {
    const float hi = rounded(x);
    return hi - hi == 0.0f ? x - hi : 0.0f; /* not where hi overflows */
}

} // namespace pb::convert

PB_KERNEL(convert_bf16, pb_cuda_convert, 256) {
    using pb::convert::chunk;
    const int64_t index = static_cast<int64_t>(blockIdx.x) * pb::kConvertThreads + threadIdx.x;
    if (index >= p.rows * p.groups) {
        return;
    }
    const int64_t row = index / p.groups;
    const int64_t first = index % p.groups * 8 - p.lead; /* column of x */
    const float *x = p.x + row * p.x_stride;
    chunk hi{}, lo{};
    PB_UNROLL
    for (int pair = 0; pair < 4; ++pair) {
        float value[2];
        PB_UNROLL
        for (int i = 0; i < 2; ++i) {
            const int64_t column = first + 2 * pair + i;
            value[i] = column >= 0 && column < p.columns ? x[column * p.x_step] : 0.0f;
        }
        hi.pairs[pair] = pb::bfloat16_pair(value[0], value[1]);
        lo.pairs[pair] = pb::bfloat16_pair(pb::convert::rest(value[0]), pb::convert::rest(value[1]));
    }
    auto *out = reinterpret_cast<chunk *>(p.out) + index * (p.kind == PB_CONVERT_BFLOAT16 ? 1 : 3);
    out[0] = hi;
    if (p.kind != PB_CONVERT_BFLOAT16) {
        out[1] = p.kind == PB_CONVERT_SPLIT_OPERAND ? lo : hi;
        out[2] = p.kind == PB_CONVERT_SPLIT_OPERAND ? hi : lo;
    }
}
