/* The threads that run blocks. The caller is one of them; the others start with the first grid of several blocks. */
#include "grid.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <numeric>
#include <thread>

#include "block.h"
#include "random.h"
#include "settings.h"
#include "signals.h"

namespace pb::emulated {

namespace {

/* Visits [0, count) in another order for each seed: index -> first + index * step, step coprime to count. */
struct Order {
    uint64_t count;
    uint64_t first = 0;
    uint64_t step = 1;

    explicit Order(const Launch &launch) : count(uint64_t{launch.grid.x} * launch.grid.y * launch.grid.z) {
        if (launch.seed != 0 && count > 1 && count < UINT32_MAX) {
            Random random(launch.seed, launch.serial, UINT64_MAX);
            first = random.below(static_cast<uint32_t>(count));
            do {
                step = 1 + random.below(static_cast<uint32_t>(count) - 1);
            } while (std::gcd(step, count) != 1);
        }
    }
    uint64_t at(uint64_t index) const { return (first + index * step) % count; }
};

class Workers {
  public:
    explicit Workers(int count) : count_(count) {}

    Fault run(const Launch &launch) {
        const std::lock_guard one_grid(grid_);
        const Order order(launch);
        launch_ = &launch;
        order_ = &order;
        next_ = 0;
        fault_ = {};
        if (order.count > 1 && count_ > 1) {
            start_helpers();
            const std::lock_guard lock(mutex_);
            ++grid_number_;
            busy_ = helpers_;
            wake_.notify_all();
        }
        work();
        std::unique_lock lock(mutex_);
        done_.wait(lock, [&] { return busy_ == 0; });
        return std::move(fault_);
    }

  private:
    void start_helpers() {
        for (; helpers_ < count_ - 1; ++helpers_) {
            std::thread([this] { help(); }).detach();
        }
    }

    void help() {
        block_process_signals();
        uint64_t seen = 0;
        for (;;) {
            {
                std::unique_lock lock(mutex_);
                wake_.wait(lock, [&] { return grid_number_ != seen; });
                seen = grid_number_;
            }
            work();
            const std::lock_guard lock(mutex_);
            if (--busy_ == 0) {
                done_.notify_all();
            }
        }
    }

    void work() {
        static thread_local const auto own = std::make_unique<Block>(); /* not in the thread's few bytes of static TLS */
        Block &block = *own;
        for (uint64_t i = next_++; i < order_->count; i = next_++) {
            Fault fault = block.run(*launch_, order_->at(i));
            if (fault) {
                next_ = order_->count; /* the others stop after their block */
                const std::lock_guard lock(mutex_);
                if (!fault_) {
                    fault_ = std::move(fault);
                }
                return;
            }
        }
    }

    const int count_;
    std::mutex grid_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable done_;
    int helpers_ = 0;
    int busy_ = 0;
    uint64_t grid_number_ = 0;
    const Launch *launch_ = nullptr;
    const Order *order_ = nullptr;
    std::atomic<uint64_t> next_{0};
    Fault fault_;
};

} // namespace

Fault run_grid(const Launch &launch) {
    static Workers &workers = *new Workers(settings().workers); /* its threads outlive everything */
    return workers.run(launch);
}

} // namespace pb::emulated
