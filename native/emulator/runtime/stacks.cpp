/* Memory of the fibers' stacks. */
#include "stacks.h"

#include <sys/mman.h>

namespace pb::emulated {

namespace {
constexpr size_t kGuard = 4096;
constexpr size_t kMapped = Stacks::kBytes + kGuard;
} // namespace

Stacks::~Stacks() {
    for (unsigned char *memory : all_) {
        munmap(memory, kMapped);
    }
}

int Stacks::take() {
    if (free_.empty()) {
        void *memory = mmap(nullptr, kMapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED) {
            return -1;
        }
        mprotect(memory, kGuard, PROT_NONE);
        all_.push_back(static_cast<unsigned char *>(memory));
        free_.push_back(static_cast<int>(all_.size()) - 1);
    }
    const int stack = free_.back();
    free_.pop_back();
    return stack;
}

void Stacks::reset() {
    free_.clear();
    for (int stack = static_cast<int>(all_.size()); stack-- > 0;) {
        free_.push_back(stack);
    }
}

/* The tops are spread over a page: at equal offsets the frames of all fibers would share a few cache sets. */
void *Stacks::top(int stack) const {
    return all_[static_cast<size_t>(stack)] + kMapped - static_cast<size_t>(stack % 16) * 256;
}

bool Stacks::is_guard(const void *address) const {
    for (const unsigned char *memory : all_) {
        if (address >= memory && address < memory + kGuard) {
            return true;
        }
    }
    return false;
}

} // namespace pb::emulated
