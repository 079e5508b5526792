/* Where a fiber is in its grid, CUDA's qualifiers, and the barrier of the block. */
#ifndef PATCHBAY_EMULATED_THREAD_H
#define PATCHBAY_EMULATED_THREAD_H

#include <source_location>

#include "patchbay/emulated/vectors.h"

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline __attribute__((always_inline))
#define __grid_constant__
#define __launch_bounds__(...)
#define __align__(n) __attribute__((aligned(n)))

namespace pb::emulated {

/* Set by the runtime before a fiber runs; constant while it runs. */
struct Place {
    uint3 thread_index;
    uint3 block_index;
    dim3 block_size;
    dim3 grid_size;
};

/* initial-exec: a kernel reads it with one load, also in a library that was loaded with dlopen. */
extern constinit thread_local const Place *place __attribute__((tls_model("initial-exec")));

/* Waits until every thread of the block is here. A thread that has ended, or never comes, is a reported fault. */
void block_barrier(const std::source_location &where);

/* Ends the kernel with a fault, as a trap instruction does. */
[[noreturn]] void trap(const std::source_location &where);

} // namespace pb::emulated

#define threadIdx (::pb::emulated::place->thread_index)
#define blockIdx (::pb::emulated::place->block_index)
#define blockDim (::pb::emulated::place->block_size)
#define gridDim (::pb::emulated::place->grid_size)

inline constexpr int warpSize = 32;

inline void __syncthreads(const std::source_location where = std::source_location::current()) {
    ::pb::emulated::block_barrier(where);
}

[[noreturn]] inline void __trap(const std::source_location where = std::source_location::current()) {
    ::pb::emulated::trap(where);
}

#endif
