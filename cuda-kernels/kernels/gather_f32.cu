/*
 * gather_f32: dst[dst_index[i]] = src[src_index[i]], rows of 4-byte elements; a null index means i.
 * 8 bytes an element: bound by memory. A thread takes 4 columns of a row 256 apart. Moves integers, so that every bit
 * pattern survives. No shared memory, no barriers.
 */
#include "../common/elementwise.cuh"
#include "patchbay/cuda.h"

PB_KERNEL(gather_f32, pb_gather, 256) {
    const auto *src = reinterpret_cast<const uint32_t *>(p.src);
    auto *dst = reinterpret_cast<uint32_t *>(p.dst);
    pb::for_each_element(p.rows, p.columns, [&](int64_t row, int64_t column) {
        const int64_t from = p.src_index == nullptr ? row : p.src_index[row];
        const int64_t to = p.dst_index == nullptr ? row : p.dst_index[row];
        dst[to * p.dst_stride + column] = src[from * p.src_stride + column];
    });
}
