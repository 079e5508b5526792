/* The stacks of one worker's fibers: made when first needed, kept, each with a guard page below it. */
#ifndef PATCHBAY_EMULATOR_STACKS_H
#define PATCHBAY_EMULATOR_STACKS_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace pb::emulated {

class Stacks {
  public:
    static constexpr size_t kBytes = 64 * 1024;

    Stacks() = default;
    ~Stacks();
    Stacks(const Stacks &) = delete;
    Stacks &operator=(const Stacks &) = delete;

    /* A stack nobody uses; -1 when the system has no memory for another. */
    int take();
    void give_back(int stack) { free_.push_back(stack); }
    /* Takes all stacks back, whatever is on them. */
    void reset();

    void *top(int stack) const;
    /* Whether the address lies in a guard page: a stack has overflown. */
    bool is_guard(const void *address) const;

  private:
    std::vector<unsigned char *> all_; /* lowest address: the guard page */
    std::vector<int> free_;
};

} // namespace pb::emulated

#endif
