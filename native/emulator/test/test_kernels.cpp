/* Small kernels, right ones and wrong ones. */
#include "test_kernels.h"

#include <patchbay/emulated_cuda.h>

#include "../../cuda-kernels/common/reduce.cuh"

namespace {

float *shared_floats(uint32_t count) {
    return static_cast<float *>(pb::emulated::shared(0, count * sizeof(float), alignof(float)));
}

int64_t global_index() { return static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; }

constexpr unsigned kAll = 0xffffffffu;

/* More local memory than a thread has. */
__attribute__((noinline)) float deep(unsigned thread) {
    volatile unsigned char local[96 * 1024];
    for (size_t i = 0; i < sizeof(local); ++i) {
        local[i] = static_cast<unsigned char>(i);
    }
    return local[thread];
}

} // namespace

TEST_KERNEL(test_add, add_params, 1024) {
    const int64_t i = global_index();
    if (i < p.count) {
        p.out[i] = p.a[i] + p.b[i];
    }
}

/* out[block] = the sum of the block's inputs, by halves. choice 1 leaves the barrier of the loop out. */
TEST_KERNEL(test_block_sum, test_params, 256) {
    float *values = shared_floats(blockDim.x);
    values[threadIdx.x] = p.in[global_index()];
    __syncthreads();
    for (unsigned half = blockDim.x / 2; half > 0; half /= 2) {
        if (threadIdx.x < half) {
            values[threadIdx.x] += values[threadIdx.x + half];
        }
        if (p.choice == 0) {
            __syncthreads();
        }
    }
    if (threadIdx.x == 0) {
        p.out[blockIdx.x] = values[0];
    }
}

/* The largest input of the block to the first 256 outputs, the largest negated one to the next: one memory for both. */
TEST_KERNEL(test_two_maxima, test_params, 256) {
    float *partial = shared_floats(256 / 32);
    p.out[threadIdx.x] = pb::block_max<256>(p.in[threadIdx.x], partial);
    p.out[256 + threadIdx.x] = pb::block_max<256>(-p.in[threadIdx.x], partial);
}

/* `count` rotations of the block's values through shared memory: two barriers each. choice 1 leaves the second out. */
TEST_KERNEL(test_rotate, test_params, 256) {
    float *values = shared_floats(blockDim.x);
    float own = p.in[global_index()];
    for (int64_t i = 0; i < p.count; ++i) {
        values[threadIdx.x] = own;
        __syncthreads();
        own = values[(threadIdx.x + 1) % blockDim.x];
        if (p.choice == 0) {
            __syncthreads();
        }
    }
    p.out[global_index()] = own;
}

/* Each warp's sum to all lanes, by xor shuffles, `count` times. */
TEST_KERNEL(test_warp_sum, test_params, 256) {
    float sum = p.in[global_index()];
    for (int64_t i = 0; i < p.count; ++i) {
        sum = p.in[global_index()];
        for (int step = 16; step > 0; step /= 2) {
            sum += __shfl_xor_sync(kAll, sum, step);
        }
    }
    p.out[global_index()] = sum;
}

/* Halves of a warp that take different ways, with masks of their own. */
TEST_KERNEL(test_half_warps, test_params, 32) {
    const unsigned lane = threadIdx.x;
    float value = p.in[lane];
    if (lane < 16) {
        value = __shfl_down_sync(0x0000ffffu, value, 1, 16);
    } else {
        value = __shfl_up_sync(0xffff0000u, value, 1, 16) + __shfl_sync(0xffff0000u, value, 3, 16);
    }
    __syncwarp();
    p.out[lane] = value;
    p.out[32 + lane] = static_cast<float>(__popc(__ballot_sync(kAll, p.in[lane] > 0)));
    p.out[64 + lane] = static_cast<float>(__any_sync(kAll, lane == 5) + 2 * __all_sync(kAll, lane < 31));
    p.out[96 + lane] = lane == 0 ? __shfl_sync(1u, value, 7) : 0.0f;
}

/* Wrong uses of barriers and collectives, by choice. */
TEST_KERNEL(test_wrong, test_params, 64) {
    switch (p.choice) {
    case 0:
        if (threadIdx.x < 48) {
            __syncthreads();
        }
        break;
    case 1:
        if (threadIdx.x < 32) {
            __syncthreads();
        } else {
            __shfl_sync(kAll, 1.0f, 0);
            if (threadIdx.x == 40) {
                return;
            }
            __syncwarp();
        }
        break;
    case 2: __shfl_sync(threadIdx.x % 2 == 0 ? kAll : 0xfffffffeu, 1.0f, 0); break;
    case 3: __shfl_sync(1u, 1.0f, 0); break;
    case 4:
        if (threadIdx.x % 2 == 0) {
            __syncthreads();
        } else {
            __syncthreads();
        }
        break;
    case 5: __trap();
    default: break;
    }
}

/* Wrong uses of memory, by choice. */
TEST_KERNEL(test_outside, test_params, 32) {
    float *values = shared_floats(32);
    switch (p.choice) {
    case 0: values[32 + threadIdx.x] = 1; break;
    case 1: pb::emulated::shared(64, 128, 4); break;
    case 2: pb::emulated::shared(2, 4, 4); break;
    case 3: p.out[p.count] = p.in[0]; break;
    case 4: p.out[threadIdx.x] = deep(threadIdx.x); break;
    case 5: p.out[0] = static_cast<float>(p.count / p.reserved); break;
    case 6: p.out[threadIdx.x] = values[threadIdx.x]; break;
    default: break;
    }
}

TEST_KERNEL(test_count, test_params, 256) { atomicAdd(reinterpret_cast<unsigned *>(p.out) + p.choice, 1u); }

/* Fills with a value after some work, so that what does not wait comes too early. */
TEST_KERNEL(test_slow_fill, test_params, 256) {
    for (int64_t i = 0; i < 200; ++i) {
        __syncthreads();
    }
    p.out[global_index()] = static_cast<float>(p.choice);
}
