/* The kernels of mixtures of experts: against definitions on the host, under several schedules, bit for bit. */
#include <algorithm>
#include <numeric>

#include "../../cuda-kernels/launch.h"
#include "check.h"
#include "patchbay/cuda.h"
#include "stories.h"

using namespace check;

namespace {

using integers = std::vector<int32_t>;

template <class Params> void run(const char *name, const pb::launch &grid, unsigned threads, const Params &params) {
    Params p = params;
    void *pointers[] = {&p};
    ok(cuLaunchKernel(kernel(name), static_cast<unsigned>(grid.grid_x), static_cast<unsigned>(grid.grid_y), 1, threads, 1,
                      1, static_cast<unsigned>(grid.shared_bytes), nullptr, pointers, nullptr),
       name);
}

void route(int64_t rows, int32_t experts, int32_t chosen, int32_t kind) {
    floats logits = random_floats(static_cast<size_t>(rows * experts), 71, 6.0f);
    for (int32_t e = 0; e < experts; ++e) {
        logits[static_cast<size_t>(e)] = e % 2 == 0 ? 0.0f : -0.0f; /* ties */
    }
    const Buffer<float> logit_memory(logits), weights(static_cast<size_t>(rows * chosen));
    const Buffer<int32_t> index(static_cast<size_t>(rows * chosen));
    const pb_route p{logit_memory.pointer(), weights.pointer(), index.pointer(), rows, experts, experts, chosen, kind, 0};
    run("pb_route_f32", pb::launch_route(rows), pb::kRouteThreads, p);
    const integers got = index.values();
    std::vector<double> want;
    for (int64_t r = 0; r < rows; ++r) {
        const float *row = logits.data() + r * experts;
        integers order(static_cast<size_t>(experts));
        std::iota(order.begin(), order.end(), 0);
        std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) { return row[a] > row[b]; });
        double sum = 0;
        for (int32_t e = 0; e < (kind == PB_ROUTE_SHARE_OF_ALL ? experts : chosen); ++e) {
            sum += std::exp(static_cast<double>(row[order[static_cast<size_t>(e)]]));
        }
        for (int32_t c = 0; c < chosen; ++c) {
            const int32_t expert = order[static_cast<size_t>(c)];
            that(got[static_cast<size_t>(r * chosen + c)] == expert, "another expert of " + std::to_string(experts));
            want.push_back(std::exp(static_cast<double>(row[expert])) / sum);
        }
    }
    that(distance(weights.values(), want) < 2e-6, "weights of " + std::to_string(experts) + " experts");
}

struct Grouping {
    integers begin, order;
};

Grouping grouping(const integers &index, int32_t experts) {
    Grouping out{integers(static_cast<size_t>(experts) + 1), {}};
    for (int32_t e = 0; e < experts; ++e) {
        for (size_t a = 0; a < index.size(); ++a) {
            if (index[a] == e) {
                out.order.push_back(static_cast<int32_t>(a));
            }
        }
        out.begin[static_cast<size_t>(e) + 1] = static_cast<int32_t>(out.order.size());
    }
    return out;
}

/* Assignments of which the last expert has many, the first none. */
integers assignments(int64_t count, int32_t experts) {
    integers index;
    for (int64_t a = 0; a < count; ++a) {
        index.push_back(experts == 1 || a % 3 == 0 ? experts - 1 : static_cast<int32_t>(1 + a * 7 % (experts - 1)));
    }
    return index;
}

void expert_rows(int64_t count, int32_t experts) {
    const integers index = assignments(count, experts);
    const Buffer<int32_t> index_memory(index), begin(static_cast<size_t>(experts) + 1), order(index.size());
    const pb_expert_rows p{index_memory.pointer(), begin.pointer(), order.pointer(), count, experts, 0};
    run("pb_expert_rows_i32", pb::launch_expert_rows(experts), pb::kExpertRowsThreads, p);
    const Grouping want = grouping(index, experts);
    that(begin.values() == want.begin, "begin of " + std::to_string(count));
    that(order.values() == want.order, "order of " + std::to_string(count));
}

