/* The matrix product kernels: the bits of one fma chain an element, for every shape, tile and schedule. */
#include "../../cuda-kernels/launch.h"
#include "check.h"
#include "patchbay/cuda.h"
#include "stories.h"

using namespace check;

namespace {

struct Shape {
    int64_t rows, inner, columns;
    bool transposed, bias;
};

/* W[k, n] in the storage of the shape, a stride of 3 more than needed; NaN between. */
int64_t weight_at(const Shape &s, int64_t stride, int64_t k, int64_t n) {
    return s.transposed ? n * stride + k : k * stride + n;
}

floats padded(const floats &values, int64_t rows, int64_t columns, int64_t stride) {
    floats out(static_cast<size_t>(rows * stride), kNaN);
    for (int64_t r = 0; r < rows; ++r) {
        std::copy_n(values.begin() + r * columns, columns, out.begin() + r * stride);
    }
    return out;
}

floats expected(const Shape &s, const floats &x, const floats &weight, int64_t stride, const floats &bias) {
    floats out(static_cast<size_t>(s.rows * s.columns));
    for (int64_t r = 0; r < s.rows; ++r) {
        for (int64_t n = 0; n < s.columns; ++n) {
            float sum = 0.0f;
            for (int64_t k = 0; k < s.inner; ++k) {
                sum = std::fma(x[static_cast<size_t>(r * s.inner + k)],
                               weight[static_cast<size_t>(weight_at(s, stride, k, n))], sum);
            }
            out[static_cast<size_t>(r * s.columns + n)] = s.bias ? sum + bias[static_cast<size_t>(n)] : sum;
        }
    }
    return out;
}

void check_shape(const Shape &s) {
    const int64_t lines = s.transposed ? s.columns : s.inner;
    const int64_t width = s.transposed ? s.inner : s.columns;
    const int64_t stride = width + 3;
    const floats x = random_floats(static_cast<size_t>(s.rows * s.inner), 11);
    const floats weight = padded(random_floats(static_cast<size_t>(lines * width), 12), lines, width, stride);
    const floats bias = random_floats(static_cast<size_t>(s.columns), 13);
    const floats want = expected(s, x, weight, stride, bias);
    const Buffer<float> x_memory(padded(x, s.rows, s.inner, s.inner + 1)), w_memory(weight), bias_memory(bias);
    const std::string what = std::to_string(s.rows) + " x " + std::to_string(s.inner) + " x " +
                             std::to_string(s.columns) + (s.transposed ? " transposed" : "");
    const struct {
        const char *name;
        pb::gemm_tile tile;
    } kernels[] = {{"pb_gemm_f32", pb::kGemmLarge}, {"pb_gemm_f32_medium", pb::kGemmMedium},
                   {"pb_gemm_f32_small", pb::kGemmSmall}};
    for (const auto &kernel : kernels) {
        const Buffer<float> out(want.size());
        pb_cuda_gemm p{};
        p.x = x_memory.pointer();
        p.weight = w_memory.pointer();
        p.bias = s.bias ? bias_memory.pointer() : nullptr;
        p.out = out.pointer();
        p.rows = s.rows;
        p.inner = s.inner;
        p.columns = s.columns;
        p.x_stride = s.inner + 1;
        p.out_stride = s.columns;
        p.weight_stride = stride;
        p.transposed = s.transposed ? 1 : 0;
        const pb::launch grid = pb::launch_gemm(kernel.tile, s.rows, s.columns);
        void *params[] = {&p};
        ok(cuLaunchKernel(check::kernel(kernel.name), static_cast<unsigned>(grid.grid_x),
                          static_cast<unsigned>(grid.grid_y), 1, static_cast<unsigned>(kernel.tile.threads()), 1, 1,
                          static_cast<unsigned>(grid.shared_bytes), nullptr, params, nullptr),
           kernel.name);
        that(same_bits(out.values(), want), std::string(kernel.name) + " " + what + ": other bits");
    }
}

} // namespace

void gemm_stories() {
    story("matrixProductsHaveTheBitsOfOneFmaChain", [] {
        for (const int64_t size : {1, 15, 17, 63, 64, 65, 97}) {
            check_shape({size, 40, 33, false, true});
            check_shape({17, size, 65, true, false});
            check_shape({16, 31, size, size % 2 == 0, true});
        }
        for (const uint64_t seed : {0, 2, 3}) {
            cuEmulatorSetSeed(seed);
            check_shape({130, 70, 131, false, false});
        }
    });
}
