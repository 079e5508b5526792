/*
 * The bodies of the PTX primitives of cuda-kernels/common: asynchronous copies to shared memory, ldmatrix, mma. Shared
 * memory is addressed by its byte in the block's dynamic shared memory; range and alignment are checked.
 */
#ifndef PATCHBAY_EMULATED_MATRIX_H
#define PATCHBAY_EMULATED_MATRIX_H

#include <cstdint>
#include <source_location>

#include "patchbay/emulated/kernel.h"

namespace pb::emulated {

#define PB_WHERE const std::source_location &where = std::source_location::current()

/* Starts a copy of 16 bytes; null: of zeros. The destination is poison (NaN) until the thread's wait_for_copies, which
 * carries the copy out: no sooner, so that a missing wait, and a barrier that is missing behind it, show. */
void copy_async(uint32_t shared_byte, const void *from, PB_WHERE);
/* The thread's copies since the last call become a group. */
void commit_copies();
/* Waits until at most `groups_left` of the thread's groups are under way. */
void wait_for_copies(unsigned groups_left);

struct LdmatrixOperands {
    const void *row; /* 16 bytes of shared memory */
    uint32_t out[4];
    bool transposed;
};
void warp_ldmatrix(LdmatrixOperands &operands, const std::source_location &where);

/* ldmatrix.m8n8.x4(.trans).b16 */
inline void ldmatrix_x4(uint32_t (&out)[4], uint32_t shared_byte, bool transposed, PB_WHERE) {
    LdmatrixOperands operands{shared(shared_byte, 16, 16, where), {}, transposed};
    warp_ldmatrix(operands, where);
    for (int i = 0; i < 4; ++i) {
        out[i] = operands.out[i];
    }
}

struct MmaOperands {
    float d[4];
    uint32_t a[4];
    uint32_t b[2];
};
void warp_mma(MmaOperands &operands, const std::source_location &where);

/* mma.m16n8k16.row.col.f32.bf16.bf16.f32, d += a b */
inline void mma_m16n8k16(float (&d)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1, PB_WHERE) {
    MmaOperands operands{{d[0], d[1], d[2], d[3]}, {a[0], a[1], a[2], a[3]}, {b0, b1}};
    warp_mma(operands, where);
    for (int i = 0; i < 4; ++i) {
        d[i] = operands.d[i];
    }
}

#undef PB_WHERE

} // namespace pb::emulated

#endif
