/*
 * expert_rows_i32: the assignments of each expert, ascending, and where they begin.
 * No FLOPs; every block reads all indices twice (4 bytes each, from cache). A block takes an expert: it counts the
 * assignments of the experts before it, then goes through all in order, 256 at a time, and gives those of its expert
 * their places by counting the ones before them. Nothing is added atomically, so the order is always the same.
 * Shared memory: a count for each warp. Barriers: two for the first count, two a step of 256 assignments.
 */
#include "../common/reduce.cuh"
#include "../launch.h"
#include "patchbay/cuda.h"

namespace pb::expert_rows {

constexpr int kWarps = kExpertRowsThreads / kWarp;

__device__ __forceinline__ int32_t count_bits(unsigned bits) {
    int32_t count = 0;
    for (; bits != 0; bits &= bits - 1) {
        ++count;
    }
    return count;
}

struct count {
    int32_t before; /* this thread, in the block */
    int32_t all;
};

/* Threads of the block, in their order, that say yes; two barriers. */
__device__ __forceinline__ count count_block(bool yes, int32_t *warps) {
    const int lane = static_cast<int>(threadIdx.x) % kWarp;
    const int warp = static_cast<int>(threadIdx.x) / kWarp;
    const unsigned votes = __ballot_sync(kFullWarp, yes);
    __syncthreads(); /* the last use of the counts is over */
    if (lane == 0) {
        warps[warp] = count_bits(votes);
    }
    __syncthreads();
    count of{count_bits(votes & ((1u << lane) - 1u)), 0};
    for (int i = 0; i < kWarps; ++i) {
        of.before += i < warp ? warps[i] : 0;
        of.all += warps[i];
    }
    return of;
}

} // namespace pb::expert_rows

PB_KERNEL(expert_rows_i32, pb_expert_rows, 256) {
    constexpr int kThreads = pb::kExpertRowsThreads;
    int32_t *warps = pb::shared_memory<int32_t>(0, pb::expert_rows::kWarps);
    const int thread = static_cast<int>(threadIdx.x);
    const int32_t expert = static_cast<int32_t>(blockIdx.x);
    int32_t place = 0;
    for (int64_t a = 0; a < p.count; a += kThreads) {
        place += pb::expert_rows::count_block(a + thread < p.count && p.index[a + thread] < expert, warps).all;
    }
    if (thread == 0) {
        p.begin[expert] = place;
    }
    for (int64_t a = 0; a < p.count; a += kThreads) {
        const bool mine = a + thread < p.count && p.index[a + thread] == expert;
        const pb::expert_rows::count of = pb::expert_rows::count_block(mine, warps);
        if (mine) {
            p.order[place + of.before] = static_cast<int32_t>(a) + thread;
        }
        place += of.all;
    }
    if (thread == 0 && expert == p.experts - 1) {
        p.begin[p.experts] = place;
    }
}
