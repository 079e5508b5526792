/*
 * edit_f32: edits of matrix rows by a table sorted by token: elementwise changes, and projections onto up to 8 basis rows.
 * 2 FLOPs an element (projections: 4 a basis row) and 12 bytes (projections: 8 more a basis row): bound by memory.
 * A warp stands on every entry; those that do not open their token's run leave, the others do the run's entries one after
 * another, lane l the columns l, l + 32, ... counted from the entry's first. Dot products: 32 virtual lanes, and all of an
 * entry's dot products read x before it changes. No shared memory; a warp barrier orders the entries of a run.
 */
#include "../common/change.cuh"
#include "../launch.h"
#include "patchbay/cuda.h"

namespace pb::edit {

__device__ __forceinline__ float change_elements(const pb_edit_entry &entry, float *x, const float *values, int lane) {
    float change = 0.0f;
    for (int32_t i = lane; i < entry.count; i += kWarp) {
        const float before = x[i];
        const float after = edited(entry.op, before, reads_values(entry.op) ? values[i] : 0.0f, entry.factor);
        change = larger_change(change, before, after);
        x[i] = after;
    }
    return change;
}

/* x' = x + sum_b ((target - x).b) b; a null target is 0. */
__device__ __forceinline__ float project(const pb_edit_entry &entry, float *x, const float *target, const float *basis,
                                         int lane) {
    constexpr int kMostRank = 8;
    const int64_t count = entry.count;
    float weight[kMostRank];
    PB_UNROLL
    for (int b = 0; b < kMostRank; ++b) {
        weight[b] = 0.0f;
        if (b < entry.rank) {
            float dot = 0.0f;
            for (int64_t i = lane; i < count; i += kWarp) {
                dot = fmaf((target == nullptr ? 0.0f : target[i]) - x[i], basis[b * count + i], dot);
            }
            weight[b] = warp_sum(dot);
        }
    }
    float change = 0.0f;
    for (int64_t i = lane; i < count; i += kWarp) {
        float sum = 0.0f;
        PB_UNROLL
        for (int b = 0; b < kMostRank; ++b) {
            if (b < entry.rank) {
                sum = fmaf(weight[b], basis[b * count + i], sum);
            }
        }
        const float before = x[i];
        const float after = before + sum;
        change = larger_change(change, before, after);
        x[i] = after;
    }
    return change;
}

} // namespace pb::edit

PB_KERNEL(edit_f32, pb_edit, 128) {
    const int lane = static_cast<int>(threadIdx.x) % pb::kWarp;
    const int64_t first = static_cast<int64_t>(blockIdx.x) * (pb::kEditThreads / pb::kWarp) +
                          static_cast<int64_t>(threadIdx.x) / pb::kWarp;
    if (first >= p.entry_count || (first > 0 && p.entries[first - 1].token == p.entries[first].token)) {
        return;
    }
    const int32_t token = p.entries[first].token;
    for (int64_t i = first; i < p.entry_count && p.entries[i].token == token; ++i) {
        const pb_edit_entry entry = p.entries[i];
        float *x = p.x + token * p.x_stride + entry.column;
        float change = 0.0f;
        if (entry.op == PB_EDIT_PROJECT_OUT) {
            change = pb::edit::project(entry, x, nullptr, p.bases + entry.basis, lane);
        } else if (entry.op == PB_EDIT_PROJECT_SWAP) {
            change = pb::edit::project(entry, x, p.values + entry.source, p.bases + entry.basis, lane);
        } else {
            change = pb::edit::change_elements(entry, x, p.values + entry.source, lane);
        }
        change = pb::warp_max(change);
        if (lane == 0) {
            p.change[i] = change;
        }
        __syncwarp(); /* the next entry's lanes may read what other lanes wrote */
    }
}
