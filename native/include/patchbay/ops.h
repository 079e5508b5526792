/*
 * The parameter structs of Patchbay's operations, one per operation, shared by the CPU device (native/cpu), the CUDA
 * kernels and Java. Plain C, fixed-width fields, pointers are 8 bytes. Java mirrors every struct; a test compares sizes
 * and offsets field by field, so a change here without the change there is a red build.
 *
 * All matrices are row-major float32 unless said; a `stride` counts elements between rows. Sizes come before use; every
 * function returns a pb_status and never throws, exits or prints.
 *
 * The `exact` rule (every operation): the bits of an output row depend only on the inputs of that row. Matrix products
 * sum k ascending by fma in one accumulator per element. Other reductions use 16 virtual lanes (lane i takes elements
 * i, i+16, ...) joined by one fixed tree (8, 4, 2, 1). Nothing depends on thread count, instruction set, batch or place.
 */
#ifndef PATCHBAY_OPS_H
#define PATCHBAY_OPS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum pb_status {
    PB_OK = 0,
    PB_INVALID_ARGUMENT = 1,
    PB_OUT_OF_MEMORY = 2,
    PB_UNSUPPORTED = 3,
    PB_EMPTY_ROW = 4 /* an edit left an attention row without any key */
} pb_status;

/* ---- matrix product: out[r, n] = sum_k x[r, k] * W[k, n] (+ bias[n]) ------------------------------------------- */
typedef struct pb_gemm {
    const float *x;      /* [rows, inner] */
    const float *weight; /* packed, see pb_cpu_pack_weight */
    const float *bias;   /* [columns] or null; added after the sum */
    float *out;          /* [rows, columns] */
    int64_t rows;
    int64_t inner;       /* length of the sum */
    int64_t columns;
    int64_t x_stride;
    int64_t out_stride;
    int64_t weight_inner; /* rows of the packed weight; inner_begin + inner <= weight_inner */
    int64_t inner_begin;  /* first weight row used: a head's slice of an output projection */
} pb_gemm;

/* Raw weight: source_transposed = 0: raw[k * stride + n]; 1: raw[n * stride + k]. */
typedef struct pb_pack {
    const float *raw;
    float *packed;
    int64_t inner;
    int64_t columns;
    int64_t stride;
    int32_t source_transposed;
    int32_t reserved;
} pb_pack;

/* Chosen elements of a product: out[i] = sum_k x[row[i], k] * W[k, column[i]] (+ bias); the bits of pb_gemm. */
typedef struct pb_gemm_chosen {
    const float *x;
    const float *weight; /* packed */
    const float *bias;
    float *out; /* [count] */
    const int32_t *row;
    const int32_t *column;
    int64_t count;
    int64_t inner;
    int64_t columns;
    int64_t x_stride;
} pb_gemm_chosen;

/* ---- rows of a batch --------------------------------------------------------------------------------------------- */
/* A row owns `length` consecutive tokens of the batch, at positions start, start+1, ... Keys and values of the positions
 * [0, start) come from the base tensors, at base rows base, base+1, ... */
typedef struct pb_row {
    int32_t token;  /* index of its first token in the batch */
    int32_t length;
    int32_t start;
    int32_t base; /* base row of position 0; ignored when start == 0 */
} pb_row;

/* ---- edits --------------------------------------------------------------------------------------------------------- */
typedef enum pb_edit_op {
    PB_EDIT_FILL = 0,         /* x = factor */
    PB_EDIT_REPLACE = 1,      /* x = v */
    PB_EDIT_ADD = 2,          /* x = x + factor * v */
    PB_EDIT_SCALE = 3,        /* x = x * factor */
    PB_EDIT_INTERPOLATE = 4,  /* x = x + factor * (v - x) */
    PB_EDIT_PROJECT_OUT = 5,  /* x = x - sum_b (x.b) b          (basis rows b orthonormal) */
    PB_EDIT_PROJECT_SWAP = 6, /* x = x + sum_b ((v - x).b) b */
    PB_EDIT_KNOCKOUT = 7,     /* attention scores only: x = -inf */
    PB_EDIT_UNIFORM = 8       /* pattern only: x = 1 / (number of keys this query may see) */
} pb_edit_op;

typedef struct pb_edit_entry {
    int32_t token; /* row of the edited matrix */
    int32_t column;
    int32_t count; /* columns [column, column + count) */
    int32_t op;
    int64_t source; /* index in values of the first value */
    int64_t basis;  /* index in bases of rank x count floats */
    int32_t rank;   /* 0..8 */
    float factor;
} pb_edit_entry;

