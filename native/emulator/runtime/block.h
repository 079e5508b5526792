/*
 * Runs the blocks of a grid, one after the other, on the thread that owns it. The threads of a block are fibers that run
 * until they block. A fiber that ends takes the next unstarted thread on its own stack, so a kernel without barriers costs
 * a call per thread. Which of the runnable threads goes on is random (seeded), or first come first served with seed 0.
 */
#ifndef PATCHBAY_EMULATOR_BLOCK_H
#define PATCHBAY_EMULATOR_BLOCK_H

#include <cstdint>
#include <source_location>
#include <string>
#include <vector>

#include "launch.h"
#include "patchbay/emulated_cuda.h"
#include "random.h"
#include "shared_memory.h"
#include "stacks.h"

namespace pb::emulated {

/* What a thread waits for. */
enum class Wait : uint8_t { nothing, block_barrier, warp_barrier, shuffle, ballot, ldmatrix, mma };

/* 16 bytes, or zeros, on their way to shared memory. */
struct AsyncCopy {
    unsigned char *to;
    const void *from; /* null: zeros */
};

/* The copies that a thread has under way, oldest first; group_ends[i] is the number of copies in the groups up to i. */
struct AsyncCopies {
    std::vector<AsyncCopy> copies;
    std::vector<size_t> group_ends;
};

struct Thread : Place {
    void *context = nullptr; /* while it is suspended */
    uint64_t value = 0;      /* into a collective, and out of it */
    unsigned source = 0;     /* the lane a shuffle reads */
    void *operands = nullptr; /* of a matrix collective, on the stack of the thread: read and written by the last to come */
    unsigned mask = 0;
    uint32_t number = 0; /* in the block; lane and warp follow */
    Wait wait = Wait::nothing;
    bool started = false;
    bool ended = false;
    std::source_location where; /* it waits here */

    unsigned lane() const { return number % 32; }
};

/* What the signal handler saw. */
struct Signal {
    int number = 0;
    const void *address = nullptr;
    bool general_protection = false; /* no address: the processor refused the instruction */
    const Place *place = nullptr;    /* of the thread that ran */
};

class Block {
  public:
    Block() = default;
    Block(const Block &) = delete;
    Block &operator=(const Block &) = delete;

    /* Runs one block of the launch. index is below the product of the grid's sides. */
    Fault run(const Launch &launch, uint64_t index);

    /* For the running thread. */
    static Block &running();
    Thread &self();
    void *shared(uint32_t byte_offset, uint32_t bytes, uint32_t alignment, const std::source_location &where);
    void barrier(const std::source_location &where);
    uint64_t collective(Wait kind, unsigned mask, uint64_t value, unsigned source, const std::source_location &where);
    void matrix_collective(Wait kind, void *operands, const std::source_location &where);
    void copy_async(uint32_t byte_offset, const void *from, const std::source_location &where);
    void commit_copies();
    void wait_for_copies(unsigned groups_left);
    [[noreturn]] void fail(const std::string &what, const std::source_location &where);

    /* For the signal handler: where the thread that runs the blocks goes on. */
    void *caller_context() const { return caller_; }
    void note(const Signal &signal) { signal_ = signal; }

  private:
    void prepare(const Launch &launch, uint64_t index);
    void make_ready(Thread &thread);
    Thread *take_ready();
    uint32_t choose_ready();
    void *next_context();
    void suspend(Thread &thread);
    void release(Thread &thread);
    void let_others_first(Thread &thread);
    void complete(Thread *lanes, unsigned mask, Thread &last);
    static void fiber();

    Fault fault_of_signal() const;
    std::string waiting_threads() const;
    std::string title(const Thread &thread) const;

    static constexpr uint32_t kMostThreads = 1024;

    const Launch *launch_ = nullptr;
    std::vector<Thread> threads_;
    uint32_t ended_ = 0;
    uint32_t at_barrier_ = 0;
    std::vector<unsigned> arrived_; /* by warp: the lanes inside a collective */
    uint16_t ready_[kMostThreads] = {};
    uint32_t ready_first_ = 0;
    uint32_t ready_count_ = 0;
    Random random_{0, 0, 0};
    bool random_order_ = false;
    bool one_runs_ahead_ = false; /* a warp goes on as long as it can: what others have not done yet is found missing */
    uint32_t warp_ahead_ = 0;
    Stacks stacks_;
    SharedMemory shared_;
    std::vector<AsyncCopies> in_flight_; /* by thread */
    int new_stack_ = -1;
    void *caller_ = nullptr;
    Fault fault_;
    Signal signal_;
};

} // namespace pb::emulated

#endif
