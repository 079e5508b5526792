/*
 * Joining is a handshake: a worker counts itself active and then looks whether the job is open; the caller closes the job
 * and then waits until nobody is active. Both orders are sequentially consistent, so no worker touches a closed job, and a
 * worker that never woke up is not waited for.
 */
#include "pool.h"

#include <immintrin.h>

namespace patchbay {

namespace {
/* About 20-50 microseconds: longer than the gap between two operations of a layer, short enough to spare a shared core. */
constexpr int kSpins = 1000;
} // namespace

pool::pool(int threads) : threads_(threads), shares_(std::make_unique<share[]>(static_cast<size_t>(threads))) {
    workers_.reserve(static_cast<size_t>(threads));
    try {
        for (int worker = 1; worker < threads; ++worker) {
            workers_.emplace_back([this, worker] { work(worker); });
        }
    } catch (...) {
        stop_ = true;
        epoch_.fetch_add(1);
        epoch_.notify_all();
        for (auto &thread : workers_) {
            thread.join();
        }
        throw;
    }
}

pool::~pool() {
    stop_ = true;
    epoch_.fetch_add(1);
    epoch_.notify_all();
    for (auto &thread : workers_) {
        thread.join();
    }
}

void pool::take_part(int worker) {
    for (int step = 0; step < threads_; ++step) {
        share &from = shares_[static_cast<size_t>((worker + step) % threads_)];
        for (;;) {
            const int64_t task = from.next.fetch_add(1, std::memory_order_relaxed);
            if (task >= from.end) {
                break;
            }
            function_(context_, task, worker);
        }
    }
}

void pool::run_shared(int64_t count, task_function function, void *context) {
    function_ = function;
    context_ = context;
    for (int worker = 0; worker < threads_; ++worker) {
        share &mine = shares_[static_cast<size_t>(worker)];
        mine.next.store(count / threads_ * worker + count % threads_ * worker / threads_, std::memory_order_relaxed);
        mine.end = count / threads_ * (worker + 1) + count % threads_ * (worker + 1) / threads_;
    }
    open_ = true;
    epoch_.fetch_add(1);
    epoch_.notify_all();
    take_part(0);
    open_ = false;
    for (int spins = 0; active_.load() != 0; ++spins) {
        if (spins < kSpins) {
            _mm_pause();
        } else {
            std::this_thread::yield();
        }
    }
}

void pool::work(int worker) {
    uint32_t seen = 0;
    while (wait_for_job(seen)) {
        seen = epoch_.load();
        active_.fetch_add(1);
        if (open_.load()) {
            take_part(worker);
        }
        active_.fetch_sub(1);
    }
}

/* Spins briefly, then sleeps on the epoch. False when the pool ends. */
bool pool::wait_for_job(uint32_t seen) {
    for (int spins = 0; spins < kSpins && epoch_.load() == seen; ++spins) {
        _mm_pause();
    }
    epoch_.wait(seen);
    return !stop_.load();
}

} // namespace patchbay