/* Applies entries in order to x. Entries are sorted by token (stable); entries of one token act one after another. */
typedef struct pb_edit {
    float *x;
    const pb_edit_entry *entries;
    const float *values;
    const float *bases;
    float *change; /* [entry_count] largest |x' - x| of each entry, NaN if a NaN arises */
    int64_t entry_count;
    int64_t x_stride;
} pb_edit;

/* ---- attention ----------------------------------------------------------------------------------------------------- */
typedef enum pb_attention_stage { PB_STAGE_SCORES = 0, PB_STAGE_PATTERN = 1 } pb_attention_stage;

/* Edit of one query's scores (before softmax) or pattern (after), keys [key_begin, key_end) by absolute position.
 * Keys the query may not see are left alone. Sorted by (token, head), stable. */
typedef struct pb_attention_edit {
    int32_t token;
    int32_t head; /* query head */
    int32_t key_begin;
    int32_t key_end;
    int32_t stage;
    int32_t op; /* FILL, REPLACE, ADD, SCALE, INTERPOLATE; KNOCKOUT (scores); UNIFORM (pattern) */
    int64_t source; /* index in values of the value for key_begin */
    float factor;
    int32_t reserved;
} pb_attention_edit;

/* A request to write one query's row: `position + 1` floats for the keys 0..position at out + offset. Keys outside the
 * window or knocked out read -inf (scores) or 0 (pattern). Sorted by (token, head). */
typedef struct pb_attention_row {
    int32_t token;
    int32_t head;
    int64_t offset;
} pb_attention_row;

typedef enum pb_mass_predicate {
    PB_MASS_RANGE = 0,   /* a <= key < b (absolute positions) */
    PB_MASS_OFFSET = 1,  /* key == query - a */
    PB_MASS_CODE = 2,    /* key_codes[key] == query_codes[query] */
    PB_MASS_LISTED = 3,  /* key listed for this query, once or more */
    PB_MASS_SINK = 4     /* the attention sink column: its share of the softmax, before edits of the pattern */
} pb_mass_predicate;

/* One labelled mass: mass[token, head, label] = sum of the pattern over visible keys that fulfil the predicate, keys
 * ascending in 16 virtual lanes. Codes are indexed by (row's code_base + position). */
typedef struct pb_mass_label {
    int32_t predicate;
    int32_t a;
    int32_t b;
    int32_t without_self; /* 1: the key at the query's own position is left out */
    const int32_t *key_codes;   /* CODE: [sum of row spans] */
    const int32_t *query_codes; /* CODE */
    const int32_t *code_base;   /* CODE: [row_count] index of the row's position 0 */
    const int32_t *list;        /* LISTED: keys, ascending, of all queries one after another */
    const int32_t *list_begin;  /* LISTED: [tokens + 1] */
} pb_mass_label;

/* Causal attention of a row's queries over the base's keys [0, start) followed by the row's own keys.
 * score(i, j) = cap(scale * q_i.k_j) + slope * (j - i) (or + the table's entry for j),  cap(s) = soft_cap * tanh(s / soft_cap) where soft_cap > 0;
 * visible: j <= i, and j > i - window where window > 0. Query head h reads kv head h / (heads / kv_heads).
 * Whole score row first, then max, p_j = exp(s_j - max), sum (16 virtual lanes over j mod 16, sink term last),
 * pattern_j = p_j / sum, z = sum over j ascending by fma of pattern_j * v_j: so a captured pattern written back gives
 * the same bits. No N x N matrix: scratch is one row of scores a thread (a small block of queries at most). */
