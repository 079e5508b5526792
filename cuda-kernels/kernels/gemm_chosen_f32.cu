/*
 * gemm_chosen_f32: chosen elements of a product with the bits of gemm_f32: one accumulator, k ascending by fma, bias last.
 * 2 inner FLOPs and 8 inner bytes an element: bound by memory. A warp takes 32 elements: for every 32 steps of k it loads
 * their stretches of x and W, lane = k, so that a stretch is one 128-byte read (of x, and of a transposed weight), then
 * lane = element adds its own. Shared memory: two [32][33]. Barriers: two of the warp for every 32 steps.
 */
#include "../common/device.cuh"
#include "../launch.h"
#include "patchbay/cuda.h"

PB_KERNEL(gemm_chosen_f32, pb_cuda_gemm_chosen, 32) {
    constexpr int kInner = pb::kChosenInner;
    constexpr int kPitch = kInner + 1;
    static_assert(kInner == pb::kWarp);
    float *x_tile = pb::shared_memory<float>(0, 32 * kPitch);
    float *w_tile = pb::shared_memory<float>(32 * kPitch * 4, 32 * kPitch);
    const int lane = static_cast<int>(threadIdx.x);
    const int64_t first = static_cast<int64_t>(blockIdx.x) * 32;
    const int64_t mine = first + lane;
    const bool present = mine < p.count;
    const int elements = p.count - first < 32 ? static_cast<int>(p.count - first) : 32;
    const int64_t k_stride = p.transposed != 0 ? 1 : p.weight_stride;
    const int64_t column_stride = p.transposed != 0 ? p.weight_stride : 1;
    float sum = 0.0f;
    for (int64_t k = 0; k < p.inner; k += kInner) {
        const int steps = p.inner - k < kInner ? static_cast<int>(p.inner - k) : kInner;
        if (lane < steps) {
            PB_UNROLL_BY(8)
            for (int i = 0; i < elements; ++i) {
                x_tile[i * kPitch + lane] = p.x[p.row[first + i] * p.x_stride + k + lane];
                w_tile[i * kPitch + lane] =
                    p.weight[(k + lane) * k_stride + p.column[first + i] * column_stride];
            }
        }
        __syncwarp();
        if (present) {
            for (int i = 0; i < steps; ++i) {
                sum = fmaf(x_tile[lane * kPitch + i], w_tile[lane * kPitch + i], sum);
            }
        }
        __syncwarp();
    }
    if (present) {
        p.out[mine] = p.bias == nullptr ? sum : sum + p.bias[p.column[mine]];
    }
}
