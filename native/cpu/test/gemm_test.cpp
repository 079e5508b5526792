/* Matrix products against float64 and against the definition's own order of operations. */
#include "check.h"
#include "stories.h"

#include <algorithm>

namespace {

using check::floats;

floats packed(pb_cpu_device *device, const floats &raw, int64_t inner, int64_t columns, bool transposed) {
    floats out = check::poisoned(pb_cpu_packed_size(inner, columns));
    const pb_pack pack{raw.data(), out.data(), inner, columns, transposed ? inner : columns, transposed ? 1 : 0, 0};
    check::ok(pb_cpu_pack_weight(device, &pack), "pack");
    return out;
}

struct shape {
    int64_t rows, inner, columns;
};

constexpr shape kShapes[] = {{1, 1, 1},    {1, 64, 97},  {2, 17, 33},   {3, 97, 65},   {5, 0, 7},     {4, 384, 48},
                             {7, 385, 63}, {8, 64, 128}, {12, 15, 300}, {13, 769, 16}, {15, 128, 97}, {17, 63, 65},
                             {64, 97, 33}, {133, 65, 49}, {97, 800, 113}};

/* Rows of x and out have a poisoned gap behind them. */
floats product(pb_cpu_device *device, const floats &x, const floats &weight, const float *bias, const shape &s) {
    floats out = check::poisoned(s.rows * (s.columns + 3));
    const pb_gemm gemm{x.data(), weight.data(), bias,      out.data(),    s.rows, s.inner,
                       s.columns, s.inner + 5,  s.columns + 3, s.inner, 0};
    check::ok(pb_cpu_gemm(device, &gemm, 1), "gemm");
    return out;
}

void gemmHasTheBitsOfItsDefinition() {
    for (const shape &s : kShapes) {
        const std::string what = std::to_string(s.rows) + "x" + std::to_string(s.inner) + "x" + std::to_string(s.columns);
        const floats x = check::random_matrix(s.rows, s.inner, s.inner + 5, 1);
        const floats w = check::random_floats(s.inner * s.columns, 2);
        const floats bias = check::random_floats(s.columns, 3);
        for (const bool with_bias : {false, true}) {
            const floats out = check::same_on_all(what, [&](pb_cpu_device *device) {
                return product(device, x, packed(device, w, s.inner, s.columns, false),
                               with_bias ? bias.data() : nullptr, s);
            });
            for (int64_t r = 0; r < s.rows; ++r) {
                for (int64_t n = 0; n < s.columns + 3; ++n) {
                    const float got = out[static_cast<size_t>(r * (s.columns + 3) + n)];
                    if (n >= s.columns) {
                        check::that(std::isnan(got), what + ": wrote behind its columns");
                        continue;
                    }
                    float sum = 0.0f;
                    double truth = 0, size = 0;
                    for (int64_t k = 0; k < s.inner; ++k) {
                        const float a = x[static_cast<size_t>(r * (s.inner + 5) + k)];
                        const float b = w[static_cast<size_t>(k * s.columns + n)];
                        sum = std::fma(a, b, sum);
                        truth += static_cast<double>(a) * b;
                        size += std::fabs(static_cast<double>(a) * b);
                    }
                    const double offset = with_bias ? static_cast<double>(bias[static_cast<size_t>(n)]) : 0.0;
                    sum = with_bias ? sum + bias[static_cast<size_t>(n)] : sum;
                    check::that(check::same_bits(&got, &sum, 1), what + ": not the bits of the definition");
                    check::near(got, truth + offset, 2e-6 * (size + 1), what);
                }
            }
        }
    }
}

void transposedPackingIsTheSame() {
    const int64_t inner = 37, columns = 53;
    const floats w = check::random_floats(inner * columns, 4);
    floats t(w.size());
    for (int64_t k = 0; k < inner; ++k) {
        for (int64_t n = 0; n < columns; ++n) {
            t[static_cast<size_t>(n * inner + k)] = w[static_cast<size_t>(k * columns + n)];
        }
    }
    for (pb_cpu_device *device : check::devices()) {
        check::that(check::same_bits(packed(device, w, inner, columns, false), packed(device, t, inner, columns, true)),
                    "packings differ");
    }
}

void aRowsBitsDoNotDependOnItsBatch() {
    const shape s{64, 400, 97};
    const floats x = check::random_matrix(s.rows, s.inner, s.inner + 5, 5);
    const floats w = check::random_floats(s.inner * s.columns, 6);
    for (pb_cpu_device *device : check::devices()) {
        const floats weight = packed(device, w, s.inner, s.columns, false);
        const floats all = product(device, x, weight, nullptr, s);
        for (int64_t first : {0, 1, 17, 63}) {
            for (int64_t rows : {1, 2, 5, 9}) {
                const int64_t count = std::min(rows, s.rows - first);
                const floats part(x.begin() + first * (s.inner + 5), x.begin() + (first + count) * (s.inner + 5));
                const floats out = product(device, part, weight, nullptr, {count, s.inner, s.columns});
                check::that(check::same_bits(out.data(), all.data() + first * (s.columns + 3), s.columns),
                            "other bits alone");
            }
        }
    }
}

void severalProductsAndSlicesInOneCall() {
    const int64_t rows = 9, columns = 70, width = 24, heads = 3;
    const floats x = check::random_floats(rows * width * heads, 7);
    const floats w = check::random_floats(width * heads * columns, 8);
    const floats out = check::same_on_all("slices", [&](pb_cpu_device *device) {
        const floats weight = packed(device, w, width * heads, columns, false);
        floats all = check::poisoned(heads * rows * columns);
        std::vector<pb_gemm> gemms;
        for (int64_t h = 0; h < heads; ++h) {
            gemms.push_back({x.data() + h * width, weight.data(), nullptr, all.data() + h * rows * columns, rows, width,
                             columns, width * heads, columns, width * heads, h * width});
        }
        check::ok(pb_cpu_gemm(device, gemms.data(), heads), "gemm");
        return all;
    });
    for (int64_t h = 0; h < heads; ++h) {
        for (int64_t r = 0; r < rows; ++r) {
            for (int64_t n = 0; n < columns; ++n) {
                float sum = 0.0f;
                for (int64_t k = h * width; k < (h + 1) * width; ++k) {
                    sum = std::fma(x[static_cast<size_t>(r * width * heads + k)],
                                   w[static_cast<size_t>(k * columns + n)], sum);
                }
                check::that(check::same_bits(&sum, &out[static_cast<size_t>((h * rows + r) * columns + n)], 1), "slice");
            }
        }
    }
}

void chosenElementsHaveTheBitsOfTheProduct() {
    const shape s{31, 129, 77};
    const floats x = check::random_matrix(s.rows, s.inner, s.inner + 5, 9);
    const floats w = check::random_floats(s.inner * s.columns, 10);
    const floats bias = check::random_floats(s.columns, 11);
    std::vector<int32_t> row, column;
    for (int32_t i = 0; i < 1003; ++i) {
        row.push_back(i * 7 % static_cast<int32_t>(s.rows));
        column.push_back(i * i % static_cast<int32_t>(s.columns));
    }
    for (const float *added : {static_cast<const float *>(nullptr), bias.data()}) {
        floats all;
        const floats chosen = check::same_on_all("chosen", [&](pb_cpu_device *device) {
            const floats weight = packed(device, w, s.inner, s.columns, false);
            all = product(device, x, weight, added, s);
            floats out = check::poisoned(static_cast<int64_t>(row.size()));
            const pb_gemm_chosen params{x.data(), weight.data(), added, out.data(), row.data(), column.data(),
                                        static_cast<int64_t>(row.size()), s.inner, s.columns, s.inner + 5};
            check::ok(pb_cpu_gemm_chosen(device, &params), "gemm_chosen");
            return out;
        });
        for (size_t i = 0; i < row.size(); ++i) {
            check::that(check::same_bits(&chosen[i], &all[static_cast<size_t>(row[i] * (s.columns + 3) + column[i])], 1),
                        "element " + std::to_string(i));
        }
    }
}

} // namespace

void gemm_stories() {
    check::story("gemmHasTheBitsOfItsDefinition", gemmHasTheBitsOfItsDefinition);
    check::story("transposedPackingIsTheSame", transposedPackingIsTheSame);
    check::story("aRowsBitsDoNotDependOnItsBatch", aRowsBitsDoNotDependOnItsBatch);
    check::story("severalProductsAndSlicesInOneCall", severalProductsAndSlicesInOneCall);
    check::story("chosenElementsHaveTheBitsOfTheProduct", chosenElementsHaveTheBitsOfTheProduct);
}
