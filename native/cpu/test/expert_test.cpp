/* Mixtures of experts over ragged shapes, against float64, the definition's own order, and plain products. */
#include "check.h"
#include "stories.h"

#include <algorithm>
#include <numeric>

namespace {

using check::floats;
using integers = std::vector<int32_t>;

struct routing {
    floats weights;
    integers index;
};

routing route(pb_cpu_device *device, const floats &logits, int64_t rows, int32_t experts, int32_t chosen, int32_t kind) {
    routing out{check::poisoned(rows * chosen), integers(static_cast<size_t>(rows * chosen), -7)};
    const pb_route params{logits.data(), out.weights.data(), out.index.data(), rows, experts, experts, chosen, kind, 0};
    check::ok(pb_cpu_route(device, &params), "route");
    return out;
}

/* Experts of a row in the order of choice. */
integers sorted(const float *logits, int32_t experts) {
    integers order(static_cast<size_t>(experts));
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) { return logits[a] > logits[b]; });
    return order;
}

void routesTakeTheGreatestAndTheLowestIndexOnTies() {
    for (const int32_t experts : {1, 2, 5, 16, 17, 33, 128}) {
        for (const int32_t chosen : {1, 2, 8}) {
            if (chosen > experts) {
                continue;
            }
            const int64_t rows = 9;
            floats logits = check::random_floats(rows * experts, 90, 6.0f);
            for (int32_t e = 0; e < experts; ++e) {
                logits[static_cast<size_t>(e)] = 0.25f * static_cast<float>(e % 3); /* ties */
                logits[static_cast<size_t>(experts + e)] = e % 2 == 0 ? 0.0f : -0.0f;
            }
            for (const int32_t kind : {PB_ROUTE_SHARE_OF_ALL, PB_ROUTE_SHARE_OF_CHOSEN}) {
                integers index;
                const floats weights = check::same_on_all("route", [&](pb_cpu_device *device) {
                    routing got = route(device, logits, rows, experts, chosen, kind);
                    check::that(index.empty() || index == got.index, "other experts");
                    index = got.index;
                    return got.weights;
                });
                for (int64_t r = 0; r < rows; ++r) {
                    const float *row = logits.data() + r * experts;
                    const integers want = sorted(row, experts);
                    double sum = 0;
                    for (int32_t e = 0; e < (kind == PB_ROUTE_SHARE_OF_ALL ? experts : chosen); ++e) {
                        sum += std::exp(static_cast<double>(row[want[static_cast<size_t>(e)]]));
                    }
                    for (int32_t c = 0; c < chosen; ++c) {
                        const auto at = static_cast<size_t>(r * chosen + c);
                        check::that(index[at] == want[static_cast<size_t>(c)], "expert " + std::to_string(c));
                        check::near(weights[at], std::exp(static_cast<double>(row[index[at]])) / sum, 1e-6, "weight");
                    }
                }
            }
        }
    }
}

void aRowOfNaNsStillChoosesExperts() {
    for (pb_cpu_device *device : check::devices()) {
        const routing got = route(device, {1, check::kNaN, 3, check::kNaN}, 1, 4, 3, PB_ROUTE_SHARE_OF_CHOSEN);
        check::that(got.index == integers{1, 3, 2}, "NaN counts as the greatest");
        check::that(std::isnan(got.weights[2]), "the weights show it");
        const float low = -check::kInfinity;
        const routing cut = route(device, {low, 2, low, low}, 1, 4, 2, PB_ROUTE_SHARE_OF_ALL);
        check::that(cut.index == integers{1, 0} && cut.weights == floats{1, 0}, "a logit of -inf weighs nothing");
    }
}

struct grouping {
    integers begin, order;
};

grouping group(pb_cpu_device *device, const integers &index, int32_t experts) {
    grouping out{integers(static_cast<size_t>(experts) + 1, -7), integers(index.size(), -7)};
    const pb_expert_rows params{index.data(), out.begin.data(), out.order.data(), static_cast<int64_t>(index.size()),
                                experts, 0};
    check::ok(pb_cpu_expert_rows(device, &params), "expert_rows");
    return out;
}

void assignmentsAreSortedByExpertAndStayInOrder() {
    for (pb_cpu_device *device : check::devices()) {
        const grouping got = group(device, {2, 0, 2, 4, 0, 2}, 6);
        check::that(got.begin == integers{0, 2, 2, 5, 5, 6, 6}, "begin");
        check::that(got.order == integers{1, 4, 0, 2, 5, 3}, "order");
        const int32_t wrong[] = {0, 6};
        int32_t begin[7], order[2];
        const pb_expert_rows params{wrong, begin, order, 2, 6, 0};
        check::that(pb_cpu_expert_rows(device, &params) == PB_INVALID_ARGUMENT, "no such expert");
    }
}

struct shape {
    int64_t tokens, inner, columns;
    int32_t experts, chosen;
    bool shared; /* the assignments of a token read one row of x */
};

/* Experts without rows, with one, with more than a task takes, and all with as many. */
integers assignments(const shape &s, int kind) {
    integers index;
    for (int64_t a = 0; a < s.tokens * s.chosen; ++a) {
        const int64_t token = a / s.chosen, c = a % s.chosen;
        const int64_t expert = kind == 0 ? (token * 7 + c) % s.experts : kind == 1 ? c : (token % 3 == 0 ? s.experts - 1 - c : c);
        index.push_back(static_cast<int32_t>(expert));
    }
    return index;
}

