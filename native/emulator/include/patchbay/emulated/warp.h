/*
 * Warp collectives. All lanes named in the mask must call the same one with the same mask; the last to come computes
 * everybody's result. What a lane reads from a lane outside the mask is poison (all bits set: NaN).
 */
#ifndef PATCHBAY_EMULATED_WARP_H
#define PATCHBAY_EMULATED_WARP_H

#include <cstdint>
#include <cstring>
#include <source_location>

#include "patchbay/emulated/thread.h"

namespace pb::emulated {

unsigned lane_of_this_thread();
void warp_barrier(unsigned mask, const std::source_location &where);
/* The value of lane `source` (0..31). */
uint64_t warp_shuffle(unsigned mask, uint64_t value, unsigned source, const std::source_location &where);
/* Bit i: the predicate of lane i, 0 outside the mask. */
unsigned warp_ballot(unsigned mask, bool predicate, const std::source_location &where);

template <class T>
inline T shuffle(unsigned mask, T value, unsigned source, const std::source_location &where) {
    static_assert(sizeof(T) == 4 || sizeof(T) == 8, "a shuffle moves 32 or 64 bits");
    uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof(T));
    bits = warp_shuffle(mask, bits, source, where);
    std::memcpy(&value, &bits, sizeof(T));
    return value;
}

/* The lane at `wanted` where that lies in the caller's segment [low, high), else the caller's own. */
inline unsigned lane_in_segment(int wanted, int low, int high, unsigned own) {
    return wanted >= low && wanted < high ? static_cast<unsigned>(wanted) : own;
}

} // namespace pb::emulated

#define PB_WHERE const std::source_location where = std::source_location::current()

inline void __syncwarp(unsigned mask = 0xffffffffu, PB_WHERE) { ::pb::emulated::warp_barrier(mask, where); }

template <class T> inline T __shfl_sync(unsigned mask, T value, int source, int width = 32, PB_WHERE) {
    const unsigned first = ::pb::emulated::lane_of_this_thread() & ~static_cast<unsigned>(width - 1);
    return ::pb::emulated::shuffle(mask, value, first + static_cast<unsigned>(source & (width - 1)), where);
}

template <class T> inline T __shfl_xor_sync(unsigned mask, T value, int lane_mask, int width = 32, PB_WHERE) {
    const unsigned own = ::pb::emulated::lane_of_this_thread();
    const int end = static_cast<int>(own & ~static_cast<unsigned>(width - 1)) + width;
    const int wanted = static_cast<int>(own) ^ lane_mask;
    return ::pb::emulated::shuffle(mask, value, ::pb::emulated::lane_in_segment(wanted, 0, end, own), where);
}

template <class T> inline T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32, PB_WHERE) {
    const unsigned own = ::pb::emulated::lane_of_this_thread();
    const int end = static_cast<int>(own & ~static_cast<unsigned>(width - 1)) + width;
    const int wanted = static_cast<int>(own + delta);
    return ::pb::emulated::shuffle(mask, value, ::pb::emulated::lane_in_segment(wanted, 0, end, own), where);
}

template <class T> inline T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32, PB_WHERE) {
    const unsigned own = ::pb::emulated::lane_of_this_thread();
    const int first = static_cast<int>(own & ~static_cast<unsigned>(width - 1));
    const int wanted = static_cast<int>(own) - static_cast<int>(delta);
    return ::pb::emulated::shuffle(mask, value, ::pb::emulated::lane_in_segment(wanted, first, 32, own), where);
}

inline unsigned __ballot_sync(unsigned mask, int predicate, PB_WHERE) {
    return ::pb::emulated::warp_ballot(mask, predicate != 0, where);
}

inline int __any_sync(unsigned mask, int predicate, PB_WHERE) {
    return ::pb::emulated::warp_ballot(mask, predicate != 0, where) != 0 ? 1 : 0;
}

inline int __all_sync(unsigned mask, int predicate, PB_WHERE) {
    return ::pb::emulated::warp_ballot(mask, predicate != 0, where) == mask ? 1 : 0;
}

#undef PB_WHERE

#endif
