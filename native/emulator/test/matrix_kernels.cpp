/* A product through asynchronous copies, ldmatrix and mma: right, and wrong in the ways that must show. */
#include "test_kernels.h"

#include <patchbay/emulated_cuda.h>

namespace pb::emulated {

/*
 * out[16][16] = a[16][16] b[16][16] from bfloat16 a and b, one after the other in `in`; a warp copies each. Both warps
 * compute the whole, and write 256 floats each. choice: 0 right, 1 no wait, 2 a wait that leaves the last group,
 * 3 no commit, 4 no barrier, 5 a's fragments in another order, 6 b not transposed, 7 reads beside the shared memory,
 * 8 copies from an odd address, 9 only half a warp comes to mma.
 */
TEST_KERNEL(test_matrix, test_params, 64) {
    const unsigned lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    const auto *from = reinterpret_cast<const unsigned char *>(p.in);
    copy_async(warp * 512 + lane * 16, from + warp * 512 + lane * 16 + (p.choice == 8 ? 2 : 0));
    if (p.choice != 3) {
        commit_copies();
    }
    if (p.choice != 1) {
        wait_for_copies(p.choice == 2 ? 1 : 0);
    }
    if (p.choice != 4) {
        __syncthreads();
    }
    const uint32_t row = lane % 16, column = lane / 16 * 16;
    uint32_t a[4], b[4];
    ldmatrix_x4(a, row * 32 + column + (p.choice == 7 ? 1024 : 0), false);
    ldmatrix_x4(b, 512 + row * 32 + column, p.choice != 6);
    if (p.choice == 5) {
        const uint32_t a1 = a[1];
        a[1] = a[2];
        a[2] = a1;
    }
    if (p.choice == 9 && lane >= 16) {
        return;
    }
    for (int i = 0; i < 2; ++i) {
        float d[4] = {};
        mma_m16n8k16(d, a, b[2 * i], b[2 * i + 1]);
        float *out = p.out + warp * 256 + lane / 4 * 16 + i * 8 + lane % 4 * 2;
        out[0] = d[0];
        out[1] = d[1];
        out[128] = d[2];
        out[129] = d[3];
    }
}

/* Zeros, and two groups of which the first is waited for: out = what shared memory holds then. */
TEST_KERNEL(test_copy_groups, test_params, 1) {
    copy_async(0, nullptr);
    copy_async(16, p.in);
    commit_copies();
    copy_async(32, p.in);
    commit_copies();
    wait_for_copies(1);
    const auto *values = static_cast<const float *>(shared(0, 48, 4));
    for (int i = 0; i < 12; ++i) {
        p.out[i] = values[i];
    }
}

} // namespace pb::emulated
