/*
 * Sums and maxima in one fixed order. Virtual lane t of T takes the elements t, t + T, ... ascending; a warp's lanes are
 * joined by the xor tree 16, 8, 4, 2, 1 (addition commutes, so every lane ends with the same bits), warps ascending.
 */
#ifndef PATCHBAY_COMMON_REDUCE_CUH
#define PATCHBAY_COMMON_REDUCE_CUH

#include "device.cuh"

namespace pb {

__device__ __forceinline__ float infinity() { return __builtin_inff(); }
__device__ __forceinline__ bool is_nan(float x) { return x != x; }

/* The larger one; a NaN wins, unlike fmaxf's. */
__device__ __forceinline__ float max_or_nan(float a, float b) { return is_nan(a) || a > b ? a : b; }

__device__ __forceinline__ float warp_sum(float value) {
    for (int lane_mask = kWarp / 2; lane_mask > 0; lane_mask /= 2) {
        value = value + __shfl_xor_sync(kFullWarp, value, lane_mask);
    }
    return value;
}

__device__ __forceinline__ float warp_max(float value) {
    for (int lane_mask = kWarp / 2; lane_mask > 0; lane_mask /= 2) {
        value = max_or_nan(value, __shfl_xor_sync(kFullWarp, value, lane_mask));
    }
    return value;
}

/* The same for a block of Threads; `partial` is Threads / 32 floats of shared memory. Two barriers. */
template <int Threads> __device__ __forceinline__ float block_sum(float value, float *partial) {
    const int warp = static_cast<int>(threadIdx.x) / kWarp;
    value = warp_sum(value);
    __syncthreads(); /* the last use of partial is over */
    if (threadIdx.x % kWarp == 0) {
        partial[warp] = value;
    }
    __syncthreads();
    float sum = partial[0];
    for (int i = 1; i < Threads / kWarp; ++i) {
        sum = sum + partial[i];
    }
    return sum;
}

template <int Threads> __device__ __forceinline__ float block_max(float value, float *partial) {
    const int warp = static_cast<int>(threadIdx.x) / kWarp;
    value = warp_max(value);
    __syncthreads();
    if (threadIdx.x % kWarp == 0) {
        partial[warp] = value;
    }
    __syncthreads();
    float most = partial[0];
    for (int i = 1; i < Threads / kWarp; ++i) {
        most = max_or_nan(most, partial[i]);
    }
    return most;
}

} // namespace pb

#endif
