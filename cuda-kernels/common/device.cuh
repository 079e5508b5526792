/*
 * What a kernel may use. The same kernel sources are compiled twice: by nvcc for the GPU, and, with PATCHBAY_EMULATED, by
 * a C++20 compiler for the emulated device, where a thread of a block is a fiber. A kernel uses nothing of CUDA but this:
 *
 *   threadIdx, blockIdx, blockDim, gridDim               .x, .y (unsigned); blocks are one-dimensional
 *   the primitives of cp_async.cuh, ldmatrix.cuh, mma.cuh
 *   __syncthreads(), __syncwarp()                        barriers of the block and of the warp (full mask)
 *   __shfl_xor_sync(mask, value, lane_mask),
 *   __shfl_sync(mask, value, lane)                       int32_t and float; the mask is always pb::kFullWarp
 *   __any_sync(mask, predicate), __ballot_sync(...)
 *   fmaf fabsf sqrtf expf logf tanhf erff                fmaxf, fminf: a NaN operand is ignored
 *   atomicMax(int32_t *, int32_t)                        on global memory
 *   __device__ __forceinline__
 *   PB_UNROLL, PB_UNROLL_BY(n)                           before a loop: unrolled by nvcc, left alone elsewhere
 *
 * All threads of a block reach every __syncthreads, all lanes of a warp every __syncwarp and every collective.
 * All shared memory is dynamic and comes from pb::shared_memory. No PTX outside common/.
 */
#ifndef PATCHBAY_COMMON_DEVICE_CUH
#define PATCHBAY_COMMON_DEVICE_CUH

#include <stdint.h>

#ifdef PATCHBAY_EMULATED

#include <patchbay/emulated_cuda.h>
/*
 * That header provides the spellings above, and:
 *
 *   namespace pb::emulated {
 *   // Address of [byte_offset, byte_offset + bytes) of the running block's dynamic shared memory; a range that does not
 *   // lie in what the launch asked for, or a wrong alignment, is a reported fault. Poisoned when the block starts.
 *   void *shared(uint32_t byte_offset, uint32_t bytes, uint32_t alignment);
 *   // copy_async, commit_copies, wait_for_copies, ldmatrix_x4, mma_m16n8k16: emulated/matrix.h
 *   // Adds a kernel to the table of kernels by name. `run` is called by every fiber; params point to a copy.
 *   struct Registration {
 *       Registration(const char *name, void (*run)(const void *params), uint32_t params_size, uint32_t threads);
 *   };
 *   }
 */
#define PB_KERNEL(name, Params, threads)                                                                               \
    static void pb_##name##_body(const Params &p);                                                                     \
    static const pb::emulated::Registration pb_##name##_registration(                                                  \
        "pb_" #name, [](const void *params) { pb_##name##_body(*static_cast<const Params *>(params)); },               \
        static_cast<uint32_t>(sizeof(Params)), threads);                                                               \
    static void pb_##name##_body(const Params &p)

#define PB_UNROLL
#define PB_UNROLL_BY(count)

namespace pb {
template <class T> __device__ __forceinline__ T *shared_memory(uint32_t byte_offset, uint32_t count) {
    return static_cast<T *>(emulated::shared(byte_offset, count * static_cast<uint32_t>(sizeof(T)), alignof(T)));
}
} // namespace pb

#else

/* PB_KERNEL(name, Params, threads) { body, reads p } defines pb_<name>, launched with blocks of `threads` threads. */
#define PB_KERNEL(name, Params, threads)                                                                               \
    extern "C" __global__ void __launch_bounds__(threads) pb_##name(const __grid_constant__ Params p)

#define PB_PRAGMA(text) _Pragma(#text)
#define PB_UNROLL PB_PRAGMA(unroll)
#define PB_UNROLL_BY(count) PB_PRAGMA(unroll count)

extern __shared__ __align__(16) unsigned char pb_shared_bytes[];

namespace pb {
/* `count` elements of the block's dynamic shared memory from byte_offset on; byte_offset is a multiple of alignof(T). */
template <class T> __device__ __forceinline__ T *shared_memory(uint32_t byte_offset, uint32_t) {
    return reinterpret_cast<T *>(pb_shared_bytes + byte_offset);
}
} // namespace pb

#endif

namespace pb {

constexpr uint32_t kFullWarp = 0xffffffffu;
constexpr int kWarp = 32;

/* Four floats read or written at once; the address is a multiple of 16 bytes. */
struct alignas(16) float4a {
    float x, y, z, w;
};

} // namespace pb

#endif
