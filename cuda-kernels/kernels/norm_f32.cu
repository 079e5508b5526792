/*
 * norm_f32: layer norm, RMS norm or identity of every group of a row, and its scale.
 * 8 FLOPs and 8 bytes an element (the second and third read come from cache): bound by memory.
 * A group of up to 1024 elements belongs to a warp (32 virtual lanes), a wider one to a block (256): the order of the sums
 * is a function of the width alone. Shared memory: 8 floats. Barriers: four where a block works on one group, else none.
 * In place (out == x) is allowed: an element is read for the last time by the thread that writes it.
 */
#include "../common/reduce.cuh"
#include "../launch.h"
#include "patchbay/cuda.h"

namespace pb::norm {

template <int Threads> __device__ __forceinline__ float sum(float value, float *partial) {
    if constexpr (Threads == kWarp) {
        return warp_sum(value);
    } else {
        return block_sum<Threads>(value, partial);
    }
}

/* Thread `lane` of Threads that share group `index` of all rows. */
template <int Threads>
__device__ __forceinline__ void group(const pb_norm &p, int64_t index, int lane, float *partial) {
    const int64_t row = index / p.groups;
    const int64_t place = index % p.groups * p.width;
    const int64_t vector = p.weight_per_group != 0 ? place : 0;
    const float *x = p.x + row * p.x_stride + place;
    float *out = p.out + row * p.out_stride + place;
    const auto width = static_cast<float>(p.width);
    float mean = 0.0f;
    float scale = 1.0f;
    if (p.kind == PB_NORM_LAYER) {
        float total = 0.0f;
        for (int i = lane; i < p.width; i += Threads) {
            total = total + x[i];
        }
        mean = sum<Threads>(total, partial) / width;
    }
    if (p.kind != PB_NORM_IDENTITY) {
        float squares = 0.0f;
        for (int i = lane; i < p.width; i += Threads) {
            const float d = x[i] - mean;
            squares = fmaf(d, d, squares);
        }
        scale = sqrtf(sum<Threads>(squares, partial) / width + p.eps);
    }
    if (lane == 0) {
        p.scale[index] = scale;
    }
    for (int i = lane; i < p.width; i += Threads) {
        float y = x[i];
        if (p.kind != PB_NORM_IDENTITY) {
            y = (y - mean) / scale;
            y = p.weight == nullptr ? y : y * (p.weight[vector + i] + p.weight_offset);
            y = p.bias == nullptr ? y : y + p.bias[vector + i];
        }
        out[i] = y;
    }
}

} // namespace pb::norm

PB_KERNEL(norm_f32, pb_norm, 256) {
    const int thread = static_cast<int>(threadIdx.x);
    const int64_t groups = p.rows * p.groups;
    if (p.width <= pb::kNormWarpWidth) {
        const int64_t index = static_cast<int64_t>(blockIdx.x) * (pb::kNormThreads / pb::kWarp) + thread / pb::kWarp;
        if (index < groups) {
            pb::norm::group<pb::kWarp>(p, index, thread % pb::kWarp, nullptr);
        }
    } else if (blockIdx.x < groups) {
        float *partial = pb::shared_memory<float>(0, pb::kNormThreads / pb::kWarp);
        pb::norm::group<pb::kNormThreads>(p, blockIdx.x, thread, partial);
    }
}
