/*
 * The tensor core's product d[16][8] += a[16][16] b[16][8] of a warp: bfloat16 in, float32 sums. With g = lane / 4 and
 * t = lane % 4 a lane holds, low half first,
 *
 *     a[0]: (g, 2t), (g, 2t + 1)          a[1]: (g + 8, 2t), (g + 8, 2t + 1)
 *     a[2]: (g, 2t + 8), (g, 2t + 9)      a[3]: (g + 8, 2t + 8), (g + 8, 2t + 9)
 *     b0:   (2t, g), (2t + 1, g)          b1:   (2t + 8, g), (2t + 9, g)
 *     d[0]: (g, 2t)   d[1]: (g, 2t + 1)   d[2]: (g + 8, 2t)   d[3]: (g + 8, 2t + 1)
 *
 * so that d of two products side by side, rounded, is a of the next: a[i] = pair of d[i % 2] of the product i / 2.
 */
#ifndef PATCHBAY_COMMON_MMA_CUH
#define PATCHBAY_COMMON_MMA_CUH

#include "device.cuh"

#ifndef PATCHBAY_EMULATED
#include <cuda_bf16.h>
#endif

namespace pb {

#ifdef PATCHBAY_EMULATED

inline void mma_m16n8k16(float (&d)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
    emulated::mma_m16n8k16(d, a, b0, b1);
}

#else

__device__ __forceinline__ void mma_m16n8k16(float (&d)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
                 "{%0, %1, %2, %3};"
                 : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

#endif

/* Two floats rounded to a register of a fragment, `low` in the low half. */
__device__ __forceinline__ uint32_t bfloat16_pair(float low, float high) {
    const __nv_bfloat162 pair = __floats2bfloat162_rn(low, high);
    return static_cast<uint32_t>(__bfloat16_as_ushort(pair.y)) << 16 | __bfloat16_as_ushort(pair.x);
}

} // namespace pb

#endif
