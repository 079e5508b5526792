/* Mapping, poison and canaries of shared memory. */
#include "shared_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>

namespace pb::emulated {

namespace {
constexpr size_t kPage = 4096;
constexpr unsigned char kPoison = SharedMemory::kPoison;
constexpr size_t kUsable = (SharedMemory::kMost + kPage - 1) / kPage * kPage;
constexpr size_t kMapped = kUsable + 2 * kPage;

bool all_poison(const unsigned char *begin, const unsigned char *end) {
    return std::all_of(begin, end, [](unsigned char byte) { return byte == kPoison; });
}

unsigned char *page_of(unsigned char *address) {
    return address - reinterpret_cast<uintptr_t>(address) % kPage;
}
} // namespace

SharedMemory::SharedMemory() {
    void *memory = mmap(nullptr, kMapped, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory != MAP_FAILED) {
        memory_ = static_cast<unsigned char *>(memory);
        begin_ = memory_ + kPage + kUsable;
    }
}

SharedMemory::~SharedMemory() {
    if (memory_ != nullptr) {
        munmap(memory_, kMapped);
    }
}

void SharedMemory::prepare(size_t bytes) {
    unsigned char *end = memory_ + kPage + kUsable;
    unsigned char *begin = end - (bytes + kAlignment - 1) / kAlignment * kAlignment;
    if (page_of(begin) != page_of(begin_)) {
        mprotect(memory_, kPage + kUsable, PROT_NONE);
        mprotect(page_of(begin), static_cast<size_t>(end - page_of(begin)), PROT_READ | PROT_WRITE);
    }
    begin_ = begin;
    bytes_ = bytes;
    std::memset(page_of(begin), kPoison, static_cast<size_t>(end - page_of(begin)));
}

bool SharedMemory::damaged() const {
    const unsigned char *end = memory_ + kPage + kUsable;
    return !all_poison(page_of(begin_), begin_) || !all_poison(begin_ + bytes_, end);
}

bool SharedMemory::owns(const void *address) const { return address >= memory_ && address < memory_ + kMapped; }

} // namespace pb::emulated
