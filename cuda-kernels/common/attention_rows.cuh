/*
 * What belongs to one query of an attention block, done by the warp that owns it: score and pattern edits, captured rows,
 * the state of its statistics. A tile is 64 keys; lane l holds the keys l and l + 32 of it.
 */
#ifndef PATCHBAY_COMMON_ATTENTION_ROWS_CUH
#define PATCHBAY_COMMON_ATTENTION_ROWS_CUH

#include "../launch.h"
#include "change.cuh"
#include "patchbay/cuda.h"

namespace pb::attention {

constexpr int kHalves = kAttentionKeys / kWarp; /* keys of a tile that a lane holds */

/* One query of one head; the same in all lanes. */
struct query {
    int64_t token;
    int32_t head;
    int32_t row;
    int32_t position;
    int32_t first_key; /* keys [first_key, position] are visible */

    __device__ __forceinline__ bool sees(int32_t key) const { return first_key <= key && key <= position; }
};

/* The stretches of the sorted lists that belong to a query, and its place: kAttentionListInts int32 in shared memory. */
struct lists {
    int32_t edit_begin, edit_end;
    int32_t score_begin, score_end;
    int32_t pattern_begin, pattern_end;
    int32_t row, query; /* whose they are: row, index in it, token */
    int32_t token;
    int32_t reserved[3];
};
static_assert(sizeof(lists) == kAttentionListInts * 4);

/* Index of the first of `count` items, sorted by (token, head), at or behind (token, head). */
template <class T>
__device__ __forceinline__ int32_t first_item(const T *items, int64_t count, int64_t token, int32_t head) {
    int64_t begin = 0;
    while (begin < count) {
        const int64_t middle = begin + (count - begin) / 2;
        if (items[middle].token < token || (items[middle].token == token && items[middle].head < head)) {
            begin = middle + 1;
        } else {
            count = middle;
        }
    }
    return static_cast<int32_t>(begin);
}

__device__ __forceinline__ lists lists_of(const pb_attention &p, const pb_cuda_attention_block &place, int32_t token,
                                          int32_t head) {
    return {first_item(p.edits, p.edit_count, token, head),
            first_item(p.edits, p.edit_count, token, head + 1),
            first_item(p.score_rows, p.score_row_count, token, head),
            first_item(p.score_rows, p.score_row_count, token, head + 1),
            first_item(p.pattern_rows, p.pattern_row_count, token, head),
            first_item(p.pattern_rows, p.pattern_row_count, token, head + 1),
            place.row,
            place.query,
            token,
            {0, 0, 0}};
}

/* Applies a query's edits of one stage to a tile. `measure`: raise edit_change by what this tile changes (scores that are
 * computed again are edited again, but measured once). */
__device__ __forceinline__ void apply_edits(const pb_attention &p, const query &q, const lists &own, int32_t stage,
                                            bool measure, int32_t tile, int lane, float (&x)[kHalves]) {
    for (int32_t i = own.edit_begin; i < own.edit_end; ++i) {
        const pb_attention_edit &edit = p.edits[i];
        if (edit.stage != stage || edit.key_end <= tile || edit.key_begin >= tile + kAttentionKeys) {
            continue;
        }
        const bool fills = edit.op == PB_EDIT_KNOCKOUT || edit.op == PB_EDIT_UNIFORM;
        const int32_t op = fills ? static_cast<int32_t>(PB_EDIT_FILL) : edit.op;
        const float factor = edit.op == PB_EDIT_KNOCKOUT  ? -infinity()
                             : edit.op == PB_EDIT_UNIFORM ? 1.0f / static_cast<float>(q.position + 1 - q.first_key)
                                                          : edit.factor;
        float change = 0.0f;
        PB_UNROLL
        for (int half = 0; half < kHalves; ++half) {
            const int32_t key = tile + lane + half * kWarp;
            if (q.sees(key) && edit.key_begin <= key && key < edit.key_end) {
                const float v = reads_values(op) ? p.edit_values[edit.source + (key - edit.key_begin)] : 0.0f;
                const float after = edited(op, x[half], v, factor);
                change = larger_change(change, x[half], after);
                x[half] = after;
            }
        }
        if (measure) {
            change = warp_max(change);
            if (lane == 0) {
                p.edit_change[i] = max_or_nan(change, p.edit_change[i]);
            }
        }
    }
}

/* Writes the keys before the block's first tile of the rows asked for: no query of the block sees them. */
__device__ __forceinline__ void capture_hidden(const pb_attention_row *rows, int32_t begin, int32_t end, float *out,
                                               int32_t first_tile, float hidden, int lane) {
    for (int32_t i = begin; i < end; ++i) {
        for (int32_t key = lane; key < first_tile; key += kWarp) {
            out[rows[i].offset + key] = hidden;
        }
    }
}

/* Writes a tile of the rows asked for. */
__device__ __forceinline__ void capture(const pb_attention_row *rows, int32_t begin, int32_t end, float *out,
                                        const query &q, int32_t tile, int lane, const float (&x)[kHalves]) {
    for (int32_t i = begin; i < end; ++i) {
        PB_UNROLL
        for (int half = 0; half < kHalves; ++half) {
            const int32_t key = tile + lane + half * kWarp;
            if (key <= q.position) {
                out[rows[i].offset + key] = x[half];
            }
        }
    }
}

} // namespace pb::attention

#endif
