/*
 * Parameter structs of the CUDA kernels that differ from the CPU device's: weights are raw, not packed. All other
 * operations take the structs of ops.h, with device addresses in their pointers. One struct a kernel, passed by value.
 */
#ifndef PATCHBAY_CUDA_H
#define PATCHBAY_CUDA_H

#include "patchbay/ops.h"

#ifdef __cplusplus
extern "C" {
#endif

/* out[r, n] = sum_k x[r, k] * W[inner_begin + k, n] (+ bias[n]), k ascending by fma in one accumulator per element.
 * W[k, n] = weight[k * weight_stride + n], or weight[n * weight_stride + k] where transposed. */
typedef struct pb_cuda_gemm {
    const float *x;
    const float *weight;
    const float *bias;
    float *out;
    int64_t rows;
    int64_t inner;
    int64_t columns;
    int64_t x_stride;
    int64_t out_stride;
    int64_t weight_stride;
    int64_t inner_begin;
    int32_t transposed;
    int32_t reserved;
} pb_cuda_gemm;

/* out[i] = the element (row[i], column[i]) of the product, the bits of pb_cuda_gemm. */
typedef struct pb_cuda_gemm_chosen {
    const float *x;
    const float *weight;
    const float *bias;
    float *out;
    const int32_t *row;
    const int32_t *column;
    int64_t count;
    int64_t inner;
    int64_t x_stride;
    int64_t weight_stride;
    int32_t transposed;
    int32_t reserved;
} pb_cuda_gemm_chosen;

#ifdef __cplusplus
}
#endif
#endif
