/*
 * Asynchronous copies from global to shared memory, 16 bytes a thread (sm_80 and newer). Shared memory is addressed by its
 * byte in the block's dynamic shared memory. A thread sees its own copies behind its wait, other threads behind a barrier
 * that follows the wait.
 */
#ifndef PATCHBAY_COMMON_CP_ASYNC_CUH
#define PATCHBAY_COMMON_CP_ASYNC_CUH

#include "device.cuh"

namespace pb {

#ifdef PATCHBAY_EMULATED

inline void copy_async(uint32_t shared_byte, const void *from, bool present) {
    emulated::copy_async(shared_byte, present ? from : nullptr);
}
inline void commit_copies() { emulated::commit_copies(); }
template <int GroupsLeft> inline void wait_for_copies() { emulated::wait_for_copies(GroupsLeft); }

#else

/* The byte as an address of the shared window. */
__device__ __forceinline__ uint32_t shared_address(uint32_t shared_byte) {
    return static_cast<uint32_t>(__cvta_generic_to_shared(pb_shared_bytes)) + shared_byte;
}

/* Starts a copy of 16 bytes, or of zeros where they are not present: `from` is not read then, and may be any address.
 * Both ends are multiples of 16. The copy bypasses L1: tiles are read once by a block. */
__device__ __forceinline__ void copy_async(uint32_t shared_byte, const void *from, bool present) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(shared_address(shared_byte)),
                 "l"(__cvta_generic_to_global(from)), "r"(present ? 16 : 0)
                 : "memory");
}

/* The thread's copies since the last call become a group, which may be empty. */
__device__ __forceinline__ void commit_copies() { asm volatile("cp.async.commit_group;" ::: "memory"); }

/* Waits until at most GroupsLeft of the thread's groups, the youngest, are under way. */
template <int GroupsLeft> __device__ __forceinline__ void wait_for_copies() {
    asm volatile("cp.async.wait_group %0;" ::"n"(GroupsLeft) : "memory");
}

#endif

} // namespace pb

#endif
