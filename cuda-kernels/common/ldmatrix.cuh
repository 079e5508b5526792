/*
 * Four 8 x 8 matrices of 16-bit elements from shared memory to the registers of a warp. Lane l passes the byte of row
 * l % 8 (16 bytes, a multiple of 16) of matrix l / 8, and gets of each matrix i, in out[i], low half first:
 *
 *     ldmatrix_x4             the elements (l / 4, 2 (l % 4)) and (l / 4, 2 (l % 4) + 1)
 *     ldmatrix_x4_transposed  the elements (2 (l % 4), l / 4) and (2 (l % 4) + 1, l / 4)
 */
#ifndef PATCHBAY_COMMON_LDMATRIX_CUH
#define PATCHBAY_COMMON_LDMATRIX_CUH

#include "cp_async.cuh"

namespace pb {

#ifdef PATCHBAY_EMULATED

inline void ldmatrix_x4(uint32_t (&out)[4], uint32_t shared_byte) { emulated::ldmatrix_x4(out, shared_byte, false); }
inline void ldmatrix_x4_transposed(uint32_t (&out)[4], uint32_t shared_byte) {
    emulated::ldmatrix_x4(out, shared_byte, true);
}

#else

__device__ __forceinline__ void ldmatrix_x4(uint32_t (&out)[4], uint32_t shared_byte) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(out[0]), "=r"(out[1]), "=r"(out[2]), "=r"(out[3])
                 : "r"(shared_address(shared_byte))
                 : "memory");
}

__device__ __forceinline__ void ldmatrix_x4_transposed(uint32_t (&out)[4], uint32_t shared_byte) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(out[0]), "=r"(out[1]), "=r"(out[2]), "=r"(out[3])
                 : "r"(shared_address(shared_byte))
                 : "memory");
}

#endif

} // namespace pb

#endif
