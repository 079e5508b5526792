/*
 * Edits of matrix rows, one entry after another: elementwise changes and projections onto up to 8 basis rows. Dot products
 * run in 16 virtual lanes counted from the entry's first column; all of an entry's dot products read x before it changes.
 */
#include "change.h"
#include "kernel_names.h"

namespace PB_KERNEL_NAMESPACE {

namespace {

float change_elements(const pb_edit_entry &entry, float *x, const float *values) {
    const vec16 factor = set(entry.factor);
    largest_change change;
    for (int64_t i = 0; i < entry.count; i += kLanes) {
        const int64_t left = entry.count - i;
        const vec16 before = load_up_to(x + i, left);
        const vec16 v = reads_values(entry.op) ? load_up_to(values + i, left) : zero();
        const vec16 after = edited(entry.op, before, v, factor);
        change.see(before, after, first_lanes(left));
        store_up_to(x + i, after, left);
    }
    return change.result();
}

/* x' = x + sum_b ((target - x).b) b; a null target is 0. */
float project(const pb_edit_entry &entry, float *x, const float *target, const float *basis) {
    float weight[8];
    for (int32_t b = 0; b < entry.rank; ++b) {
        vec16 dot = zero();
        for (int64_t i = 0; i < entry.count; i += kLanes) {
            const int64_t left = entry.count - i;
            const vec16 from = load_up_to(x + i, left);
            const vec16 to = target == nullptr ? zero() : load_up_to(target + i, left);
            dot = fma(to - from, load_up_to(basis + b * static_cast<int64_t>(entry.count) + i, left), dot);
        }
        weight[b] = sum_lanes(dot);
    }
    largest_change change;
    for (int64_t i = 0; i < entry.count; i += kLanes) {
        const int64_t left = entry.count - i;
        const vec16 before = load_up_to(x + i, left);
        vec16 sum = zero();
        for (int32_t b = 0; b < entry.rank; ++b) {
            sum = fma(set(weight[b]), load_up_to(basis + b * static_cast<int64_t>(entry.count) + i, left), sum);
        }
        const vec16 after = before + sum;
        change.see(before, after, first_lanes(left));
        store_up_to(x + i, after, left);
    }
    return change.result();
}

} // namespace

void edit(const pb_edit &params, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
        const pb_edit_entry &entry = params.entries[i];
        float *x = params.x + entry.token * params.x_stride + entry.column;
        switch (entry.op) {
        case PB_EDIT_PROJECT_OUT:
            params.change[i] = project(entry, x, nullptr, params.bases + entry.basis);
            break;
        case PB_EDIT_PROJECT_SWAP:
            params.change[i] = project(entry, x, params.values + entry.source, params.bases + entry.basis);
            break;
        default:
            params.change[i] = change_elements(entry, x, params.values + entry.source);
            break;
        }
    }
}

} // namespace PB_KERNEL_NAMESPACE
