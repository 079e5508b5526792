/* Commits, guards, poisons and checks device memory. */
#include "arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace pb::emulated {

namespace {
constexpr uint64_t kPage = 4096;
constexpr uint64_t kAlignment = 256;
constexpr unsigned char kPoison = 0xff;
/* Times the capacity: freed addresses are not given out again before all others were. */
constexpr uint64_t kSpread = 16;

uint64_t round_up(uint64_t value, uint64_t unit) { return (value + unit - 1) / unit * unit; }

unsigned char *pointer(uint64_t address) { return reinterpret_cast<unsigned char *>(address); }

std::string text_of(uint64_t address) {
    char text[32];
    std::snprintf(text, sizeof(text), "0x%llx", static_cast<unsigned long long>(address));
    return text;
}
} // namespace

Arena::Arena(uint64_t capacity) : capacity_(capacity) {
    const uint64_t reserved = round_up(capacity, kPage) * kSpread + (uint64_t{1} << 30);
    void *memory = mmap(nullptr, reserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory != MAP_FAILED) {
        begin_ = next_ = reinterpret_cast<uint64_t>(memory);
        end_ = begin_ + reserved;
    }
}

uint64_t Arena::allocate(size_t bytes) {
    const std::lock_guard lock(mutex_);
    if (bytes > capacity_ - used_) {
        return 0;
    }
    const uint64_t aligned = round_up(bytes, kAlignment);
    const uint64_t committed = round_up(aligned, kPage);
    const uint64_t begin = find_room(committed + 2 * kPage);
    if (begin == 0) {
        return 0;
    }
    unsigned char *pages = pointer(begin + kPage);
    if (mprotect(pages, committed, PROT_READ | PROT_WRITE) != 0) {
        return 0;
    }
    std::memset(pages, kPoison, committed);
    const uint64_t end = begin + kPage + committed;
    next_ = end + kPage;
    used_ += bytes;
    const uint64_t address = end - aligned;
    live_.emplace(address, Allocation{bytes, begin + kPage, end});
    return address;
}

/* The first gap of that size from next_ on, then from the beginning; 0 when there is none. */
uint64_t Arena::find_room(uint64_t mapped) const {
    for (const uint64_t start : {next_, begin_}) {
        uint64_t gap = start;
        for (auto it = live_.lower_bound(start);; ++it) {
            const uint64_t gap_end = it == live_.end() ? end_ : it->second.begin - kPage;
            if (gap_end >= gap && gap_end - gap >= mapped) {
                return gap;
            }
            if (it == live_.end()) {
                break;
            }
            gap = it->second.end + kPage;
        }
    }
    return 0;
}

bool Arena::free(uint64_t address, std::string *damage) {
    const std::lock_guard lock(mutex_);
    const auto it = live_.find(address);
    if (it == live_.end()) {
        return false;
    }
    *damage = damage_behind(address, it->second);
    if (damage->empty() && !std::all_of(pointer(it->second.begin), pointer(address),
                                        [](unsigned char byte) { return byte == kPoison; })) {
        *damage = "something was written before the allocation of " + std::to_string(it->second.bytes) + " bytes at " +
                  text_of(address);
    }
    take_away(it);
    return true;
}

void Arena::free_all() {
    const std::lock_guard lock(mutex_);
    while (!live_.empty()) {
        take_away(live_.begin());
    }
}

void Arena::take_away(Allocations::iterator allocation) {
    unsigned char *pages = pointer(allocation->second.begin);
    const size_t size = allocation->second.end - allocation->second.begin;
    madvise(pages, size, MADV_DONTNEED);
    mprotect(pages, size, PROT_NONE);
    used_ -= allocation->second.bytes;
    live_.erase(allocation);
}

bool Arena::range(uint64_t address, uint64_t *begin, uint64_t *bytes) const {
    const std::lock_guard lock(mutex_);
    const auto after = live_.upper_bound(address);
    if (after == live_.begin()) {
        return false;
    }
    const auto at = std::prev(after);
    *begin = at->first;
    *bytes = at->second.bytes;
    return address - at->first <= at->second.bytes;
}

bool Arena::contains(uint64_t address, size_t bytes) const {
    uint64_t begin = 0, all = 0;
    return range(address, &begin, &all) && bytes <= all - (address - begin);
}

std::string Arena::describe(uint64_t address) const {
    const std::lock_guard lock(mutex_);
    if (address < begin_ || address >= end_) {
        return "not device memory";
    }
    const auto after = live_.upper_bound(address);
    if (after != live_.begin()) {
        const auto before = std::prev(after);
        const uint64_t offset = address - before->first;
        if (offset < before->second.end + kPage - before->first) {
            return "byte " + std::to_string(offset) + " of the allocation of " + std::to_string(before->second.bytes) +
                   " bytes at " + text_of(before->first);
        }
    }
    if (after != live_.end() && address >= after->second.begin - kPage) {
        return std::to_string(after->first - address) + " bytes before the allocation of " +
               std::to_string(after->second.bytes) + " bytes at " + text_of(after->first);
    }
    return "device memory that is not allocated, or was freed";
}

std::string Arena::damage_behind(uint64_t address, const Allocation &allocation) {
    if (std::all_of(pointer(address + allocation.bytes), pointer(allocation.end),
                    [](unsigned char byte) { return byte == kPoison; })) {
        return "";
    }
    return "something was written behind the allocation of " + std::to_string(allocation.bytes) + " bytes at " +
           text_of(address);
}

std::string Arena::damaged() const {
    const std::lock_guard lock(mutex_);
    for (const auto &[address, allocation] : live_) {
        std::string damage = damage_behind(address, allocation);
        if (!damage.empty()) {
            return damage;
        }
    }
    return "";
}

uint64_t Arena::available() const {
    const std::lock_guard lock(mutex_);
    return capacity_ - used_;
}

} // namespace pb::emulated
