/*
 * The persistent thread pool of a device. run() splits tasks [0, count) into one contiguous share a thread; a thread that
 * is through with its share takes single tasks from the others, so a slow or sleeping worker delays nobody. Who runs a
 * task never changes its result. The caller takes part; a pool of one thread starts none.
 */
#ifndef PATCHBAY_CPU_POOL_H
#define PATCHBAY_CPU_POOL_H

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

namespace patchbay {

class pool {
  public:
    using task_function = void (*)(void *context, int64_t task, int worker);

    explicit pool(int threads);
    ~pool();
    pool(const pool &) = delete;
    pool &operator=(const pool &) = delete;

    int threads() const { return threads_; }

    /* Calls f(task, worker) for each task of [0, count); worker < threads(). f must not throw. */
    template <class F> void run(int64_t count, bool parallel, F &&f) {
        if (threads_ == 1 || count < 2 || !parallel) {
            for (int64_t task = 0; task < count; ++task) {
                f(task, 0);
            }
            return;
        }
        run_shared(count, [](void *context, int64_t task, int worker) { (*static_cast<F *>(context))(task, worker); },
                   &f);
    }

  private:
    /* One thread's share; its own cache line, since everybody may take from it. */
    struct alignas(64) share {
        std::atomic<int64_t> next{0};
        int64_t end = 0;
    };

    void run_shared(int64_t count, task_function function, void *context);
    void take_part(int worker);
    void work(int worker);
    bool wait_for_job(uint32_t seen);

    int threads_;
    std::unique_ptr<share[]> shares_;
    task_function function_ = nullptr;
    void *context_ = nullptr;
    alignas(64) std::atomic<uint32_t> epoch_{0};
    alignas(64) std::atomic<bool> open_{false};
    std::atomic<bool> stop_{false};
    alignas(64) std::atomic<int32_t> active_{0};
    std::vector<std::thread> workers_;
};

} // namespace patchbay

#endif
