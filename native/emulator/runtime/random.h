/* A small random generator for schedules (xorshift64*). */
#ifndef PATCHBAY_EMULATOR_RANDOM_H
#define PATCHBAY_EMULATOR_RANDOM_H

#include <cstdint>

namespace pb::emulated {

class Random {
  public:
    Random(uint64_t seed, uint64_t serial, uint64_t part)
        : state_(mix(seed + mix(serial + mix(part))) | 1) {}

    /* Uniform in [0, bound), bound > 0. */
    uint32_t below(uint32_t bound) {
        state_ ^= state_ >> 12;
        state_ ^= state_ << 25;
        state_ ^= state_ >> 27;
        const uint64_t high = (state_ * 0x2545f4914f6cdd1du) >> 32;
        return static_cast<uint32_t>((high * bound) >> 32);
    }

  private:
    static uint64_t mix(uint64_t x) {
        x += 0x9e3779b97f4a7c15u;
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
        x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
        return x ^ (x >> 31);
    }

    uint64_t state_;
};

} // namespace pb::emulated

#endif
