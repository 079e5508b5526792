/* Kernels that are right: the same result under every seed. */
#include "check.h"
#include "stories.h"
#include "test_kernels.h"

using namespace check;

namespace {

constexpr uint64_t kSeeds[] = {0, 1, 2, 3, 12345};

/* Runs a test kernel over `blocks` blocks. */
floats run(const char *name, unsigned blocks, unsigned threads, const floats &in, size_t out_count, int64_t count,
           int32_t choice = 0, unsigned shared = 1024) {
    const Buffer<float> input(in);
    const Buffer<float> output(out_count);
    ok(launch(name, blocks, threads, shared, test_params{input.pointer(), output.pointer(), count, choice, 0}), name);
    return output.values();
}

void same_under_all_seeds(const char *name, unsigned blocks, unsigned threads, size_t out_count, int64_t count,
                          const std::vector<double> &want, const floats &in) {
    for (const uint64_t seed : kSeeds) {
        cuEmulatorSetSeed(seed);
        const floats got = run(name, blocks, threads, in, out_count, count);
        that(distance(got, want) < 1e-4, std::string(name) + " with seed " + std::to_string(seed));
    }
}

} // namespace

void launch_stories() {
    story("vectorAddOfEverySize", [] {
        for (const int64_t count : {1, 31, 256, 1000, 70001}) {
            const floats a = random_floats(static_cast<size_t>(count), 1);
            const floats b = random_floats(static_cast<size_t>(count), 2);
            const Buffer<float> left(a), right(b), out(a.size());
            ok(launch("test_add", static_cast<unsigned>((count + 255) / 256), 256, 0,
                      add_params{left.pointer(), right.pointer(), out.pointer(), count}),
               "launch");
            std::vector<double> want(a.size());
            for (size_t i = 0; i < a.size(); ++i) {
                want[i] = static_cast<double>(a[i]) + static_cast<double>(b[i]);
            }
            that(distance(out.values(), want) < 1e-6, "sum of " + std::to_string(count));
        }
    });
    story("blockSumWithBarriers", [] {
        const floats in = random_floats(256 * 7, 3);
        std::vector<double> want(7, 0.0);
        for (size_t i = 0; i < in.size(); ++i) {
            want[i / 256] += static_cast<double>(in[i]);
        }
        same_under_all_seeds("test_block_sum", 7, 256, 7, 0, want, in);
    });
    story("rotationThroughSharedMemory", [] {
        const floats in = random_floats(256 * 3, 4);
        std::vector<double> want(in.size());
        for (size_t i = 0; i < in.size(); ++i) {
            want[i] = static_cast<double>(in[i / 256 * 256 + (i % 256 + 5) % 256]);
        }
        same_under_all_seeds("test_rotate", 3, 256, in.size(), 5, want, in);
    });
    story("warpSumByShuffles", [] {
        const floats in = random_floats(256 * 2, 5);
        std::vector<double> want(in.size(), 0.0);
        for (size_t i = 0; i < in.size(); ++i) {
            for (size_t j = i / 32 * 32; j < i / 32 * 32 + 32; ++j) {
                want[i] += static_cast<double>(in[j]);
            }
        }
        same_under_all_seeds("test_warp_sum", 2, 256, in.size(), 3, want, in);
    });
    story("halvesOfAWarpShuffleApart", [] {
        const floats in = random_floats(32, 6);
        for (const uint64_t seed : kSeeds) {
            cuEmulatorSetSeed(seed);
            const floats got = run("test_half_warps", 1, 32, in, 128, 0);
            int positive = 0;
            for (size_t lane = 0; lane < 32; ++lane) {
                positive += in[lane] > 0 ? 1 : 0;
            }
            for (size_t lane = 0; lane < 32; ++lane) {
                const float down = in[lane == 15 ? 15 : lane + 1];
                const float up = in[lane == 16 ? 16 : lane - 1] + in[19];
                that(got[lane] == (lane < 16 ? down : up), "lane " + std::to_string(lane));
                that(got[32 + lane] == static_cast<float>(positive), "ballot");
                that(got[64 + lane] == 1.0f, "any and all");
            }
            that(std::isnan(got[96]), "a lane outside the mask reads as poison");
        }
    });
    story("missingBarrierShowsInTheResult", [] {
        const floats in = random_floats(256, 7);
        double sum = 0;
        for (const float x : in) {
            sum += static_cast<double>(x);
        }
        for (const uint64_t seed : kSeeds) {
            cuEmulatorSetSeed(seed);
            const floats sums = run("test_block_sum", 1, 256, in, 1, 0, 1);
            const floats turned = run("test_rotate", 1, 256, in, 256, 3, 1);
            std::vector<double> want(256);
            for (size_t i = 0; i < 256; ++i) {
                want[i] = static_cast<double>(in[(i + 3) % 256]);
            }
            const std::string with = " with seed " + std::to_string(seed);
            that(seed == 0 || distance(sums, {sum}) > 1e-3, "the sum is right" + with);
            that(distance(turned, want) > 1e-3, "the rotation is right" + with);
        }
    });
    story("sharedMemoryBeginsPoisoned", [] {
        for (const float x : run("test_outside", 1, 32, random_floats(32, 8), 32, 0, 6)) {
            that(std::isnan(x), "a number");
        }
    });
    story("everyThreadOfEveryBlockRunsOnce", [] {
        const Buffer<unsigned> counts(std::vector<unsigned>(4, 0));
        for (int32_t i = 0; i < 4; ++i) {
            ok(launch("test_count", 997, 256, 0,
                      test_params{nullptr, reinterpret_cast<float *>(counts.address()), 0, i, 0}),
               "launch");
        }
        that(counts.values() == std::vector<unsigned>(4, 997 * 256), "counts");
    });
}
