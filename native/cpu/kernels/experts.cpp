/*
 * Mixtures of experts: choice of the experts of a row, and the weighted sum of what they give.
 * route: experts * (20 FLOPs + chosen comparisons) a row, scores in 16 virtual lanes; the choice scans the scores once a
 * chosen expert, each scan for the greatest one after the last in the order of descending score and ascending index.
 * mix: 2 * parts * columns FLOPs a row, 4 bytes each read once.
 */
#include "kernel_names.h"
#include "vec_math.h"

namespace PB_KERNEL_NAMESPACE {

namespace {

/* A score as an integer in the same order: both zeros are one, a NaN is above all. */
PB_INLINE int32_t rank_of(float score) {
    const float value = score + 0.0f;
    if (value != value) {
        return INT32_MAX;
    }
    int32_t bits;
    __builtin_memcpy(&bits, &value, sizeof(bits));
    return bits >= 0 ? bits : bits ^ INT32_MAX;
}

void choose(const float *scores, int32_t experts, int32_t chosen, int32_t *index) {
    int64_t last_rank = INT64_MAX;
    int32_t last_index = -1;
    for (int32_t c = 0; c < chosen; ++c) {
        int64_t best_rank = INT64_MIN;
        int32_t best_index = 0;
        for (int32_t e = 0; e < experts; ++e) {
            const int64_t rank = rank_of(scores[e]);
            const bool left = rank < last_rank || (rank == last_rank && e > last_index);
            if (left && rank > best_rank) {
                best_rank = rank;
                best_index = e;
            }
        }
        index[c] = best_index;
        last_rank = best_rank;
        last_index = best_index;
    }
}

float sum_of_all(const float *scores, int32_t experts, vec16 most) {
    const vec16 lowest = set(-__builtin_inff());
    vec16 sum = zero();
    for (int64_t e = 0; e < experts; e += kLanes) {
        const int64_t left = experts - e;
        const vec16 part = left >= kLanes ? load(scores + e) : select(first_lanes(left), load_part(scores + e, left), lowest);
        sum = sum + exponential(part - most);
    }
    return sum_lanes(sum);
}

} // namespace

void route(const pb_route &params, int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
        const float *scores = params.logits + row * params.logits_stride;
        int32_t *index = params.index + row * params.chosen;
        float *weights = params.weights + row * params.chosen;
        choose(scores, params.experts, params.chosen, index);
        const float most = scores[index[0]];
        float sum = 0.0f;
        for (int32_t c = 0; c < params.chosen; ++c) {
            weights[c] = exponential(scores[index[c]] - most);
            sum = sum + weights[c];
        }
        if (params.kind == PB_ROUTE_SHARE_OF_ALL) {
            sum = sum_of_all(scores, params.experts, set(most));
        }
        for (int32_t c = 0; c < params.chosen; ++c) {
            weights[c] = weights[c] / sum;
        }
    }
}

void mix(const pb_mix &params, int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
        const float *weights = params.weights + row * params.weights_stride;
        const float *y = params.y + row * params.y_stride;
        float *out = params.out + row * params.out_stride;
        for (int64_t n = 0; n < params.columns; n += kLanes) {
            const int64_t left = params.columns - n;
            vec16 sum = params.addend == nullptr ? zero() : load_up_to(params.addend + row * params.addend_stride + n, left);
            for (int32_t c = 0; c < params.parts; ++c) {
                sum = fma(set(weights[c]), load_up_to(y + c * params.columns + n, left), sum);
            }
            store_up_to(out + n, sum, left);
        }
    }
}

} // namespace PB_KERNEL_NAMESPACE