typedef struct pb_attention {
    const float *q;      /* [tokens, heads * d_head] */
    const float *k;      /* [tokens, kv_heads * d_head] own keys, rotated */
    const float *v;      /* [tokens, kv_heads * d_head] */
    const float *base_k; /* [base rows, kv_heads * d_head] or null when every start is 0 */
    const float *base_v;
    float *z;   /* [tokens, heads * d_head] */
    float *lse; /* [tokens, heads] log-sum-exp of the (edited) scores, sink included */
    const pb_row *rows;
    const float *alibi_slopes; /* [heads], or a table [heads, alibi_positions] of what a key adds, or null */
    const float *sinks;        /* [heads] or null: one extra softmax column with this score, no value */
    const pb_attention_edit *edits;
    const float *edit_values;
    float *edit_change; /* [edit_count] */
    const pb_attention_row *score_rows;
    float *scores;
    const pb_attention_row *pattern_rows;
    float *pattern;
    float *top_value;   /* [tokens, heads, 2] largest and second largest pattern weight, or null */
    int32_t *top_index; /* [tokens, heads, 2] their keys, lowest index on ties; -1 where there is no second key */
    float *entropy;     /* [tokens, heads] nats, of the keys (sink left out, not renormalised), or null */
    float *mass;        /* [tokens, heads, label_count] or null */
    const pb_mass_label *labels;
    const float *key_weights;      /* [tokens, heads * weight_count] of own keys */
    const float *base_key_weights; /* [base rows, heads * weight_count] or null when every start is 0 */
    float *weighted;               /* [tokens, heads, label_count, weight_count] or null: label's sum of weight * pattern by
                                    * fma, keys ascending in virtual lanes; 0 for a sink */
    float *chosen_value;           /* [tokens, heads, 2] as top_value, among the keys of label chosen_label, or null */
    int32_t *chosen_index;         /* as top_index */
    float *received;               /* [lines, heads] or null: the pattern's sum over the queries of a row, ascending, by key:
                                    * line received_begin[row] + key, keys 0 to the row's end, the base's included */
    const int32_t *received_begin; /* [row_count] */
    int64_t row_count;
    int64_t edit_count;
    int64_t score_row_count;
    int64_t pattern_row_count;
    int64_t q_stride;
    int64_t k_stride;
    int64_t v_stride;
    int64_t base_k_stride;
    int64_t base_v_stride;
    int64_t z_stride;
    int64_t key_weight_stride;
    int64_t base_key_weight_stride;
    int32_t heads;
    int32_t kv_heads;
    int32_t d_head;
    int32_t window; /* 0: none; else keys j > i - window */
    int32_t label_count; /* 0..8 */
    float scale;
    float soft_cap; /* 0: none */
    int32_t weight_count; /* 0..4 */
    int32_t chosen_label;
    int32_t alibi_positions; /* 0: slopes; else of the table: a multiple of 64, not less than any row's start + length */
} pb_attention;

/* ---- norms ----------------------------------------------------------------------------------------------------------- */
typedef enum pb_norm_kind { PB_NORM_LAYER = 0, PB_NORM_RMS = 1, PB_NORM_IDENTITY = 2 } pb_norm_kind;

/* Each row is `groups` consecutive groups of `width`; each is normalised alone.
 * LAYER: y = (x - mean) / scale * (weight + weight_offset) + bias, scale = sqrt(mean((x - mean)^2) + eps)
 * RMS:   y = x / scale * (weight + weight_offset) + bias,          scale = sqrt(mean(x^2) + eps)
 * IDENTITY: y = x, scale = 1. A null weight stands for weight + weight_offset = 1, a null bias for 0. */
typedef struct pb_norm {
    const float *x;
    const float *weight; /* [width], or [groups, width] when weight_per_group */
    const float *bias;
    float *out;
    float *scale; /* [rows, groups], always written */
    int64_t rows;
    int64_t x_stride;
    int64_t out_stride;
    int32_t groups;
    int32_t width;
    int32_t kind;
    int32_t weight_per_group;
    float eps;
    float weight_offset;
} pb_norm;

/* ---- rotary positions --------------------------------------------------------------------------------------------------- */
typedef enum pb_rope_pairing { PB_ROPE_HALF = 0, PB_ROPE_PAIR = 1 } pb_rope_pairing;

/* Rotates the first `rotary` elements of each head: HALF pairs (i, i + rotary/2), PAIR pairs (2i, 2i + 1):
 * a' = a cos - b sin, b' = b cos + a sin; the rest is copied. x == out is allowed. */
typedef struct pb_rope {
    const float *x;
    float *out;
    const float *cosine; /* [positions, rotary / 2] */
    const float *sine;
    const int32_t *positions; /* [rows] */
    int64_t rows;
    int64_t x_stride;
    int64_t out_stride;
    int32_t heads;
    int32_t d_head;
    int32_t rotary;
    int32_t pairing;
} pb_rope;

/* ---- elementwise -------------------------------------------------------------------------------------------------------- */
typedef enum pb_activation_kind {
    PB_ACT_GELU_ERF = 0,
    PB_ACT_GELU_TANH = 1,
    PB_ACT_RELU = 2,
    PB_ACT_SILU = 3,
    PB_ACT_QUICK_GELU = 4, /* x * sigmoid(1.702 x) */
    PB_ACT_IDENTITY = 5,
    PB_ACT_SIGMOID = 6,
    PB_ACT_CLAMPED_SWIGLU = 7 /* quick gelu of min(x, 7); times clamp(linear, -7, 7) + 1 where there is a linear branch */
} pb_activation_kind;

