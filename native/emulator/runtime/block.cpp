/* The scheduling of a block's fibers. */
#include "block.h"

#include <algorithm>
#include <utility>

#include "matrix.h"
#include "signals.h"
#include "switch.h"

namespace pb::emulated {

constinit thread_local const Place *place __attribute__((tls_model("initial-exec"))) = nullptr;

namespace {
constinit thread_local Block *running_block __attribute__((tls_model("initial-exec"))) = nullptr;
/* Where a context is saved that nobody will continue. */
thread_local void *discarded = nullptr;
} // namespace

Block &Block::running() { return *running_block; }

/* `place` is always that of a Thread while a fiber runs. */
Thread &Block::self() { return threads_[static_cast<const Thread *>(place)->number]; }

Fault Block::run(const Launch &launch, uint64_t index) {
    if (!shared_.exists()) {
        return {Fault::Kind::other, "no memory for the block's shared memory"};
    }
    catch_signals_of_this_thread();
    prepare(launch, index);
    running_block = this;
    void *first = next_context();
    if (first != nullptr) {
        pb_emulator_switch(&caller_, first);
    }
    place = nullptr;
    running_block = nullptr;
    if (signal_.number != 0) {
        fault_ = fault_of_signal();
    } else if (!fault_ && ended_ < threads_.size()) {
        fault_ = {Fault::Kind::other, "no thread can go on:" + waiting_threads()};
    } else if (!fault_ && shared_.damaged()) {
        fault_ = {Fault::Kind::address, "something was written just beside the shared memory"};
    }
    if (fault_) {
        fault_.text = std::string(launch.kernel->name) + ", block (" + std::to_string(threads_[0].block_index.x) + ", " +
                      std::to_string(threads_[0].block_index.y) + ", " + std::to_string(threads_[0].block_index.z) +
                      "): " + fault_.text;
    }
    return fault_;
}

void Block::prepare(const Launch &launch, uint64_t index) {
    const dim3 size = launch.block;
    const uint32_t count = size.x * size.y * size.z;
    const uint3 block_index{static_cast<unsigned>(index % launch.grid.x),
                            static_cast<unsigned>(index / launch.grid.x % launch.grid.y),
                            static_cast<unsigned>(index / launch.grid.x / launch.grid.y)};
    launch_ = &launch;
    threads_.assign(count, Thread{});
    for (uint32_t i = 0; i < count; ++i) {
        Thread &thread = threads_[i];
        thread.thread_index = {i % size.x, i / size.x % size.y, i / size.x / size.y};
        thread.block_index = block_index;
        thread.block_size = size;
        thread.grid_size = launch.grid;
        thread.number = i;
        ready_[i] = static_cast<uint16_t>(i);
    }
    ready_first_ = 0;
    ready_count_ = count;
    ended_ = 0;
    at_barrier_ = 0;
    arrived_.assign((count + 31) / 32, 0);
    random_ = Random(launch.seed, launch.serial, index);
    random_order_ = launch.seed != 0;
    one_runs_ahead_ = launch.seed % 4 == 3;
    stacks_.reset();
    shared_.prepare(launch.shared_bytes);
    in_flight_.resize(std::max<size_t>(in_flight_.size(), count));
    for (AsyncCopies &own : in_flight_) {
        own.copies.clear();
        own.group_ends.clear();
    }
    caller_ = nullptr;
    fault_ = {};
    signal_ = {};
}

void Block::make_ready(Thread &thread) {
    ready_[(ready_first_ + ready_count_++) % kMostThreads] = static_cast<uint16_t>(thread.number);
}

/* Which of those that can go on: any, or, where one warp runs ahead, one of that warp as long as there is one. */
uint32_t Block::choose_ready() {
    const uint32_t any = random_.below(ready_count_);
    if (!one_runs_ahead_) {
        return any;
    }
    const auto warp_of = [this](uint32_t i) { return ready_[(ready_first_ + i) % kMostThreads] / 32u; };
    for (uint32_t i = 0; i < ready_count_; ++i) {
        if (warp_of((any + i) % ready_count_) == warp_ahead_) {
            return (any + i) % ready_count_;
        }
    }
    warp_ahead_ = warp_of(any);
    return any;
}

Thread *Block::take_ready() {
    if (ready_count_ == 0) {
        return nullptr;
    }
    uint16_t &first = ready_[ready_first_];
    if (random_order_) {
        std::swap(first, ready_[(ready_first_ + choose_ready()) % kMostThreads]);
    }
    ready_first_ = (ready_first_ + 1) % kMostThreads;
    --ready_count_;
    return &threads_[first];
}

/* The context to continue: a thread that can go on, or the caller of run() when none can. */
void *Block::next_context() {
    Thread *next = take_ready();
    if (next == nullptr) {
        return caller_;
    }
    if (!next->started) {
        new_stack_ = stacks_.take();
        if (new_stack_ < 0) {
            fault_ = {Fault::Kind::other, "no memory for a thread's stack"};
            return caller_;
        }
        next->context = new_context(stacks_.top(new_stack_), fiber);
        next->started = true;
    }
    place = next;
    return next->context;
}

/* Runs threads from their start until it meets one that has a stack of its own. */
void Block::fiber() {
    Block &block = running();
    const int stack = block.new_stack_;
    for (;;) {
        block.launch_->kernel->run(block.launch_->params);
        block.self().ended = true;
        ++block.ended_;
        Thread *next = block.take_ready();
        if (next == nullptr) {
            pb_emulator_switch(&discarded, block.caller_);
        }
        place = next;
        if (next->started) {
            block.stacks_.give_back(stack); /* nobody takes it before the switch */
            pb_emulator_switch(&discarded, next->context);
        }
        next->started = true;
    }
}

void Block::suspend(Thread &thread) {
    void *next = next_context();
    if (next == caller_ || place != &thread) { /* else its own turn came again */
        pb_emulator_switch(&thread.context, next);
    }
}

void Block::release(Thread &thread) {
    thread.wait = Wait::nothing;
    make_ready(thread);
}

/* The last to arrive goes on at once, or, in half of the cases of a random order, with the others. */
void Block::let_others_first(Thread &thread) {
    if (random_order_ && random_.below(2) == 0) {
        make_ready(thread);
        suspend(thread);
    }
}

void Block::barrier(const std::source_location &where) {
    Thread &thread = self();
    thread.wait = Wait::block_barrier;
    thread.where = where;
    if (++at_barrier_ < threads_.size()) {
        suspend(thread);
        return;
    }
    at_barrier_ = 0;
    for (Thread &other : threads_) {
        const std::source_location &first = threads_[other.number - other.lane()].where;
        if (other.where.line() != first.line() || other.where.file_name() != first.file_name()) {
            fail("threads of one warp meet in different __syncthreads:" + waiting_threads(), where);
        }
    }
    thread.wait = Wait::nothing;
    for (Thread &other : threads_) {
        if (&other != &thread) {
            release(other);
        }
    }
    let_others_first(thread);
}

uint64_t Block::collective(Wait kind, unsigned mask, uint64_t value, unsigned source,
                           const std::source_location &where) {
    Thread &thread = self();
    thread.wait = kind;
    thread.mask = mask;
    thread.value = value;
    thread.source = source;
    thread.where = where;
    if ((mask >> thread.lane() & 1) == 0) {
        fail("a lane calls a warp collective with a mask that does not name it:" + waiting_threads(), where);
    }
    unsigned &arrived = arrived_[thread.number / 32];
    arrived |= 1u << thread.lane();
    if ((arrived & mask) != mask) {
        suspend(thread);
        return thread.value;
    }
    arrived &= ~mask;
    complete(&threads_[thread.number - thread.lane()], mask, thread);
    let_others_first(thread);
    return thread.value;
}

/* All 32 lanes take part; results go where each lane's operands point. */
void Block::matrix_collective(Wait kind, void *operands, const std::source_location &where) {
    Thread &thread = self();
    thread.operands = operands;
    if (threads_.size() - (thread.number - thread.lane()) < 32) {
        fail("a matrix collective needs a whole warp", where);
    }
    collective(kind, 0xffffffffu, 0, 0, where);
}

/* Results into the values of the lanes of the mask; they stay there until each lane reads its own. */
void Block::complete(Thread *lanes, unsigned mask, Thread &last) {
    uint64_t values[32];
    uint64_t ballot = 0;
    for (unsigned rest = mask; rest != 0; rest &= rest - 1) {
        const int lane = __builtin_ctz(rest);
        if (lanes[lane].mask != mask || lanes[lane].wait != last.wait) {
            fail("the lanes of a mask call different collectives, or with different masks:" + waiting_threads(),
                 last.where);
        }
        values[lane] = lanes[lane].value;
        ballot |= (values[lane] & 1) << lane;
    }
    const Wait kind = last.wait;
    if (kind == Wait::ldmatrix || kind == Wait::mma) {
        void *operands[32];
        std::transform(lanes, lanes + 32, operands, [](const Thread &lane) { return lane.operands; });
        kind == Wait::mma ? multiply_matrices(operands) : load_matrices(operands);
    }
    last.wait = Wait::nothing;
    for (unsigned rest = mask; rest != 0; rest &= rest - 1) {
        Thread &lane = lanes[__builtin_ctz(rest)];
        if (kind == Wait::shuffle) {
            lane.value = (mask >> lane.source & 1) != 0 ? values[lane.source] : ~uint64_t{0};
        } else {
            lane.value = ballot;
        }
        if (&lane != &last) {
            release(lane);
        }
    }
}

void *Block::shared(uint32_t byte_offset, uint32_t bytes, uint32_t alignment, const std::source_location &where) {
    if (uint64_t{byte_offset} + bytes > shared_.bytes()) {
        fail("shared memory [" + std::to_string(byte_offset) + ", " + std::to_string(uint64_t{byte_offset} + bytes) +
                 ") is asked for, the launch has " + std::to_string(shared_.bytes()) + " bytes",
             where);
    }
    if (byte_offset % alignment != 0) {
        fail("shared memory at " + std::to_string(byte_offset) + " is not aligned to " + std::to_string(alignment),
             where);
    }
    return shared_.begin() + byte_offset;
}

/* The destination is poison until the thread has waited for the copy: nobody may count on it sooner. */
void Block::copy_async(uint32_t byte_offset, const void *from, const std::source_location &where) {
    constexpr uint32_t kBytes = 16;
    auto *to = static_cast<unsigned char *>(shared(byte_offset, kBytes, kBytes, where));
    if (reinterpret_cast<uintptr_t>(from) % kBytes != 0) {
        fail("an asynchronous copy reads from an address that is not aligned to 16", where);
    }
    std::fill_n(to, kBytes, SharedMemory::kPoison);
    in_flight_[self().number].copies.push_back({to, from});
}

void Block::commit_copies() {
    AsyncCopies &own = in_flight_[self().number];
    own.group_ends.push_back(own.copies.size());
}

/* Carries out all but the youngest `groups_left` committed groups. What was not committed stays under way. */
void Block::wait_for_copies(unsigned groups_left) {
    AsyncCopies &own = in_flight_[self().number];
    if (own.group_ends.size() <= groups_left) {
        return;
    }
    const size_t groups = own.group_ends.size() - groups_left;
    const size_t done = own.group_ends[groups - 1];
    for (size_t i = 0; i < done; ++i) {
        if (own.copies[i].from == nullptr) {
            std::fill_n(own.copies[i].to, 16, static_cast<unsigned char>(0));
        } else {
            std::copy_n(static_cast<const unsigned char *>(own.copies[i].from), 16, own.copies[i].to);
        }
    }
    own.copies.erase(own.copies.begin(), own.copies.begin() + static_cast<std::ptrdiff_t>(done));
    own.group_ends.erase(own.group_ends.begin(), own.group_ends.begin() + static_cast<std::ptrdiff_t>(groups));
    for (size_t &end : own.group_ends) {
        end -= done;
    }
}

void Block::fail(const std::string &what, const std::source_location &where) {
    fault_ = {Fault::Kind::other, title(self()) + " at " + where.file_name() + ":" + std::to_string(where.line()) +
                                      ": " + what};
    pb_emulator_switch(&discarded, caller_);
    __builtin_unreachable();
}

} // namespace pb::emulated
