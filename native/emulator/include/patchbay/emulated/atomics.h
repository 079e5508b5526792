/* Atomics on device memory: blocks run in parallel. All are relaxed, as CUDA's are. */
#ifndef PATCHBAY_EMULATED_ATOMICS_H
#define PATCHBAY_EMULATED_ATOMICS_H

#include <atomic>

namespace pb::emulated {

/* The value before *address became change(*address). */
template <class T, class Change> inline T atomically(T *address, Change change) {
    std::atomic_ref<T> cell(*address);
    T before = cell.load(std::memory_order_relaxed);
    while (!cell.compare_exchange_weak(before, change(before), std::memory_order_relaxed)) {
    }
    return before;
}

} // namespace pb::emulated

#define PB_ATOMICS(T)                                                                                                  \
    inline T atomicAdd(T *address, T value) {                                                                          \
        return ::pb::emulated::atomically(address, [=](T old) { return static_cast<T>(old + value); });                \
    }                                                                                                                  \
    inline T atomicMax(T *address, T value) {                                                                          \
        return ::pb::emulated::atomically(address, [=](T old) { return old > value ? old : value; });                  \
    }                                                                                                                  \
    inline T atomicMin(T *address, T value) {                                                                          \
        return ::pb::emulated::atomically(address, [=](T old) { return old < value ? old : value; });                  \
    }                                                                                                                  \
    inline T atomicExch(T *address, T value) {                                                                         \
        return ::pb::emulated::atomically(address, [=](T) { return value; });                                          \
    }                                                                                                                  \
    inline T atomicOr(T *address, T value) {                                                                           \
        return ::pb::emulated::atomically(address, [=](T old) { return static_cast<T>(old | value); });                \
    }                                                                                                                  \
    inline T atomicCAS(T *address, T compare, T value) {                                                               \
        return ::pb::emulated::atomically(address, [=](T old) { return old == compare ? value : old; });               \
    }

PB_ATOMICS(int)
PB_ATOMICS(unsigned)
PB_ATOMICS(unsigned long long)
#undef PB_ATOMICS

inline float atomicAdd(float *address, float value) {
    return ::pb::emulated::atomically(address, [=](float old) { return old + value; });
}

inline void __threadfence() { std::atomic_thread_fence(std::memory_order_seq_cst); }
inline void __threadfence_block() { std::atomic_signal_fence(std::memory_order_seq_cst); }

#endif