/* out = act(x), or act(x) * linear for gated layers (linear not null). */
typedef struct pb_activation {
    const float *x;
    const float *linear;
    float *out;
    int64_t rows;
    int64_t columns;
    int64_t x_stride;
    int64_t linear_stride;
    int64_t out_stride;
    int32_t kind;
    int32_t reserved;
} pb_activation;

typedef enum pb_combine_kind {
    PB_COMBINE_ADD = 0,      /* out = a + factor * b */
    PB_COMBINE_SCALE = 1,    /* out = a * factor */
    PB_COMBINE_SOFT_CAP = 2, /* out = factor * tanh(a / factor) */
    PB_COMBINE_CLAMP = 3     /* out = min(max(a, -factor), factor) */
} pb_combine_kind;

typedef struct pb_combine {
    const float *a;
    const float *b; /* ADD only */
    float *out;     /* may be a or b */
    int64_t rows;
    int64_t columns;
    int64_t a_stride;
    int64_t b_stride;
    int64_t out_stride;
    int32_t kind;
    float factor;
} pb_combine;

/* dst[dst_index[i]] = src[src_index[i]]; a null index means i. Rows of 4-byte elements; source rows may repeat,
 * destination rows may not. */
typedef struct pb_gather {
    const float *src;
    float *dst;
    const int32_t *src_index;
    const int32_t *dst_index;
    int64_t rows;
    int64_t columns;
    int64_t src_stride;
    int64_t dst_stride;
} pb_gather;

/* out = x - log(sum exp x) by row (natural logarithm); x == out is allowed. */
typedef struct pb_log_softmax {
    const float *x;
    float *out;
    int64_t rows;
    int64_t columns;
    int64_t x_stride;
    int64_t out_stride;
} pb_log_softmax;

/* ---- mixtures of experts ------------------------------------------------------------------------------------------------- */
/* A token's c-th chosen expert is its assignment token * chosen + c. Values of assignments are matrices of one row each, so
 * the chosen experts' values of a token lie side by side. */
typedef enum pb_route_kind {
    PB_ROUTE_SHARE_OF_ALL = 0,   /* softmax over all experts, the chosen ones' parts of it */
    PB_ROUTE_SHARE_OF_CHOSEN = 1 /* softmax over the chosen: their parts add up to 1 */
} pb_route_kind;

/* The `chosen` experts of each row with the greatest logits, greatest first, lowest index on ties (a NaN counts as the
 * greatest, and makes the row's weights NaN), and their weights. Indices of a row are distinct and in range always. */
typedef struct pb_route {
    const float *logits; /* [rows, experts] */
    float *weights;      /* [rows, chosen] without gaps */
    int32_t *index;      /* [rows, chosen] without gaps */
    int64_t rows;
    int64_t logits_stride;
    int32_t experts;
    int32_t chosen; /* 1..experts */
    int32_t kind;
    int32_t reserved;
} pb_route;

/* Assignments by expert: those of expert e are order[begin[e]..begin[e + 1]), ascending. */
typedef struct pb_expert_rows {
    const int32_t *index; /* [count] the expert of each assignment, 0..experts - 1 */
    int32_t *begin;       /* [experts + 1] */
    int32_t *order;       /* [count] */
    int64_t count;
    int32_t experts;
    int32_t reserved;
} pb_expert_rows;

/* out[a, n] = sum_k x[a / share, k] * W_e[k, n] (+ bias[e, n]) for every assignment a of expert e: the bits of pb_gemm. */
typedef struct pb_gemm_experts {
    const float *x;       /* [count / share, inner] */
    const float *weight;  /* packed weights of the experts, weight_step floats from one to the next */
    const float *bias;    /* [experts, columns] without gaps, or null */
    float *out;           /* [count, columns] */
    const int32_t *begin; /* as in pb_expert_rows; begin[experts] == count */
    const int32_t *order;
    int64_t count;
    int64_t inner;
    int64_t columns;
    int64_t x_stride;
    int64_t out_stride;
    int64_t weight_step;
    int32_t experts;
    int32_t share; /* consecutive assignments that read one row of x: 1, or the experts chosen for a token */
} pb_gemm_experts;

/* out = addend + sum over parts c ascending, by fma, of weights[row, c] * y[row, c * columns ...]; out may be the addend. */
typedef struct pb_mix {
    const float *weights; /* [rows, parts] */
    const float *y;       /* [rows, parts * columns] */
    const float *addend;  /* [rows, columns], null for zeros */
    float *out;
    int64_t rows;
    int64_t columns;
    int64_t weights_stride;
    int64_t y_stride;
    int64_t addend_stride;
    int64_t out_stride;
    int32_t parts;
    int32_t reserved;
} pb_mix;

#ifdef __cplusplus
}
#endif
#endif
