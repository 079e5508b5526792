/*
 * Device memory: a range of addresses apart from the host's, committed by allocation. Each allocation lies between guard
 * pages and ends as near to one as its alignment of 256 allows; the bytes between are a canary. Memory is poisoned (NaN)
 * when it is allocated; freed memory is taken away, and its addresses come back as late as possible.
 */
#ifndef PATCHBAY_EMULATOR_ARENA_H
#define PATCHBAY_EMULATOR_ARENA_H

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace pb::emulated {

class Arena {
  public:
    explicit Arena(uint64_t capacity);
    Arena(const Arena &) = delete;
    Arena &operator=(const Arena &) = delete;

    /* 0 when there is no room. */
    uint64_t allocate(size_t bytes);
    /* Whether the address was that of an allocation. A broken canary is told in *damage. */
    bool free(uint64_t address, std::string *damage);
    void free_all();

    /* Whether [address, address + bytes) lies in one live allocation. */
    bool contains(uint64_t address, size_t bytes) const;
    /* The live allocation that the address lies in; false where there is none. */
    bool range(uint64_t address, uint64_t *begin, uint64_t *bytes) const;
    /* What lies at the address, in words. */
    std::string describe(uint64_t address) const;
    /* The first allocation with a broken canary behind it, in words; empty when there is none. */
    std::string damaged() const;

    uint64_t capacity() const { return capacity_; }
    uint64_t available() const;

  private:
    struct Allocation {
        uint64_t bytes;
        uint64_t begin; /* of its pages */
        uint64_t end;
    };
    using Allocations = std::map<uint64_t, Allocation>;

    uint64_t find_room(uint64_t mapped) const;
    void take_away(Allocations::iterator allocation);
    static std::string damage_behind(uint64_t address, const Allocation &allocation);

    mutable std::mutex mutex_;
    const uint64_t capacity_;
    uint64_t begin_ = 0;
    uint64_t end_ = 0;
    uint64_t next_ = 0; /* addresses are given out from here on */
    uint64_t used_ = 0;
    Allocations live_;
};

} // namespace pb::emulated

#endif
