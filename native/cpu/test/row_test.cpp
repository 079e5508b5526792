/* Norms, rotary positions, activations, combinations, gather and log-softmax over odd widths, against float64. */
#include "check.h"
#include "stories.h"

#include <algorithm>

namespace {

using check::floats;

constexpr int64_t kRows = 5;
constexpr int64_t kWidths[] = {1, 8, 15, 16, 17, 63, 64, 65, 97, 768};

void normsFollowFloat64() {
    for (const int64_t width : kWidths) {
        for (const int32_t kind : {PB_NORM_LAYER, PB_NORM_RMS, PB_NORM_IDENTITY}) {
            for (const int32_t groups : {1, 3}) {
                const int64_t stride = groups * width + 2;
                const floats x = check::random_matrix(kRows, groups * width, stride, 20, 3.0f);
                const floats weight = check::random_floats(groups * width, 21);
                const floats bias = check::random_floats(groups * width, 22);
                const std::string what = "norm " + std::to_string(kind) + " of " + std::to_string(width);
                const floats out = check::same_on_all(what, [&](pb_cpu_device *device) {
                    floats result = check::poisoned(kRows * stride + kRows * groups);
                    const pb_norm norm{x.data(), weight.data(), bias.data(), result.data(),
                                       result.data() + kRows * stride, kRows, stride, stride, groups,
                                       static_cast<int32_t>(width), kind, 1, 1e-5f, 1.0f};
                    check::ok(pb_cpu_norm(device, &norm), what);
                    return result;
                });
                for (int64_t i = 0; i < kRows * groups; ++i) {
                    const int64_t place = i / groups * stride + i % groups * width;
                    double mean = 0, square = 0;
                    for (int64_t c = 0; c < width; ++c) {
                        mean += static_cast<double>(x[static_cast<size_t>(place + c)]) / static_cast<double>(width);
                    }
                    mean = kind == PB_NORM_LAYER ? mean : 0;
                    for (int64_t c = 0; c < width; ++c) {
                        const double d = static_cast<double>(x[static_cast<size_t>(place + c)]) - mean;
                        square += d * d / static_cast<double>(width);
                    }
                    const bool identity = kind == PB_NORM_IDENTITY;
                    const double scale = identity ? 1 : std::sqrt(square + static_cast<double>(1e-5f));
                    check::near(out[static_cast<size_t>(kRows * stride + i)], scale, 1e-6 * scale, what + " scale");
                    for (int64_t c = 0; c < width; ++c) {
                        const auto at = static_cast<size_t>(i % groups * width + c);
                        const double v = static_cast<double>(x[static_cast<size_t>(place + c)]);
                        const double y = (v - mean) / scale * (static_cast<double>(weight[at]) + 1) +
                                         static_cast<double>(bias[at]);
                        check::near(out[static_cast<size_t>(place + c)], identity ? v : y, 5e-6, what);
                    }
                }
            }
        }
    }
}

void ropeRotatesPairsAndCopiesTheRest() {
    for (const int32_t pairing : {PB_ROPE_HALF, PB_ROPE_PAIR}) {
        for (const int32_t d_head : {8, 12, 64, 80, 128}) {
            for (const int32_t rotary : {0, 2, d_head / 4 * 2, d_head}) {
                const int32_t heads = 3, half = rotary / 2;
                const int64_t columns = heads * d_head;
                const floats x = check::random_floats(kRows * columns, 23);
                const floats cosine = check::random_floats(10 * half, 24), sine = check::random_floats(10 * half, 25);
                const int32_t positions[kRows] = {0, 9, 3, 3, 5};
                for (const bool in_place : {false, true}) {
                    const floats out = check::same_on_all("rope", [&](pb_cpu_device *device) {
                        floats result = in_place ? x : check::poisoned(kRows * columns);
                        const pb_rope rope{in_place ? result.data() : x.data(), result.data(), cosine.data(),
                                           sine.data(), positions, kRows, columns, columns, heads, d_head, rotary,
                                           pairing};
                        check::ok(pb_cpu_rope(device, &rope), "rope");
                        return result;
                    });
                    for (int64_t i = 0; i < kRows * columns; ++i) {
                        const int64_t row = i / columns, e = i % d_head, head = i - e;
                        double want = static_cast<double>(x[static_cast<size_t>(i)]);
                        if (e < rotary) {
                            const bool second = pairing == PB_ROPE_HALF ? e >= half : e % 2 == 1;
                            const int64_t pair = pairing == PB_ROPE_HALF ? e % half : e / 2;
                            const int64_t mate = pairing == PB_ROPE_HALF ? (second ? pair : pair + half)
                                                                         : (second ? e - 1 : e + 1);
                            const double other = static_cast<double>(x[static_cast<size_t>(head + mate)]);
                            const auto angle = static_cast<size_t>(positions[row] * half + pair);
                            const double c = static_cast<double>(cosine[angle]), s = static_cast<double>(sine[angle]);
                            want = second ? want * c + other * s : want * c - other * s;
                        }
                        check::near(out[static_cast<size_t>(i)], want, 3e-7, "rope");
                    }
                }
            }
        }
    }
}

double activated(int32_t kind, double x) {
    switch (kind) {
    case PB_ACT_GELU_ERF:
        return 0.5 * x * std::erfc(-x / std::sqrt(2.0));
    case PB_ACT_GELU_TANH:
        return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
    case PB_ACT_RELU:
        return x > 0 ? x : 0;
    case PB_ACT_SILU:
        return x / (1 + std::exp(-x));
    case PB_ACT_QUICK_GELU:
        return x / (1 + std::exp(-1.702 * x));
    case PB_ACT_SIGMOID:
        return 1 / (1 + std::exp(-x));
    case PB_ACT_CLAMPED_SWIGLU:
        return std::fmin(x, 7.0) / (1 + std::exp(-1.702 * std::fmin(x, 7.0)));
    default:
        return x;
    }
}

/* What a gated activation is multiplied by. */
double linear_branch(int32_t kind, double linear) {
    return kind == PB_ACT_CLAMPED_SWIGLU ? std::fmin(std::fmax(linear, -7.0), 7.0) + 1 : linear;
}

void activationsFollowFloat64() {
    for (int32_t kind = PB_ACT_GELU_ERF; kind <= PB_ACT_CLAMPED_SWIGLU; ++kind) {
        for (const int64_t width : kWidths) {
            const int64_t stride = width + 3;
            const floats x = check::random_matrix(kRows, width, stride, 26, 9.0f);
            const floats linear = check::random_matrix(kRows, width, stride, 27, 9.0f);
            for (const bool gated : {false, true}) {
                const std::string what = "activation " + std::to_string(kind);
                const floats out = check::same_on_all(what, [&](pb_cpu_device *device) {
                    floats result = check::poisoned(kRows * stride);
                    const pb_activation act{x.data(), gated ? linear.data() : nullptr, result.data(), kRows, width,
                                            stride, stride, stride, kind, 0};
                    check::ok(pb_cpu_activation(device, &act), what);
                    return result;
                });
                for (int64_t i = 0; i < kRows * stride; ++i) {
                    const auto at = static_cast<size_t>(i);
                    if (i % stride >= width) {
                        check::that(std::isnan(out[at]), "wrote behind its columns");
                        continue;
                    }
                    const double y = activated(kind, static_cast<double>(x[at]));
                    const double factor = gated ? linear_branch(kind, static_cast<double>(linear[at])) : 1;
                    check::near(out[at], y * factor,
                                4e-7 * std::fmax(std::fabs(y), 0.5) * std::fmax(std::fabs(factor), 1), what);
                }
            }
        }
    }
}

void combinationsFollowFloat64() {
    for (int32_t kind = PB_COMBINE_ADD; kind <= PB_COMBINE_CLAMP; ++kind) {
        for (const int64_t width : {int64_t{1}, int64_t{17}, int64_t{96}, int64_t{20001}}) {
            const floats a = check::random_floats(kRows * width, 28, 3.0f);
            const floats b = check::random_floats(kRows * width, 29, 3.0f);
            const float factor = 1.5f;
            const floats out = check::same_on_all("combine", [&](pb_cpu_device *device) {
                floats result = a; /* in place */
                const pb_combine combine{result.data(), b.data(), result.data(), kRows, width, width,
                                         width, width, kind, factor};
                check::ok(pb_cpu_combine(device, &combine), "combine");
                return result;
            });
            for (size_t i = 0; i < a.size(); ++i) {
                const double x = static_cast<double>(a[i]), f = static_cast<double>(factor);
                const double want = kind == PB_COMBINE_ADD        ? x + f * static_cast<double>(b[i])
                                    : kind == PB_COMBINE_SCALE    ? x * f
                                    : kind == PB_COMBINE_SOFT_CAP ? f * std::tanh(x / f)
                                                                  : std::fmin(std::fmax(x, -f), f);
                check::near(out[i], want, 1e-6, "combine " + std::to_string(kind));
            }
        }
    }
}

void gatherMovesRows() {
    const int64_t columns = 33;
    const floats src = check::random_floats(7 * columns, 30);
    const int32_t from[] = {6, 0, 6, 2}, to[] = {1, 3, 0, 2};
    const floats out = check::same_on_all("gather", [&](pb_cpu_device *device) {
        floats result = check::poisoned(4 * columns);
        const pb_gather gather{src.data(), result.data(), from, to, 4, columns, columns, columns};
        check::ok(pb_cpu_gather(device, &gather), "gather");
        return result;
    });
    for (int64_t i = 0; i < 4; ++i) {
        check::that(check::same_bits(out.data() + to[i] * columns, src.data() + from[i] * columns, columns), "row");
    }
}

void logSoftmaxFollowsFloat64() {
    for (const int64_t width : {int64_t{1}, int64_t{15}, int64_t{16}, int64_t{97}, int64_t{50257}}) {
        const floats x = check::random_floats(kRows * width, 31, 20.0f);
        const floats out = check::same_on_all("log_softmax", [&](pb_cpu_device *device) {
            floats result = x; /* in place */
            const pb_log_softmax params{result.data(), result.data(), kRows, width, width, width};
            check::ok(pb_cpu_log_softmax(device, &params), "log_softmax");
            return result;
        });
        for (int64_t r = 0; r < kRows; ++r) {
            double sum = 0;
            for (int64_t i = 0; i < width; ++i) {
                sum += std::exp(static_cast<double>(x[static_cast<size_t>(r * width + i)]));
            }
            for (int64_t i = 0; i < width; ++i) {
                const auto at = static_cast<size_t>(r * width + i);
                check::near(out[at], static_cast<double>(x[at]) - std::log(sum), 1e-5, "log_softmax");
            }
        }
    }
}

} // namespace

void row_stories() {
    check::story("normsFollowFloat64", normsFollowFloat64);
    check::story("ropeRotatesPairsAndCopiesTheRest", ropeRotatesPairsAndCopiesTheRest);
    check::story("activationsFollowFloat64", activationsFollowFloat64);
    check::story("combinationsFollowFloat64", combinationsFollowFloat64);
    check::story("gatherMovesRows", gatherMovesRows);
    check::story("logSoftmaxFollowsFloat64", logSoftmaxFollowsFloat64);
}
