/*
 * What emulation costs: a launch, a barrier a thread, a shuffle a lane, and attention a (query, key, head). All on one
 * processor's worth of blocks or more: see the threads it prints.
 */
#include <chrono>
#include <cstdio>

#include "../../cuda-kernels/launch.h"
#include "patchbay/cuda.h"
#include "runtime/settings.h"
#include "test/check.h"
#include "test/test_kernels.h"

using namespace check;

namespace {

/* The best of several runs, in microseconds. */
template <class Work> double microseconds(Work &&work) {
    double best = 1e300;
    for (int i = 0; i < 5; ++i) {
        const auto start = std::chrono::steady_clock::now();
        work();
        ok(cuCtxSynchronize(), "cuCtxSynchronize");
        best = std::min(best, std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
    }
    return best;
}

void measure_basics() {
    constexpr int64_t kRepeats = 200;
    const Buffer<float> memory(floats(256 * 8, 1.0f));
    const auto run = [&](const char *name, unsigned blocks, int64_t count) {
        return microseconds([&] {
            ok(launch(name, blocks, 256, 1024, test_params{memory.pointer(), memory.pointer(), count, 0, 0}), name);
        });
    };
    std::printf("launch and wait, one block of 256 threads    %8.2f us\n", run("test_rotate", 1, 0));
    std::printf("a barrier, per thread                        %8.4f us\n",
                (run("test_rotate", 1, kRepeats) - run("test_rotate", 1, 0)) / (2.0 * kRepeats * 256));
    std::printf("a shuffle, per lane                          %8.4f us\n",
                (run("test_warp_sum", 1, kRepeats) - run("test_warp_sum", 1, 0)) / (5.0 * kRepeats * 256));
}

void measure_attention(int32_t length) {
    constexpr int32_t kHeads = 4, kDHead = 64;
    const auto size = static_cast<size_t>(length * kHeads * kDHead);
    const Buffer<float> q(random_floats(size, 1)), k(random_floats(size, 2)), v(random_floats(size, 3)), z(size);
    const Buffer<float> lse(static_cast<size_t>(length * kHeads));
    const Buffer<pb_row> rows(std::vector<pb_row>{{0, length, 0, 0}});
    std::vector<pb_cuda_attention_block> list;
    for (int32_t first = 0; first < length; first += pb::kAttentionQueries) {
        list.push_back({0, first});
    }
    const Buffer<pb_cuda_attention_block> blocks(list);
    const Buffer<int32_t> status(std::vector<int32_t>{0});
    pb_cuda_attention p{};
    pb_attention &a = p.attention;
    a.q = q.pointer();
    a.k = k.pointer();
    a.v = v.pointer();
    a.z = z.pointer();
    a.lse = lse.pointer();
    a.rows = rows.pointer();
    a.row_count = 1;
    a.q_stride = a.k_stride = a.v_stride = a.z_stride = int64_t{kHeads} * kDHead;
    a.heads = a.kv_heads = kHeads;
    a.d_head = kDHead;
    a.scale = 0.125f;
    p.blocks = blocks.pointer();
    p.block_count = static_cast<int64_t>(list.size());
    p.status = status.pointer();
    p.score_capacity = static_cast<int32_t>(pb::attention_score_capacity(length, 0));
    const pb::launch grid = pb::launch_attention(p.block_count, kHeads, kDHead, 0, p.score_capacity);
    void *params[] = {&p};
    const double time = microseconds([&] {
        ok(cuLaunchKernel(kernel("pb_attention_f32"), static_cast<unsigned>(grid.grid_x),
                          static_cast<unsigned>(grid.grid_y), 1, pb::kAttentionThreads, 1, 1,
                          static_cast<unsigned>(grid.shared_bytes), nullptr, params, nullptr),
           "launch");
    });
    std::printf("attention d64, %4d tokens                   %8.2f us, %.4f us a visible (query, key, head)\n", length,
                time, time / (0.5 * length * (length + 1) * kHeads));
}

void measure_gemm(int64_t size) {
    const auto count = static_cast<size_t>(size * size);
    const Buffer<float> x(random_floats(count, 1)), weight(random_floats(count, 2)), out(count);
    const pb_cuda_gemm p{x.pointer(), weight.pointer(), nullptr, out.pointer(), size, size, size, size, size, size, 0, 0, 0};
    const pb::launch grid = pb::launch_gemm(pb::kGemmMedium, size, size);
    pb_cuda_gemm copy = p;
    void *params[] = {&copy};
    const double time = microseconds([&] {
        ok(cuLaunchKernel(kernel("pb_gemm_f32_medium"), static_cast<unsigned>(grid.grid_x),
                          static_cast<unsigned>(grid.grid_y), 1, static_cast<unsigned>(pb::kGemmMedium.threads()), 1, 1,
                          static_cast<unsigned>(grid.shared_bytes), nullptr, params, nullptr),
           "launch");
    });
    const auto n = static_cast<double>(size);
    std::printf("gemm_f32_medium %3d^3                       %9.2f us, %.2f GFLOP/s\n", static_cast<int>(size), time,
                2 * n * n * n / time / 1000);
}

} // namespace

int main() {
    CUcontext context = nullptr;
    ok(cuInit(0), "cuInit");
    ok(cuDevicePrimaryCtxRetain(&context, 0), "cuDevicePrimaryCtxRetain");
    ok(cuCtxSetCurrent(context), "cuCtxSetCurrent");
    std::printf("%d threads\n", pb::emulated::settings().workers);
    measure_basics();
    measure_attention(64);
    measure_attention(256);
    measure_attention(512);
    measure_gemm(256);
    return 0;
}
