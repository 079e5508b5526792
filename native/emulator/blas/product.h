/* One product in column-major order, as cuBLASLt describes it: d[m, n] = sum_k a[m, k] b[k, n] (+ bias[m]). */
#ifndef PATCHBAY_EMULATOR_PRODUCT_H
#define PATCHBAY_EMULATOR_PRODUCT_H

#include "abi.h"

namespace pb::blas {

/* An operand by its address: op(x)[r, c] = x[r * row_step + c * column_step]. */
struct Operand {
    const void *address;
    cudaDataType type;
    int64_t row_step, column_step;
};

struct Product {
    Operand a, b;
    float *d;
    const float *bias; /* or null */
    int64_t m, n, k, d_stride;
    bool tf32; /* operands are rounded to 10 bits behind the point */
};

/* Sums in float32, k ascending, as a tensor core's sums are float32; its order is not known and not imitated. */
void multiply(const Product &product);

} // namespace pb::blas

#endif
