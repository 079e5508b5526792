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

/* pb_gemm_experts with raw weights: W_e[k, n] is that of pb_cuda_gemm, weight_step floats after the expert before. */
typedef struct pb_cuda_gemm_experts {
    const float *x;
    const float *weight;
    const float *bias;
    float *out;
    const int32_t *begin;
    const int32_t *order;
    int64_t count;
    int64_t inner;
    int64_t columns;
    int64_t x_stride;
    int64_t out_stride;
    int64_t weight_stride;
    int64_t weight_step;
    int32_t experts;
    int32_t share;
    int32_t transposed;
    int32_t reserved;
} pb_cuda_gemm_experts;

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

/* ---- The fast profiles: operands of products in bfloat16, sums in float32. ---- */

typedef enum pb_cuda_type { PB_CUDA_FLOAT32 = 0, PB_CUDA_BFLOAT16 = 1 } pb_cuda_type;

/* What is written for every 8 elements of a row, 8 bfloat16 a part. hi is x rounded, lo is x - hi rounded (0 where hi is
 * not finite): x = hi + lo to about 2^-17. The parts of an operand and of a weight meet in one product of three times the
 * length: hi hi + lo hi + hi lo. */
typedef enum pb_cuda_convert_kind {
    PB_CONVERT_BFLOAT16 = 0,      /* hi */
    PB_CONVERT_SPLIT_OPERAND = 1, /* hi, lo, hi */
    PB_CONVERT_SPLIT_WEIGHT = 2   /* hi, hi, lo */
} pb_cuda_convert_kind;

/* Element `lead + c` of row r of the result is x[r * x_stride + c * x_step]; the other elements of its `groups` groups of
 * 8 are 0. out is 16-byte aligned, a row takes groups * 8 * parts elements. */
typedef struct pb_cuda_convert {
    const float *x;
    uint16_t *out; /* [rows, groups * parts * 8] */
    int64_t rows;
    int64_t columns; /* of x: lead + columns <= 8 groups */
    int64_t groups;
    int64_t x_stride;
    int64_t x_step;
    int32_t lead;
    int32_t kind; /* pb_cuda_convert_kind */
} pb_cuda_convert;

/* The attention of pb_attention without edits, captures and labels, for the profiles that do not promise bits: q, k, v are
 * bfloat16, scores, softmax and sums float32, the pattern is rounded to bfloat16 before it meets v. Pointers to q, k, v,
 * base_k, base_v and their strides (elements) are multiples of 16 bytes; d_head is a multiple of 8, at most 256. Blocks are
 * those of pb_cuda_attention with 64 queries: `query` is a multiple of 64. */
typedef struct pb_cuda_attention_bf16 {
    const uint16_t *q;      /* [tokens, heads * d_head] */
    const uint16_t *k;      /* [tokens, kv_heads * d_head] own keys, rotated */
    const uint16_t *v;      /* [tokens, kv_heads * d_head] */
    const uint16_t *base_k; /* [base rows, kv_heads * d_head] or null when every start is 0 */
    const uint16_t *base_v;
    void *z;    /* [tokens, heads * d_head] of z_type; z_stride is even */
    float *lse; /* [tokens, heads] sink included */
    const pb_row *rows;
    const pb_cuda_attention_block *blocks; /* [block_count] */
    const float *alibi_slopes;             /* [heads] or null */
    const float *sinks;                    /* [heads] or null */
    float *top_value;   /* [tokens, heads, 2] or null: as in pb_attention */
    int32_t *top_index; /* [tokens, heads, 2] or null, as top_value is */
    float *entropy;     /* [tokens, heads] or null: as in pb_attention */
    int64_t block_count;
    int64_t q_stride;
    int64_t k_stride;
    int64_t v_stride;
    int64_t base_k_stride;
    int64_t base_v_stride;
    int64_t z_stride;
    int32_t heads;
    int32_t kv_heads;
    int32_t d_head;
    int32_t window; /* 0: none; else keys j > i - window */
    float scale;
    float soft_cap; /* 0: none */
    int32_t z_type; /* pb_cuda_type */
    int32_t reserved;
} pb_cuda_attention_bf16;

#ifdef __cplusplus
}
#endif
#endif
