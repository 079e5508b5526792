/* ldmatrix and mma for a whole warp, in the fragment layouts of the PTX manual. */
#include "matrix.h"

#include <cstring>

#include "patchbay/emulated_cuda.h"

namespace pb::emulated {

namespace {
float low(uint32_t pair) { return __uint_as_float(pair << 16); }
float high(uint32_t pair) { return __uint_as_float(pair & 0xffff0000u); }
} // namespace

/* Matrix i has its eight rows of 16 bytes at the addresses of the lanes 8i..8i+7. Lane l gets the elements
 * (l / 4, 2 (l % 4)) and (l / 4, 2 (l % 4) + 1) of each, of the transposed matrix where that is asked for. */
void load_matrices(void *const (&operands)[32]) {
    uint16_t matrix[4][8][8];
    for (int lane = 0; lane < 32; ++lane) {
        std::memcpy(matrix[lane / 8][lane % 8], static_cast<const LdmatrixOperands *>(operands[lane])->row, 16);
    }
    for (int lane = 0; lane < 32; ++lane) {
        auto &own = *static_cast<LdmatrixOperands *>(operands[lane]);
        const int row = lane / 4, column = 2 * (lane % 4);
        for (int i = 0; i < 4; ++i) {
            const uint16_t first = own.transposed ? matrix[i][column][row] : matrix[i][row][column];
            const uint16_t second = own.transposed ? matrix[i][column + 1][row] : matrix[i][row][column + 1];
            own.out[i] = static_cast<uint32_t>(second) << 16 | first;
        }
    }
}

/* d[16][8] += a[16][16] b[16][8], bfloat16 products summed in float32, k ascending. With g = lane / 4, t = lane % 4:
 *   a[0..3]: rows g, g + 8, g, g + 8; columns 2t, 2t + 1, in a[2], a[3] 8 more
 *   b[0..1]: rows 2t, 2t + 1, in b[1] 8 more; column g
 *   d[0..3]: rows g, g, g + 8, g + 8; columns 2t, 2t + 1, 2t, 2t + 1 */
void multiply_matrices(void *const (&operands)[32]) {
    float a[16][16], b[16][8], d[16][8];
    for (int lane = 0; lane < 32; ++lane) {
        const auto &own = *static_cast<const MmaOperands *>(operands[lane]);
        const int g = lane / 4, t = lane % 4;
        for (int i = 0; i < 4; ++i) {
            a[g + i % 2 * 8][2 * t + i / 2 * 8] = low(own.a[i]);
            a[g + i % 2 * 8][2 * t + i / 2 * 8 + 1] = high(own.a[i]);
            d[g + i / 2 * 8][2 * t + i % 2] = own.d[i];
        }
        for (int i = 0; i < 2; ++i) {
            b[2 * t + i * 8][g] = low(own.b[i]);
            b[2 * t + i * 8 + 1][g] = high(own.b[i]);
        }
    }
    for (int row = 0; row < 16; ++row) {
        for (int k = 0; k < 16; ++k) {
            for (int column = 0; column < 8; ++column) {
                d[row][column] += a[row][k] * b[k][column];
            }
        }
    }
    for (int lane = 0; lane < 32; ++lane) {
        auto &own = *static_cast<MmaOperands *>(operands[lane]);
        for (int i = 0; i < 4; ++i) {
            own.d[i] = d[lane / 4 + i / 2 * 8][2 * (lane % 4) + i % 2];
        }
    }
}

} // namespace pb::emulated
