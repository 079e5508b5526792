/*
 * The parameters of the attention_bf16 kernels. Plain C: they move to patchbay/cuda.h, whose structs a test holds against
 * Java's, together with their mirror there.
 */
#ifndef PATCHBAY_ATTENTION_BF16_H
#define PATCHBAY_ATTENTION_BF16_H

#include "patchbay/cuda.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum pb_cuda_type { PB_CUDA_FLOAT32 = 0, PB_CUDA_BFLOAT16 = 1 } pb_cuda_type;

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
