/* One product in column-major order, as cuBLAS describes it: d[m, n] = sum_k a[m, k] b[k, n] (+ bias[m]) (+ d[m, n]). */
#ifndef PATCHBAY_EMULATOR_PRODUCT_H
#define PATCHBAY_EMULATOR_PRODUCT_H

#include "abi.h"

namespace pb::blas {

/* A matrix of device memory, columns one after another. */
struct Layout {
    cudaDataType type;
    uint64_t rows, columns;
    int64_t stride;
};

/* Whether it lies in one allocation. */
bool lies_in_memory(const void *address, const Layout &layout);

/* An operand by its address: op(x)[r, c] = x[r * row_step + c * column_step]. */
struct Operand {
    const void *address;
    cudaDataType type;
    int64_t row_step, column_step;
};

Operand operand(const void *address, const Layout &layout, bool transposed);

struct Product {
    Operand a, b;
    float *d;
    const float *bias; /* or null */
    int64_t m, n, k, d_stride;
    bool tf32; /* operands are rounded to 10 bits behind the point */
    bool onto; /* what d holds is added */
};

/* Sums in float32, k ascending, as a tensor core's sums are float32; its order is not known and not imitated. */
void multiply(const Product &product);

/* Does so when the stream comes to it. */
cublasStatus_t enqueue(const Product &product, abi::CUstream stream);

} // namespace pb::blas

#endif
