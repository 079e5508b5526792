/*
 * The softmax of a query while its keys pass by, tile after tile, in units of log 2. A query's scores lie in the four lanes
 * of a quad; the maximum is the quad's, sums are each lane's own until the end.
 */
#ifndef PATCHBAY_COMMON_ONLINE_SOFTMAX_CUH
#define PATCHBAY_COMMON_ONLINE_SOFTMAX_CUH

#include "reduce.cuh"

namespace pb {

constexpr float kLog2E = 1.4426950408889634f;
constexpr float kLn2 = 0.6931471805599453f;
/* The score of a hidden key: finite, so that 0 * (score - maximum) is 0; 2^(it - any score) is 0. */
constexpr float kHiddenScore = -1e30f;

#ifdef PATCHBAY_EMULATED

inline float exp2_fast(float x) { return exp2f(x); }
inline float reciprocal_fast(float x) { return 1.0f / x; }

#else

/* 2^x to 2 ulp; results below 2^-126 are 0. */
__device__ __forceinline__ float exp2_fast(float x) {
    float y;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

/* 1 / x to 1 ulp. */
__device__ __forceinline__ float reciprocal_fast(float x) {
    float y;
    asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

#endif

/* tanh to 2e-7 absolute, which the hardware's tanh.approx (5e-4 relative) is too coarse for: it is scaled by the cap. */
__device__ __forceinline__ float tanh_fast(float x) {
    return 1.0f - 2.0f * reciprocal_fast(1.0f + exp2_fast(2.0f * kLog2E * x));
}

__device__ __forceinline__ float quad_max(float x) {
    x = fmaxf(x, __shfl_xor_sync(kFullWarp, x, 1));
    return fmaxf(x, __shfl_xor_sync(kFullWarp, x, 2));
}

__device__ __forceinline__ float quad_sum(float x) {
    x = x + __shfl_xor_sync(kFullWarp, x, 1);
    return x + __shfl_xor_sync(kFullWarp, x, 2);
}

struct online_softmax {
    float most;  /* of the scores so far */
    float total; /* the lane's sum of e = 2^(score - most) */
    float slope; /* the lane's sum of e (score - most): the entropy is log total - slope / total */

    __device__ __forceinline__ void clear() {
        most = kHiddenScore;
        total = 0.0f;
        slope = 0.0f;
    }
    /* Takes the maximum of further scores in; returns the factor for every sum that was made with the old one. What hidden
     * keys alone have put into the sums is wiped by the first visible one: the factor is 0. */
    __device__ __forceinline__ float rescale(float tile_most) {
        const float before = most;
        most = fmaxf(most, tile_most);
        const float factor = exp2_fast(before - most);
        slope = factor * fmaf(total, before - most, slope);
        total = factor * total;
        return factor;
    }
};

/* The two largest scores so far and their keys, the lowest key on ties; the same in the lanes of a quad between tiles. */
struct top_two {
    float first, second;
    int32_t first_key, second_key;

    __device__ __forceinline__ void clear() {
        first = second = kHiddenScore;
        first_key = second_key = -1;
    }
    /* A key behind all that came before. */
    __device__ __forceinline__ void add(float score, int32_t key) {
        if (score > first) {
            second = first;
            second_key = first_key;
            first = score;
            first_key = key;
        } else if (score > second) {
            second = score;
            second_key = key;
        }
    }
    /* The other lane's list, which may have the same entries. */
    __device__ __forceinline__ void merge(int lane_mask) {
        const top_two other{__shfl_xor_sync(kFullWarp, first, lane_mask), __shfl_xor_sync(kFullWarp, second, lane_mask),
                            __shfl_xor_sync(kFullWarp, first_key, lane_mask),
                            __shfl_xor_sync(kFullWarp, second_key, lane_mask)};
        insert(other.first, other.first_key);
        insert(other.second, other.second_key);
    }
    __device__ __forceinline__ void insert(float score, int32_t key) {
        if (key == first_key) {
            return;
        }
        if (score > first || (score == first && key < first_key)) {
            second = first;
            second_key = first_key;
            first = score;
            first_key = key;
        } else if (key != second_key && (score > second || (score == second && key < second_key))) {
            second = score;
            second_key = key;
        }
    }
};

} // namespace pb

#endif
