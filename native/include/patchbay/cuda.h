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

/* Up to 16 queries of one row: the unit of work of an attention block. */
typedef struct pb_cuda_attention_block {
    int32_t row;
    int32_t query; /* index in the row of the first: a multiple of 16, less than the row's length */
} pb_cuda_attention_block;

/* Up to 16 queries of rows that start at one place over one base: items [first_item, first_item + count). */
typedef struct pb_cuda_attention_stack {
    int32_t first_item;
    int32_t count;
} pb_cuda_attention_stack;

/* pb_attention with what its launches need: attention_f32 does `blocks`, attention_tiny_f32 `tiny`, attention_stacked_f32
 * `stacks`. Every query of every row is in exactly one of them; which one changes no bit. Long rows first is fastest.
 * edit_change is written for the edits of queries that exist. labels, and the pointers in it, are device memory too. */
typedef struct pb_cuda_attention {
    pb_attention attention;
    const pb_cuda_attention_block *blocks; /* [block_count] */
    const pb_cuda_attention_block *tiny;   /* [tiny_count] rows of at most 64 positions, from their query 0 on */
    const pb_cuda_attention_block *items;  /* single queries: row and query, of a stack ascending by query */
    const pb_cuda_attention_stack *stacks; /* [stack_count] */
    int32_t *status;                       /* raised to PB_EMPTY_ROW where a row has no key left: its numbers are NaN */
    int64_t block_count;
    int64_t tiny_count;
    int64_t stack_count;
    int32_t score_capacity; /* keys of a query whose scores lie in shared memory, a multiple of 64: more are recomputed */
    int32_t span;           /* of the row with the most keys: start + length */
} pb_cuda_attention;

#ifdef __cplusplus
}
#endif
#endif