void gemm_experts(int64_t count, int64_t inner, int64_t columns, int32_t experts, int32_t share, bool transposed) {
    const integers index = assignments(count, experts);
    const Grouping rows = grouping(index, experts);
    const int64_t lines = transposed ? columns : inner, stride = (transposed ? inner : columns) + 3;
    const floats x = random_floats(static_cast<size_t>(count / share * inner), 72);
    const floats weight = random_floats(static_cast<size_t>(experts * lines * stride), 73);
    const floats bias = random_floats(static_cast<size_t>(experts * columns), 74);
    floats want;
    for (int64_t a = 0; a < count; ++a) {
        const int64_t e = index[static_cast<size_t>(a)];
        for (int64_t n = 0; n < columns; ++n) {
            float sum = 0.0f;
            for (int64_t k = 0; k < inner; ++k) {
                const int64_t at = e * lines * stride + (transposed ? n * stride + k : k * stride + n);
                sum = std::fma(x[static_cast<size_t>(a / share * inner + k)], weight[static_cast<size_t>(at)], sum);
            }
            want.push_back(sum + bias[static_cast<size_t>(e * columns + n)]);
        }
    }
    const Buffer<float> x_memory(x), w_memory(weight), bias_memory(bias);
    const Buffer<int32_t> begin(rows.begin), order(rows.order);
    const struct {
        const char *name;
        pb::gemm_tile tile;
    } kernels[] = {{"pb_gemm_experts_f32", pb::kGemmMedium}, {"pb_gemm_experts_f32_small", pb::kGemmSmall}};
    for (const auto &one : kernels) {
        const Buffer<float> out(want.size());
        const pb_cuda_gemm_experts p{x_memory.pointer(), w_memory.pointer(), bias_memory.pointer(), out.pointer(),
                                     begin.pointer(), order.pointer(), count, inner, columns, inner, columns, stride,
                                     lines * stride, experts, share, transposed ? 1 : 0, 0};
        run(one.name, pb::launch_gemm_experts(one.tile, count, experts, columns),
            static_cast<unsigned>(one.tile.threads()), p);
        that(same_bits(out.values(), want), std::string(one.name) + " of " + std::to_string(count) + " assignments");
    }
}

void mix(int64_t columns, int32_t parts) {
    const int64_t rows = 5;
    const floats weights = random_floats(static_cast<size_t>(rows * parts), 75);
    const floats y = random_floats(static_cast<size_t>(rows * parts * columns), 76);
    const floats addend = random_floats(static_cast<size_t>(rows * columns), 77);
    floats want = addend;
    for (int64_t i = 0; i < rows * columns; ++i) {
        for (int64_t c = 0; c < parts; ++c) {
            float &sum = want[static_cast<size_t>(i)];
            sum = std::fma(weights[static_cast<size_t>(i / columns * parts + c)],
                           y[static_cast<size_t>((i / columns * parts + c) * columns + i % columns)], sum);
        }
    }
    const Buffer<float> weight_memory(weights), y_memory(y), out(addend);
    const pb_mix p{weight_memory.pointer(), y_memory.pointer(), out.pointer(), out.pointer(), rows, columns, parts,
                   parts * columns, columns, columns, parts, 0};
    run("pb_mix_f32", pb::launch_elementwise(rows, columns), pb::kElementThreads, p);
    that(same_bits(out.values(), want), "mix of " + std::to_string(parts));
}

template <class F> void under_seeds(const F &f) {
    for (const uint64_t seed : {1, 0, 5}) {
        cuEmulatorSetSeed(seed);
        f();
    }
}

} // namespace

void expert_stories() {
    story("routesTakeTheGreatestAndTheLowestIndexOnTies", [] {
        under_seeds([] {
            for (const int32_t kind : {PB_ROUTE_SHARE_OF_ALL, PB_ROUTE_SHARE_OF_CHOSEN}) {
                route(1, 1, 1, kind);
                route(5, 6, 2, kind);
                route(3, 33, 8, kind);
                route(2, 128, 4, kind);
                route(2, 70, 40, kind);
            }
        });
    });
    story("assignmentsAreSortedByExpertAndStayInOrder", [] {
        under_seeds([] {
            expert_rows(1, 1);
            expert_rows(42, 6);
            expert_rows(255, 3);
            expert_rows(600, 40);
        });
    });
    story("expertProductsHaveTheBitsOfOneFmaChain", [] {
        under_seeds([] {
            gemm_experts(1, 1, 1, 1, 1, false);
            gemm_experts(34, 17, 33, 4, 2, true);
            gemm_experts(150, 65, 70, 3, 1, false);
            gemm_experts(70, 40, 97, 40, 2, true);
        });
    });
    story("mixturesAddThePartsInTheirOrder", [] {
        under_seeds([] {
            mix(1, 1);
            mix(97, 3);
            mix(1100, 8);
        });
    });
}
