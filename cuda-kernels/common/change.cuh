/* What an elementwise edit does to an element, and the largest change an edit makes. */
#ifndef PATCHBAY_COMMON_CHANGE_CUH
#define PATCHBAY_COMMON_CHANGE_CUH

#include "patchbay/ops.h"
#include "reduce.cuh"

namespace pb {

/* FILL, REPLACE, ADD, SCALE, INTERPOLATE of element x by the value v. */
__device__ __forceinline__ float edited(int32_t op, float x, float v, float factor) {
    switch (op) {
    case PB_EDIT_FILL:
        return factor;
    case PB_EDIT_REPLACE:
        return v;
    case PB_EDIT_ADD:
        return fmaf(factor, v, x);
    case PB_EDIT_SCALE:
        return x * factor;
    default: /* PB_EDIT_INTERPOLATE */
        return fmaf(factor, v - x, x);
    }
}

__device__ __forceinline__ bool reads_values(int32_t op) {
    return op == PB_EDIT_REPLACE || op == PB_EDIT_ADD || op == PB_EDIT_INTERPOLATE;
}

/* Largest |after - before| so far; equal values (infinities too) count 0, a NaN stays. */
__device__ __forceinline__ float larger_change(float change, float before, float after) {
    const float difference = before == after ? 0.0f : fabsf(after - before);
    return max_or_nan(difference, change);
}

} // namespace pb

#endif
