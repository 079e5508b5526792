/*
 * convert_bf16: float32 to bfloat16, rounded to nearest (ties to even), in one part or split into hi and lo, three parts
 * (pb_cuda_convert). Operands and weights of the fast profiles' products go through it.
 * 2..4 FLOPs, 4 bytes read and 2 (split: 6) written an element: bound by memory. A thread makes the parts of 8 elements,
 * 16 bytes each; neighbours of a warp write neighbouring groups. It reads two times 16 bytes where all 8 elements follow
 * each other at a multiple of that, else element by element. No shared memory, no barriers.
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

/* The 8 elements of x from column `first` on, zeros where there is no column. */
__device__ __forceinline__ void read(const pb_cuda_convert &p, const float *x, int64_t first, float (&value)[8]) {
    if (p.x_step == 1 && first >= 0 && first + 8 <= p.columns && reinterpret_cast<uintptr_t>(x + first) % 16 == 0) {
        const auto *four = reinterpret_cast<const float4a *>(x + first);
        const float4a low = four[0], high = four[1];
        value[0] = low.x, value[1] = low.y, value[2] = low.z, value[3] = low.w;
        value[4] = high.x, value[5] = high.y, value[6] = high.z, value[7] = high.w;
        return;
    }
    PB_UNROLL
    for (int i = 0; i < 8; ++i) {
        const int64_t column = first + i;
        value[i] = column >= 0 && column < p.columns ? x[column * p.x_step] : 0.0f;
    }
}

} // namespace pb::convert

PB_KERNEL(convert_bf16, pb_cuda_convert, 256) {
    using pb::convert::chunk;
    const int64_t index = static_cast<int64_t>(blockIdx.x) * pb::kConvertThreads + threadIdx.x;
    const int64_t count = p.rows * p.groups;
    if (index >= count) {
        return;
    }
    /* A division of 32 bits takes a fifth of one of 64. */
    const int64_t row = count <= UINT32_MAX ? static_cast<uint32_t>(index) / static_cast<uint32_t>(p.groups) : index / p.groups;
    const int64_t first = (index - row * p.groups) * 8 - p.lead; /* column of x */
    float value[8];
    pb::convert::read(p, p.x + row * p.x_stride, first, value);
    chunk hi{}, lo{};
    PB_UNROLL
    for (int pair = 0; pair < 4; ++pair) {
        const float low = value[2 * pair], high = value[2 * pair + 1];
        hi.pairs[pair] = pb::bfloat16_pair(low, high);
        lo.pairs[pair] = pb::bfloat16_pair(pb::convert::rest(low), pb::convert::rest(high));
    }
    auto *out = reinterpret_cast<chunk *>(p.out) + index * (p.kind == PB_CONVERT_BFLOAT16 ? 1 : 3);
    out[0] = hi;
    if (p.kind != PB_CONVERT_BFLOAT16) {
        out[1] = p.kind == PB_CONVERT_SPLIT_OPERAND ? lo : hi;
        out[2] = p.kind == PB_CONVERT_SPLIT_OPERAND ? hi : lo;
    }
}
