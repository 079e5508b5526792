/*
 * route_f32: the experts of each row with the greatest logits, greatest first and lowest index on ties, and their weights.
 * About 25 FLOPs a logit; every logit is read once a chosen expert, from cache after the first time: bound by latency. A
 * warp takes a row. A round finds the greatest logit after the last one chosen, in the order of descending value and
 * ascending index, as a number with the logit's rank above the index: 5 shuffles. The sum over all experts takes 32
 * virtual lanes, that over the chosen ones their order. No shared memory, no barriers.
 */
#include "../common/reduce.cuh"
#include "../launch.h"
#include "patchbay/cuda.h"

namespace pb::route {

/* A logit as an integer in the same order: both zeros are one, a NaN is above all. */
__device__ __forceinline__ int32_t rank_of(float logit) {
    const float value = logit + 0.0f;
    if (is_nan(value)) {
        return INT32_MAX;
    }
    union {
        float number;
        int32_t bits;
    } as{value};
    return as.bits >= 0 ? as.bits : as.bits ^ INT32_MAX;
}

struct place {
    int32_t rank;
    int32_t expert; /* -1: none */
};

/* Whether a comes before b in the order of choice; none comes last. */
__device__ __forceinline__ bool is_before(place a, place b) {
    if (a.expert < 0 || b.expert < 0) {
        return a.expert >= 0;
    }
    return a.rank > b.rank || (a.rank == b.rank && a.expert < b.expert);
}

/* The first in the order of choice after `last` (all of them after none), known to every lane. */
__device__ __forceinline__ place next_of(const float *logits, int32_t experts, int lane, place last) {
    place best{0, -1};
    for (int32_t e = lane; e < experts; e += kWarp) {
        const place here{rank_of(logits[e]), e};
        if ((last.expert < 0 || is_before(last, here)) && is_before(here, best)) {
            best = here;
        }
    }
    for (int lane_mask = kWarp / 2; lane_mask > 0; lane_mask /= 2) {
        const place other{__shfl_xor_sync(kFullWarp, best.rank, lane_mask),
                          __shfl_xor_sync(kFullWarp, best.expert, lane_mask)};
        best = is_before(other, best) ? other : best;
    }
    return best;
}

} // namespace pb::route

PB_KERNEL(route_f32, pb_route, 128) {
    const int lane = static_cast<int>(threadIdx.x) % pb::kWarp;
    const int64_t row = static_cast<int64_t>(blockIdx.x) * (pb::kRouteThreads / pb::kWarp) + threadIdx.x / pb::kWarp;
    if (row >= p.rows) {
        return;
    }
    const float *logits = p.logits + row * p.logits_stride;
    int32_t *index = p.index + row * p.chosen;
    float *weights = p.weights + row * p.chosen;
    pb::route::place chosen{0, -1};
    float most = 0.0f;
    float sum = 0.0f;
    for (int32_t c = 0; c < p.chosen; ++c) {
        chosen = pb::route::next_of(logits, p.experts, lane, chosen);
        most = c == 0 ? logits[chosen.expert] : most;
        sum = sum + expf(logits[chosen.expert] - most);
        if (c % pb::kWarp == lane) {
            index[c] = chosen.expert;
        }
    }
    if (p.kind == PB_ROUTE_SHARE_OF_ALL) {
        sum = 0.0f;
        for (int32_t e = lane; e < p.experts; e += pb::kWarp) {
            sum = sum + expf(logits[e] - most);
        }
        sum = pb::warp_sum(sum);
    }
    /* A lane reads the indices that it has written itself. */
    for (int32_t c = lane; c < p.chosen; c += pb::kWarp) {
        weights[c] = expf(logits[index[c]] - most) / sum;
    }
}
