/* The largest change an edit made. */
#ifndef PATCHBAY_CPU_CHANGE_H
#define PATCHBAY_CPU_CHANGE_H

#include "patchbay/ops.h"
#include "vec_math.h"

namespace PB_KERNEL_NAMESPACE {

/* Largest |x' - x|; equal values (infinities too) count 0, any NaN makes it NaN. */
struct largest_change {
    vec16 value = zero();

    __attribute__((always_inline)) void see(vec16 before, vec16 after, mask16 valid) {
        const vec16 difference = select(equal(before, after), zero(), absolute(after - before));
        /* max gives its second operand where one is a NaN: a new NaN comes in, an old one is kept by the select. */
        const vec16 larger = max(value, select(valid, difference, zero()));
        value = select(equal(value, value), larger, value);
    }

    __attribute__((always_inline)) float result() const {
        const bool is_nan = any(and_not(equal(value, value), first_lanes(kLanes)));
        return is_nan ? __builtin_nanf("") : max_lanes(value);
    }
};

/* The elementwise edits: FILL, REPLACE, ADD, SCALE, INTERPOLATE. */
PB_INLINE vec16 edited(int32_t op, vec16 x, vec16 v, vec16 factor) {
    switch (op) {
    case PB_EDIT_FILL:
        return factor;
    case PB_EDIT_REPLACE:
        return v;
    case PB_EDIT_ADD:
        return fma(factor, v, x);
    case PB_EDIT_SCALE:
        return x * factor;
    default: /* PB_EDIT_INTERPOLATE */
        return fma(factor, v - x, x);
    }
}

PB_INLINE bool reads_values(int32_t op) {
    return op == PB_EDIT_REPLACE || op == PB_EDIT_ADD || op == PB_EDIT_INTERPOLATE;
}

} // namespace PB_KERNEL_NAMESPACE

#endif
