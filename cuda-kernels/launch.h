/*
 * The launch of every kernel: grid and dynamic shared memory as functions of its parameters, the block being the threads
 * of instances.def. Java mirrors these functions and tests them against this file. A launch with an empty grid is left
 * out. Plain C++20, no CUDA.
 */
#ifndef PATCHBAY_LAUNCH_H
#define PATCHBAY_LAUNCH_H

#include <stdint.h>

namespace pb {

struct launch {
    int64_t grid_x;       /* at most 2^31 - 1 */
    int64_t grid_y;       /* at most 65535 */
    int64_t shared_bytes; /* above 48 KiB the kernel's attribute must allow it: cuKernelSetAttribute */
};

constexpr int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

/* ---- gemm_f32, gemm_f32_medium, gemm_f32_small: the same bits, picked by shape alone ------------------------------- */
struct gemm_tile {
    int rows, columns, inner; /* of a block's tile */
    int thread_rows, thread_columns;

    constexpr int threads() const { return rows / thread_rows * (columns / thread_columns); }
    /* Two stages of a tile of x and one of the weight, each k a row, rows padded by 4 floats. */
    constexpr int64_t shared_bytes() const { return int64_t{2} * inner * (rows + 4 + columns + 4) * 4; }
};
constexpr gemm_tile kGemmLarge{128, 64, 16, 8, 8};
constexpr gemm_tile kGemmMedium{64, 64, 16, 8, 4};
constexpr gemm_tile kGemmSmall{16, 32, 32, 4, 1};

/* Small up to 16 rows; large where it fills an H200 (132 multiprocessors with 3 blocks each). */
constexpr gemm_tile gemm_tile_of(int64_t rows, int64_t columns) {
    return rows <= 16                                                       ? kGemmSmall
           : ceil_div(rows, 128) * ceil_div(columns, 64) >= int64_t{3} * 132 ? kGemmLarge
                                                                           : kGemmMedium;
}

/* Rows are the fast axis of the grid: blocks that run together share the weight. columns <= 65535 * tile.columns. */
constexpr launch launch_gemm(gemm_tile tile, int64_t rows, int64_t columns) {
    return {ceil_div(rows, tile.rows), ceil_div(columns, tile.columns), tile.shared_bytes()};
}

/* ---- gemm_experts_f32, gemm_experts_f32_small: medium and small tiles, each of one expert's rows ------------------------ */
/* Small where experts have up to 16 rows in the mean. */
constexpr gemm_tile gemm_experts_tile_of(int64_t count, int64_t experts) {
    return count <= 16 * experts ? kGemmSmall : kGemmMedium;
}
/* Blocks for the most tiles that so many rows can need, however the experts share them; those left over do nothing. */
constexpr launch launch_gemm_experts(gemm_tile tile, int64_t count, int64_t experts, int64_t columns) {
    return {count / tile.rows + (experts < count ? experts : count), ceil_div(columns, tile.columns), tile.shared_bytes()};
}

/* ---- gemm_chosen_f32: a warp for 32 elements ------------------------------------------------------------------------ */
constexpr int kChosenInner = 32;
constexpr launch launch_gemm_chosen(int64_t count) {
    return {ceil_div(count, 32), 1, int64_t{2} * 32 * (kChosenInner + 1) * 4};
}

/* ---- attention_f32: a block for 16 queries of a row and a head -------------------------------------------------------- */
constexpr int kAttentionQueries = 16;
constexpr int kAttentionQueriesOfWarp = 4;
constexpr int kAttentionKeys = 64;  /* of a tile; tiles start at multiples of it, counted from position 0 */
constexpr int kAttentionInner = 32; /* elements of keys staged at once */
constexpr int kAttentionThreads = 128;

/* Keys whose scores a block keeps so that none of its queries computes them again: span = start + length of the longest
 * row; window as in pb_attention. Pass the smaller of this and what shared memory has room for (at least 64). */
constexpr int64_t attention_score_capacity(int64_t span, int64_t window) {
    const int64_t tiles = ceil_div(span, kAttentionKeys);
    /* A window's first tile starts up to 63 keys early, and 16 queries see 15 keys more than one does. */
    const int64_t seen = window > 0 ? ceil_div(window + kAttentionQueries - 1 + kAttentionKeys - 1, kAttentionKeys) : tiles;
    return (seen < tiles ? seen : tiles) * kAttentionKeys;
}

/* Shared memory in floats: q and z of the queries, keys, scores, per-query lists, per-lane state. */
struct attention_layout {
    int64_t q, z, keys, scores, lists, state, end; /* first float of each part; all multiples of 4 */
};
constexpr int kAttentionListInts = 12;  /* of a query */
constexpr int kAttentionStateFields = 5; /* floats of a query and lane that every launch has */

/* Floats of a query and lane: and a label's mass and weighted sums, and the two largest weights of a label's keys. */
constexpr int32_t attention_state_fields(int32_t label_count, int32_t weight_count, bool chosen) {
    return kAttentionStateFields + label_count * (1 + weight_count) + (chosen ? 4 : 0);
}

constexpr attention_layout attention_layout_of(int64_t queries, int64_t d_head, int64_t state_fields,
                                               int64_t score_capacity) {
    attention_layout at{};
    at.q = 0;
    at.z = at.q + queries * d_head;
    at.keys = at.z + queries * d_head;
    at.scores = at.keys + kAttentionInner * (kAttentionKeys + 1);
    at.lists = at.scores + queries * score_capacity;
    at.state = at.lists + queries * kAttentionListInts;
    at.end = at.state + queries * 32 * state_fields;
    return at;
}
constexpr launch launch_attention(int64_t block_count, int64_t heads, int64_t d_head, int64_t state_fields,
                                  int64_t score_capacity) {
    return {block_count, heads, attention_layout_of(kAttentionQueries, d_head, state_fields, score_capacity).end * 4};
}

/* ---- attention_tiny_f32: a block for four rows of at most 64 positions and a head, a warp each ------------------------- */
constexpr int kAttentionTinyRows = kAttentionThreads / 32;
constexpr launch launch_attention_tiny(int64_t row_count, int64_t heads, int64_t d_head, int64_t state_fields) {
    const attention_layout at = attention_layout_of(kAttentionQueriesOfWarp, d_head, state_fields, kAttentionKeys);
    return {ceil_div(row_count, kAttentionTinyRows), heads, kAttentionTinyRows * at.end * 4};
}

/* ---- attention_received_f32: a block for a tile of keys of a row and a head; tiles behind a row's end do nothing -------- */
constexpr launch launch_attention_received(int64_t row_count, int64_t span, int64_t heads, int64_t d_head) {
    return {row_count * ceil_div(span, kAttentionKeys), heads,
            attention_layout_of(kAttentionQueries, d_head, 0, kAttentionKeys).end * 4};
}

/* ---- attention_bf16_d<n>: a block for 64 queries of a row and a head, a warp for 16 of them ----------------------------- */
constexpr int kAttentionBf16Queries = 64;
constexpr int kAttentionBf16Threads = 128;

/* The n of the instance for a head dimension, which it pads with zeros; 0 where there is none. */
constexpr int attention_bf16_instance(int64_t d_head) {
    return d_head < 8 || d_head % 8 != 0 ? 0
           : d_head <= 32                ? 32
           : d_head <= 64                ? 64
           : d_head <= 96                ? 96
           : d_head <= 128               ? 128
           : d_head <= 256               ? 256
                                         : 0;
}
/* Keys of a tile: fewer where the sums of z take half of the registers. */
constexpr int attention_bf16_keys(int instance) { return instance <= 128 ? 64 : 32; }

/* q, then two stages of keys and two of values, in bytes; rows are `instance` elements, swizzled. */
struct attention_bf16_layout {
    uint32_t keys, values, stage, end;
};
constexpr attention_bf16_layout attention_bf16_layout_of(int instance) {
    const auto row = static_cast<uint32_t>(instance) * 2;
    const uint32_t keys = kAttentionBf16Queries * row;
    const uint32_t stage = static_cast<uint32_t>(attention_bf16_keys(instance)) * row;
    return {keys, keys + 2 * stage, stage, keys + 4 * stage};
}
static_assert(attention_bf16_layout_of(64).end == 40 * 1024);
static_assert(attention_bf16_layout_of(256).end == 96 * 1024, "two blocks a multiprocessor");
constexpr launch launch_attention_bf16(int64_t block_count, int64_t heads, int64_t d_head) {
    return {block_count, heads, attention_bf16_layout_of(attention_bf16_instance(d_head)).end};
}

/* ---- norm_f32: a warp for a group of up to 1024 elements, else a block ------------------------------------------------- */
constexpr int kNormThreads = 256;
constexpr int kNormWarpWidth = 1024;
constexpr launch launch_norm(int64_t rows, int64_t groups, int64_t width) {
    return {ceil_div(rows * groups, width <= kNormWarpWidth ? kNormThreads / 32 : 1), 1, kNormThreads / 32 * 4};
}

/* ---- activation_f32, combine_f32, gather_f32, mix_f32 ---------------------------------------------------------------------------- */
constexpr int kElementThreads = 256;
constexpr int kElementColumns = 1024; /* of a block: columns <= 65535 * 1024 */
constexpr launch launch_elementwise(int64_t rows, int64_t columns) {
    return {rows, ceil_div(columns, kElementColumns), 0};
}

/* ---- convert_bf16: a thread for 8 elements of the result ----------------------------------------------------------------- */
constexpr int kConvertThreads = 256;
constexpr launch launch_convert(int64_t rows, int64_t groups) { return {ceil_div(rows * groups, kConvertThreads), 1, 0}; }

/* ---- rope_f32: elementwise over the pairs and the elements that are copied ------------------------------------------------ */
constexpr launch launch_rope(int64_t rows, int64_t heads, int64_t d_head, int64_t rotary) {
    return launch_elementwise(rows, heads * (d_head - rotary / 2));
}

/* ---- edit_f32: a warp for an entry; the first of a token does its token's entries ----------------------------------------- */
constexpr int kEditThreads = 128;
constexpr launch launch_edit(int64_t entry_count) { return {ceil_div(entry_count, kEditThreads / 32), 1, 0}; }

/* ---- log_softmax_f32: a block for a row ------------------------------------------------------------------------------------- */
constexpr int kLogSoftmaxThreads = 512;
constexpr launch launch_log_softmax(int64_t rows) { return {rows, 1, kLogSoftmaxThreads / 32 * 4}; }

/* ---- route_f32: a warp for a row ---------------------------------------------------------------------------------------------- */
constexpr int kRouteThreads = 128;
constexpr launch launch_route(int64_t rows) { return {ceil_div(rows, kRouteThreads / 32), 1, 0}; }

/* ---- expert_rows_i32: a block for an expert ---------------------------------------------------------------------------------------- */
constexpr int kExpertRowsThreads = 256;
constexpr launch launch_expert_rows(int64_t experts) { return {experts, 1, kExpertRowsThreads / 32 * 4}; }

} // namespace pb

#endif
