/*
 * Where the 16-byte chunks of a tile lie in shared memory, so that ldmatrix, which reads one chunk of each of eight rows
 * that follow each other, meets every bank once. A row of Chunks chunks, a multiple of 4, keeps its place; its chunks
 * change places in groups of 8, or of 4 where 8 do not divide the row (two such rows lie half the banks apart).
 */
#ifndef PATCHBAY_COMMON_SWIZZLE_CUH
#define PATCHBAY_COMMON_SWIZZLE_CUH

#include <stdint.h>

namespace pb {

/* The byte of chunk `chunk` of row `row` in its tile. */
template <int Chunks> constexpr uint32_t swizzled(uint32_t row, uint32_t chunk) {
    static_assert(Chunks % 4 == 0);
    const uint32_t turn = Chunks % 8 == 0 ? row % 8 : row / 2 % 4;
    return (row * Chunks + (chunk ^ turn)) * 16;
}

} // namespace pb

#endif
