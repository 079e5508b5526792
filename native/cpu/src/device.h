/* The device behind the C ABI, and what its entry points share: scratch, the inline threshold, the exception barrier. */
#ifndef PATCHBAY_CPU_DEVICE_H
#define PATCHBAY_CPU_DEVICE_H

#include <cstdlib>
#include <memory>
#include <new>
#include <system_error>

#include "kernels.h"
#include "patchbay/cpu.h"
#include "pool.h"

namespace patchbay {

/* Memory that grows and never shrinks, 64-byte aligned. */
class scratch {
  public:
    float *at_least(int64_t floats) {
        if (floats > floats_) {
            memory_.reset();
            floats_ = 0;
            const auto bytes = (static_cast<size_t>(floats) * sizeof(float) + 63) / 64 * 64;
            memory_.reset(static_cast<float *>(std::aligned_alloc(64, bytes)));
            if (memory_ == nullptr) {
                throw std::bad_alloc();
            }
            floats_ = floats;
        }
        return memory_.get();
    }

  private:
    struct release {
        void operator()(float *p) const { std::free(p); }
    };
    std::unique_ptr<float, release> memory_;
    int64_t floats_ = 0;
};

/* Work below this many elementary steps (about 10 microseconds) is not worth waking a thread. */
constexpr int64_t kInlineWork = 40000;

template <class F> int32_t guarded(F &&f) noexcept {
    try {
        return f();
    } catch (const std::bad_alloc &) {
        return PB_OUT_OF_MEMORY;
    } catch (const std::system_error &) {
        return PB_OUT_OF_MEMORY; /* no more threads */
    } catch (...) {
        return PB_INVALID_ARGUMENT;
    }
}

} // namespace patchbay

struct pb_cpu_device {
    pb_cpu_device(int threads, int32_t isa_, const patchbay::kernels &table)
        : isa(isa_), kernels(table), pool(threads), scratch(new patchbay::scratch[static_cast<size_t>(threads)]) {}

    /* Runs f(begin, end) over rows [0, rows) in blocks, on all threads where the work is worth it. */
    template <class F> void over_rows(int64_t rows, int64_t work_per_row, F &&f) {
        const bool parallel = pool.threads() > 1 && rows * work_per_row > patchbay::kInlineWork;
        const int64_t blocks = parallel ? (rows < 4 * pool.threads() ? rows : 4 * pool.threads()) : 1;
        pool.run(blocks, parallel, [&](int64_t block, int) {
            f(rows / blocks * block + rows % blocks * block / blocks,
              rows / blocks * (block + 1) + rows % blocks * (block + 1) / blocks);
        });
    }

    const int32_t isa;
    const patchbay::kernels &kernels;
    patchbay::pool pool;
    std::unique_ptr<patchbay::scratch[]> scratch; /* one a thread */
};

#endif
