/* Softmax of one query's scores, in place, in 16 virtual lanes over the key's position; a sink joins the sum last. */
#ifndef PATCHBAY_CPU_ATTENTION_SOFTMAX_H
#define PATCHBAY_CPU_ATTENTION_SOFTMAX_H

#include "attention_view.h"
#include "vec_math.h"

namespace PB_KERNEL_NAMESPACE {

struct softmax_result {
    bool empty; /* no key has a score above -inf and there is no sink: nothing was written */
    float log_sum_exp;
    float sink; /* pattern weight of the sink, 0 without one */
};

PB_INLINE softmax_result softmax(const attention_view &view, int64_t query) {
    const int64_t tile = attention_view::tile_of(view.first_key(query));
    const int64_t count = view.position(query) + 1 - tile;
    float *scores = view.score(query, tile);
    const float lowest = -__builtin_inff();
    const float *sinks = view.params.sinks;

    vec16 top = set(lowest);
    for (int64_t j = 0; j < count; j += kLanes) {
        top = max(top, load(scores + j));
    }
    float most = max_lanes(top);
    if (sinks != nullptr && sinks[view.head] > most) {
        most = sinks[view.head];
    }
    if (most == lowest) {
        /* The maximum of lanes can lose a NaN: a row that overflowed has keys, and becomes NaN. */
        bool overflowed = false;
        for (int64_t j = 0; j < count; ++j) {
            overflowed = overflowed || scores[j] != scores[j];
        }
        if (!overflowed) {
            return {true, lowest, 0.0f};
        }
        most = __builtin_nanf("");
    }
    const vec16 shift = set(most);
    vec16 sum = zero();
    for (int64_t j = 0; j < count; j += kLanes) {
        const vec16 p = exponential(load(scores + j) - shift);
        store(scores + j, p);
        sum = sum + p;
    }
    float total = sum_lanes(sum);
    float sink = 0.0f;
    if (sinks != nullptr) {
        sink = exponential(sinks[view.head] - most);
        total += sink;
    }
    const vec16 divisor = set(total);
    for (int64_t j = 0; j < count; j += kLanes) {
        store(scores + j, load(scores + j) / divisor);
    }
    return {false, most + logarithm(total), sink / total};
}

} // namespace PB_KERNEL_NAMESPACE

#endif
