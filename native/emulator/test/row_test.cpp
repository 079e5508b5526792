/* Kernels of rows against float64: norms and log-softmax, whose sums cross warps and blocks. */
#include "../../cuda-kernels/launch.h"
#include "check.h"
#include "patchbay/cuda.h"
#include "stories.h"
#include "test_kernels.h"

#include <algorithm>

using namespace check;

namespace {

constexpr int64_t kRows = 3;

unsigned grid(const pb::launch &launch) { return static_cast<unsigned>(launch.grid_x); }

/* The kernel's output, which must be the same under other seeds. */
template <class Params>
floats same_under_seeds(const char *name, const pb::launch &grid_of, unsigned threads, const Params &p,
                        const Buffer<float> &out) {
    floats first;
    for (const uint64_t seed : {1, 0, 2, 3, 7, 11}) {
        cuEmulatorSetSeed(seed);
        ok(launch(name, grid(grid_of), threads, static_cast<unsigned>(grid_of.shared_bytes), p), name);
        const floats got = out.values();
        that(first.empty() || same_bits(first, got), std::string(name) + ": other bits with another seed");
        first = got;
    }
    return first;
}

void layer_norm(int32_t width) {
    const auto count = static_cast<size_t>(kRows * width);
    const floats x = random_floats(count, 21, 3.0f), weight = random_floats(static_cast<size_t>(width), 22),
                 bias = random_floats(static_cast<size_t>(width), 23);
    const Buffer<float> x_memory(x), weight_memory(weight), bias_memory(bias), out(count), scale(kRows);
    const pb_norm p{x_memory.pointer(), weight_memory.pointer(), bias_memory.pointer(), out.pointer(), scale.pointer(),
                    kRows, width, width, 1, width, PB_NORM_LAYER, 0, 1e-5f, 0.0f};
    const floats got = same_under_seeds("pb_norm_f32", pb::launch_norm(kRows, 1, width), pb::kNormThreads, p, out);
    std::vector<double> want;
    for (int64_t r = 0; r < kRows; ++r) {
        double mean = 0, squares = 0;
        for (int32_t i = 0; i < width; ++i) {
            mean += static_cast<double>(x[static_cast<size_t>(r * width + i)]) / width;
        }
        for (int32_t i = 0; i < width; ++i) {
            const double d = static_cast<double>(x[static_cast<size_t>(r * width + i)]) - mean;
            squares += d * d / width;
        }
        for (int32_t i = 0; i < width; ++i) {
            const auto column = static_cast<size_t>(i);
            want.push_back((static_cast<double>(x[static_cast<size_t>(r * width + i)]) - mean) /
                               std::sqrt(squares + static_cast<double>(p.eps)) * static_cast<double>(weight[column]) +
                           static_cast<double>(bias[column]));
        }
    }
    that(distance(got, want) < 5e-6, "layer norm of width " + std::to_string(width));
}

void log_softmax(int64_t columns) {
    const auto count = static_cast<size_t>(kRows * columns);
    const floats x = random_floats(count, 31, 5.0f);
    const Buffer<float> x_memory(x), out(count);
    const pb_log_softmax p{x_memory.pointer(), out.pointer(), kRows, columns, columns, columns};
    const floats got =
        same_under_seeds("pb_log_softmax_f32", pb::launch_log_softmax(kRows), pb::kLogSoftmaxThreads, p, out);
    std::vector<double> want;
    for (int64_t r = 0; r < kRows; ++r) {
        double sum = 0;
        for (int64_t i = 0; i < columns; ++i) {
            sum += std::exp(static_cast<double>(x[static_cast<size_t>(r * columns + i)]));
        }
        for (int64_t i = 0; i < columns; ++i) {
            want.push_back(static_cast<double>(x[static_cast<size_t>(r * columns + i)]) - std::log(sum));
        }
    }
    that(distance(got, want) < 5e-6, "log-softmax of " + std::to_string(columns));
}

void two_maxima() {
    const floats x = random_floats(256, 61);
    const Buffer<float> in(x), out(512);
    const auto [least, most] = std::minmax_element(x.begin(), x.end());
    for (const uint64_t seed : {0, 1, 2, 3, 7, 11}) {
        cuEmulatorSetSeed(seed);
        ok(launch("test_two_maxima", 1, 256, 32, test_params{in.pointer(), out.pointer(), 256, 0, 0}), "launch");
        const floats got = out.values();
        for (size_t i = 0; i < 512; ++i) {
            that(got[i] == (i < 256 ? *most : -*least), "thread " + std::to_string(i));
        }
    }
}

} // namespace

void row_stories() {
    story("maximaOfABlockMayFollowOneAnother", two_maxima);
    story("layerNormFollowsFloat64", [] {
        for (const int32_t width : {1, 15, 17, 63, 64, 65, 97, 1024, 1025, 3000}) {
            layer_norm(width);
        }
    });
    story("logSoftmaxFollowsFloat64", [] {
        for (const int64_t columns : {1, 15, 17, 63, 64, 65, 97, 511, 513, 2000}) {
            log_softmax(columns);
        }
    });
}