void expertProductsHaveTheBitsOfPlainOnes() {
    for (const shape &s : {shape{1, 1, 1, 1, 1, true}, shape{5, 17, 33, 4, 2, true}, shape{65, 64, 97, 6, 2, false},
                           shape{300, 97, 65, 3, 1, true}, shape{64, 385, 800, 5, 3, false}}) {
        const int64_t count = s.tokens * s.chosen, rows = s.shared ? s.tokens : count;
        const int64_t size = pb_cpu_packed_size(s.inner, s.columns), step = size + 3;
        const floats x = check::random_matrix(rows, s.inner, s.inner + 5, 91);
        const floats w = check::random_floats(s.experts * s.inner * s.columns, 92);
        const floats bias = check::random_floats(s.experts * s.columns, 93);
        for (const int kind : {0, 1, 2}) {
            const integers index = assignments(s, kind);
            check::same_on_all("experts", [&](pb_cpu_device *device) {
                floats packed = check::poisoned(s.experts * step);
                for (int64_t e = 0; e < s.experts; ++e) {
                    const pb_pack pack{w.data() + e * s.inner * s.columns, packed.data() + e * step, s.inner, s.columns,
                                       s.columns, 0, 0};
                    check::ok(pb_cpu_pack_weight(device, &pack), "pack");
                }
                const grouping rows_of = group(device, index, s.experts);
                floats out = check::poisoned(count * (s.columns + 3));
                pb_gemm_experts params{x.data(), packed.data(), bias.data(), out.data(), rows_of.begin.data(),
                                       rows_of.order.data(), count, s.inner, s.columns, s.inner + 5, s.columns + 3, step,
                                       s.experts, s.shared ? s.chosen : 1};
                check::ok(pb_cpu_gemm_experts(device, &params), "gemm_experts");
                for (int64_t a = 0; a < count; ++a) {
                    const int64_t e = index[static_cast<size_t>(a)];
                    floats want = check::poisoned(s.columns + 3);
                    const pb_gemm plain{x.data() + (s.shared ? a / s.chosen : a) * (s.inner + 5), packed.data() + e * step,
                                        bias.data() + e * s.columns, want.data(), 1, s.inner, s.columns, s.inner,
                                        s.columns, s.inner, 0};
                    check::ok(pb_cpu_gemm(device, &plain, 1), "gemm");
                    check::that(check::same_bits(want.data(), out.data() + a * (s.columns + 3), s.columns),
                                "assignment " + std::to_string(a) + " has other bits");
                    check::that(std::isnan(out[static_cast<size_t>(a * (s.columns + 3) + s.columns)]), "wrote behind");
                }
                return out;
            });
        }
    }
}

void anOrderThatNamesARowTwiceIsRefused() {
    const floats x(4, 1.0f), weight(16, 1.0f);
    floats out(4);
    for (pb_cpu_device *device : check::devices()) {
        const int32_t begin[] = {0, 2}, twice[] = {1, 1}, beyond[] = {0, 2}, good[] = {1, 0}, short_of[] = {0, 1};
        pb_gemm_experts params{x.data(), weight.data(), nullptr, out.data(), begin, twice, 2, 1, 1, 1, 1, 16, 1, 1};
        check::that(pb_cpu_gemm_experts(device, &params) == PB_INVALID_ARGUMENT, "twice");
        params.order = beyond;
        check::that(pb_cpu_gemm_experts(device, &params) == PB_INVALID_ARGUMENT, "beyond");
        params.order = good;
        check::ok(pb_cpu_gemm_experts(device, &params), "good");
        params.begin = short_of;
        check::that(pb_cpu_gemm_experts(device, &params) == PB_INVALID_ARGUMENT, "not all");
    }
}

void mixturesAddThePartsInTheirOrder() {
    for (const int64_t columns : {1, 15, 16, 33, 97, 768}) {
        for (const int32_t parts : {1, 2, 5}) {
            const int64_t rows = 7;
            const floats weights = check::random_floats(rows * parts, 94);
            const floats y = check::random_floats(rows * parts * columns, 95);
            const floats addend = check::random_floats(rows * columns, 96);
            for (const bool added : {false, true}) {
                const floats out = check::same_on_all("mix", [&](pb_cpu_device *device) {
                    floats result = added ? addend : check::poisoned(rows * columns);
                    const pb_mix params{weights.data(), y.data(), added ? result.data() : nullptr, result.data(), rows,
                                        columns, parts, parts * columns, columns, columns, parts, 0};
                    check::ok(pb_cpu_mix(device, &params), "mix");
                    return result;
                });
                for (int64_t i = 0; i < rows * columns; ++i) {
                    float sum = added ? addend[static_cast<size_t>(i)] : 0.0f;
                    for (int64_t c = 0; c < parts; ++c) {
                        sum = std::fma(weights[static_cast<size_t>(i / columns * parts + c)],
                                       y[static_cast<size_t>((i / columns * parts + c) * columns + i % columns)], sum);
                    }
                    check::that(check::same_bits(&sum, &out[static_cast<size_t>(i)], 1), "not the bits of the definition");
                }
            }
        }
    }
}

} // namespace

void expert_stories() {
    check::story("routesTakeTheGreatestAndTheLowestIndexOnTies", routesTakeTheGreatestAndTheLowestIndexOnTies);
    check::story("aRowOfNaNsStillChoosesExperts", aRowOfNaNsStillChoosesExperts);
    check::story("assignmentsAreSortedByExpertAndStayInOrder", assignmentsAreSortedByExpertAndStayInOrder);
    check::story("expertProductsHaveTheBitsOfPlainOnes", expertProductsHaveTheBitsOfPlainOnes);
    check::story("anOrderThatNamesARowTwiceIsRefused", anOrderThatNamesARowTwiceIsRefused);
    check::story("mixturesAddThePartsInTheirOrder", mixturesAddThePartsInTheirOrder);
}
