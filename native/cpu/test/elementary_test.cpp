/* exp, log, tanh and 1 + erf against float64, and their exact values. */
#include "../src/kernels.h"
#include "check.h"
#include "stories.h"

namespace {

using check::floats;

floats evaluate(const patchbay::kernels &table, int32_t function, const floats &x) {
    floats out(x.size());
    table.elementary(function, x.data(), out.data(), static_cast<int64_t>(x.size()));
    return out;
}

floats grid(double from, double to, int64_t count) {
    floats x;
    for (int64_t i = 0; i < count; ++i) {
        x.push_back(static_cast<float>(from + (to - from) * static_cast<double>(i) / static_cast<double>(count)));
    }
    return x;
}

/* Largest |got - want| / max(|want|, floor). */
void within(int32_t function, const char *name, const floats &x, double (*truth)(double), double floor, double bound) {
    const floats got = evaluate(patchbay::avx2::table, function, x);
    double worst = 0;
    float where = 0;
    for (size_t i = 0; i < x.size(); ++i) {
        const double want = truth(static_cast<double>(x[i]));
        const double error = std::fabs(static_cast<double>(got[i]) - want) / std::fmax(std::fabs(want), floor);
        if (!(error <= worst)) {
            worst = error;
            where = x[i];
        }
    }
    check::that(worst <= bound, std::string(name) + ": error " + std::to_string(worst * 1e7) + "e-7 at " +
                                    std::to_string(where));
    if (pb_cpu_supported_isa(PB_ISA_AVX512) != 0) {
        check::that(check::same_bits(got, evaluate(patchbay::avx512::table, function, x)),
                    std::string(name) + ": other bits with AVX-512");
    }
}

void elementaryFunctionsFollowFloat64() {
    within(0, "exp", grid(-87, 88, 100003), [](double x) { return std::exp(x); }, 0, 2e-7);
    within(0, "exp of subnormal result", grid(-110, -87, 1009), [](double x) { return std::exp(x); }, 1.2e-38, 2e-7);
    within(1, "log", grid(1e-6, 4, 100003), [](double x) { return std::log(x); }, 0, 2e-7);
    within(1, "log of large", grid(4, 1e30, 10007), [](double x) { return std::log(x); }, 0, 2e-7);
    within(1, "log of subnormal", grid(1.5e-45, 2e-38, 1009), [](double x) { return std::log(x); }, 0, 2e-7);
    within(2, "tanh", grid(-10, 10, 100003), [](double x) { return std::tanh(x); }, 0, 2e-7);
    within(3, "1 + erf", grid(-4, 4, 100003), [](double x) { return 1 + std::erf(x); }, 0.5, 2e-7);
    /* Far out the fit is relative to 1 + erf only to four digits: an absolute error of 1e-10. */
    within(3, "1 + erf in the tail", grid(-4, -0.5, 10007), [](double x) { return std::erfc(-x); }, 0, 1e-4);
}

void elementaryFunctionsKeepTheirExactValues() {
    const float infinity = check::kInfinity;
    const floats e = evaluate(patchbay::avx2::table, 0, {-infinity, 0.0f, -0.0f, infinity, check::kNaN, -200.0f, 200.0f});
    check::that(e[0] == 0.0f && !std::signbit(e[0]), "exp(-inf) is 0");
    check::that(e[1] == 1.0f && e[2] == 1.0f, "exp(0) is 1");
    check::that(e[3] == infinity && e[6] == infinity && e[5] == 0.0f, "exp at the ends");
    check::that(std::isnan(e[4]), "exp(NaN)");
    const floats l = evaluate(patchbay::avx2::table, 1, {0.0f, 1.0f, -1.0f, infinity, check::kNaN});
    check::that(l[0] == -infinity && l[1] == 0.0f && std::isnan(l[2]) && l[3] == infinity && std::isnan(l[4]),
                "log at the ends");
    const floats t = evaluate(patchbay::avx2::table, 2, {0.0f, infinity, -infinity, check::kNaN});
    check::that(t[0] == 0.0f && t[1] == 1.0f && t[2] == -1.0f && std::isnan(t[3]), "tanh at the ends");
    const floats r = evaluate(patchbay::avx2::table, 3, {0.0f, infinity, -infinity, check::kNaN});
    check::that(r[0] == 1.0f && r[1] == 2.0f && r[2] == 0.0f && std::isnan(r[3]), "1 + erf at the ends");
}

} // namespace

void elementary_stories() {
    check::story("elementaryFunctionsFollowFloat64", elementaryFunctionsFollowFloat64);
    check::story("elementaryFunctionsKeepTheirExactValues", elementaryFunctionsKeepTheirExactValues);
}
