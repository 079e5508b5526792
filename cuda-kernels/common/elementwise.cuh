/*
 * The shape of every elementwise kernel: block x is a row, block y kElementColumns of its columns; a thread takes the
 * columns t, t + 256, ... of them, so a warp reads 128 consecutive bytes.
 */
#ifndef PATCHBAY_COMMON_ELEMENTWISE_CUH
#define PATCHBAY_COMMON_ELEMENTWISE_CUH

#include "../launch.h"
#include "device.cuh"

namespace pb {

template <class Body>
__device__ __forceinline__ void for_each_element(int64_t rows, int64_t columns, const Body &body) {
    const int64_t row = blockIdx.x;
    const int64_t begin = static_cast<int64_t>(blockIdx.y) * kElementColumns;
    if (row >= rows) {
        return;
    }
    for (int i = 0; i < kElementColumns; i += kElementThreads) {
        const int64_t column = begin + i + threadIdx.x;
        if (column < columns) {
            body(row, column);
        }
    }
}

} // namespace pb

#endif
