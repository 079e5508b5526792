/*
 * patchbay-cpu-bench [--check] [--threads N]
 *
 * Matrix products of GPT-2 small against the fma peak of the same instruction set and thread count. Peak and product run
 * alternately, best of kRepetitions each, so that a busy machine slows both; one thread is timed by its processor time,
 * which leaves out the time it was not running, several by the wall clock. "hot": the same weight again and again;
 * "streamed": a cycle through copies larger than the last cache. --check ends with 1 where a hot share at 8 or more rows
 * is below kShare.
 */
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>
#include <vector>

#include "../src/device.h"

namespace {

constexpr int kRepetitions = 20;
constexpr double kShare = 0.85;
constexpr int64_t kStreamedBytes = 96 << 20;

struct shape {
    int64_t inner, columns;
};
constexpr shape kShapes[] = {{768, 768}, {768, 2304}, {768, 3072}, {3072, 768}};
constexpr int64_t kRows[] = {1, 8, 15, 64, 120, 1024};

double seconds(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/* A packed weight in the memory a device's weights lie in. */
using packed_weight = std::unique_ptr<float, void (*)(void *)>;

packed_weight make_weight(int64_t floats) {
    void *memory = nullptr;
    if (pb_cpu_allocate(floats * static_cast<int64_t>(sizeof(float)), &memory) != PB_OK) {
        std::abort();
    }
    std::fill_n(static_cast<float *>(memory), floats, 0.25f);
    return {static_cast<float *>(memory), pb_cpu_free};
}

/* Operations per second of f, which does `operations` a call. */
template <class F> double rate(const pb_cpu_device &device, double operations, int64_t calls, F &&f) {
    const clockid_t clock = device.pool.threads() == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC;
    const double begin = seconds(clock);
    for (int64_t i = 0; i < calls; ++i) {
        f(i);
    }
    return operations * static_cast<double>(calls) / (seconds(clock) - begin);
}

double fma_peak(pb_cpu_device &device) {
    constexpr int64_t iterations = 200000;
    const int threads = device.pool.threads();
    std::vector<float> sink(static_cast<size_t>(threads) * 16);
    std::vector<int64_t> operations(static_cast<size_t>(threads));
    double all = 0;
    const double calls = rate(device, 1, 1, [&](int64_t) {
        device.pool.run(threads, true, [&](int64_t task, int) {
            const auto t = static_cast<size_t>(task);
            operations[t] = device.kernels.fma_peak(iterations, &sink[t * 16]);
        });
    });
    for (const int64_t one : operations) {
        all += static_cast<double>(one);
    }
    return calls * all;
}

struct timing {
    double peak = 0, hot = 0, streamed = 0;
};

timing measure(pb_cpu_device &device, const shape &s, int64_t rows, const std::vector<packed_weight> &weights) {
    std::vector<float> x(static_cast<size_t>(rows * s.inner), 0.5f), out(static_cast<size_t>(rows * s.columns));
    const double operations = 2.0 * static_cast<double>(rows * s.inner * s.columns);
    /* About a millisecond a sample, at least one call. */
    const int64_t calls = std::max<int64_t>(1, static_cast<int64_t>(1e8 / operations));
    const auto product = [&](const packed_weight &weight) {
        const pb_gemm gemm{x.data(), weight.get(), nullptr,   out.data(), rows, s.inner,
                           s.columns, s.inner,      s.columns, s.inner,    0};
        if (pb_cpu_gemm(&device, &gemm, 1) != PB_OK) {
            std::abort();
        }
    };
    timing best;
    size_t next = 0;
    for (int i = 0; i < kRepetitions; ++i) {
        best.peak = std::max(best.peak, fma_peak(device));
        product(weights[0]);
        best.hot = std::max(best.hot, rate(device, operations, calls, [&](int64_t) { product(weights[0]); }));
        best.streamed = std::max(best.streamed, rate(device, operations, std::min<int64_t>(calls, 4), [&](int64_t) {
                                     next = (next + 1) % weights.size();
                                     product(weights[next]);
                                 }));
    }
    return best;
}

/* False where a share is below the bar. */
bool bench(int32_t isa, int threads) {
    pb_cpu_device *device = nullptr;
    if (pb_cpu_create(threads, isa, &device) != PB_OK) {
        std::abort();
    }
    bool good = true;
    std::printf("%s, %d thread(s), GFLOP/s, best of %d\n", isa == PB_ISA_AVX512 ? "AVX-512" : "AVX2", threads,
                kRepetitions);
    std::printf("%6s %6s %6s %9s %9s %7s %9s %7s\n", "rows", "inner", "cols", "peak", "hot", "share", "streamed", "share");
    for (const shape &s : kShapes) {
        const int64_t floats = pb_cpu_packed_size(s.inner, s.columns);
        const int64_t copies = kStreamedBytes / (floats * 4) + 1;
        std::vector<packed_weight> weights;
        for (int64_t i = 0; i < copies; ++i) {
            weights.push_back(make_weight(floats));
        }
        for (const int64_t rows : kRows) {
            const timing t = measure(*device, s, rows, weights);
            const bool below = rows >= 8 && t.hot < kShare * t.peak;
            good = good && !below;
            std::printf("%6lld %6lld %6lld %9.1f %9.1f %6.1f%% %9.1f %6.1f%%%s\n", static_cast<long long>(rows),
                        static_cast<long long>(s.inner), static_cast<long long>(s.columns), t.peak * 1e-9, t.hot * 1e-9,
                        100 * t.hot / t.peak, t.streamed * 1e-9, 100 * t.streamed / t.peak, below ? "  below" : "");
            std::fflush(stdout);
        }
    }
    pb_cpu_destroy(device);
    return good;
}

} // namespace

int main(int argc, char **argv) {
    bool check = false;
    int threads = 1;
    for (int i = 1; i < argc; ++i) {
        if (std::strcmp(argv[i], "--check") == 0) {
            check = true;
        } else if (std::strcmp(argv[i], "--threads") == 0 && i + 1 < argc && std::atoi(argv[i + 1]) > 0) {
            threads = std::atoi(argv[++i]);
        } else {
            std::fprintf(stderr, "usage: patchbay-cpu-bench [--check] [--threads N]\n");
            return 2;
        }
    }
    bool good = true;
    for (const int32_t isa : {PB_ISA_AVX2, PB_ISA_AVX512}) {
        if (pb_cpu_supported_isa(isa) != 0) {
            good = bench(isa, threads) && good;
        }
    }
    return check && !good ? 1 : 0;
}
