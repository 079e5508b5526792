/*
 * log_softmax_f32: out = (x - max) - log(sum exp(x - max)) by row, natural logarithm.
 * About 25 FLOPs and 8 bytes an element (the second and third read come from cache): bound by memory. A block takes a row
 * in 512 virtual lanes, whatever its length. x == out is allowed: an element is read for the last time by the thread that
 * writes it. Shared memory: 16 floats. Barriers: four, in the two block reductions.
 */
#include "../common/reduce.cuh"
#include "../launch.h"
#include "patchbay/cuda.h"

PB_KERNEL(log_softmax_f32, pb_log_softmax, 512) {
    constexpr int kThreads = pb::kLogSoftmaxThreads;
    float *partial = pb::shared_memory<float>(0, kThreads / pb::kWarp);
    const int64_t row = blockIdx.x;
    const float *x = p.x + row * p.x_stride;
    float *out = p.out + row * p.out_stride;
    float most = -pb::infinity();
    for (int64_t i = threadIdx.x; i < p.columns; i += kThreads) {
        most = pb::max_or_nan(most, x[i]);
    }
    most = pb::block_max<kThreads>(most, partial);
    float total = 0.0f;
    for (int64_t i = threadIdx.x; i < p.columns; i += kThreads) {
        total = total + expf(x[i] - most);
    }
    const float log_sum = logf(pb::block_sum<kThreads>(total, partial));
    for (int64_t i = threadIdx.x; i < p.columns; i += kThreads) {
        out[i] = x[i] - most - log_sum;
    }
}
