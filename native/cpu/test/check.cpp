#include "check.h"

#include <algorithm>

namespace check {

namespace {
int passed = 0;
int failed = 0;
int failures_here = 0;
constexpr int kPrinted = 5;
} // namespace

void story(const char *name, const std::function<void()> &tell) {
    failures_here = 0;
    tell();
    if (failures_here == 0) {
        ++passed;
    } else {
        ++failed;
        std::printf("FAILED %s (%d checks)\n", name, failures_here);
    }
}

void that(bool holds, const std::string &what) {
    if (!holds && ++failures_here <= kPrinted) {
        std::printf("  %s\n", what.c_str());
    }
}

int summary() {
    std::printf("%d passed, %d failed\n", passed, failed);
    return failed == 0 ? 0 : 1;
}

floats random_floats(int64_t count, uint64_t seed, float scale) {
    floats out(static_cast<size_t>(count));
    uint64_t state = seed * 0x9e3779b97f4a7c15u + 1;
    for (float &x : out) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        x = scale * (static_cast<float>(state >> 40) / 8388608.0f - 1.0f);
    }
    return out;
}

floats random_matrix(int64_t rows, int64_t columns, int64_t stride, uint64_t seed, float scale) {
    const floats values = random_floats(rows * columns, seed, scale);
    floats out = poisoned(rows * stride);
    for (int64_t r = 0; r < rows; ++r) {
        std::copy_n(values.begin() + r * columns, columns, out.begin() + r * stride);
    }
    return out;
}

bool same_bits(const float *a, const float *b, int64_t count) {
    return std::memcmp(a, b, static_cast<size_t>(count) * sizeof(float)) == 0;
}

const std::vector<pb_cpu_device *> &devices() {
    static const std::vector<pb_cpu_device *> all = [] {
        std::vector<pb_cpu_device *> made;
        for (const int32_t isa : {PB_ISA_AVX2, PB_ISA_AVX512}) {
            for (const int32_t threads : {1, 2}) {
                pb_cpu_device *device = nullptr;
                if (pb_cpu_supported_isa(isa) != 0 && pb_cpu_create(threads, isa, &device) == PB_OK) {
                    made.push_back(device);
                }
            }
        }
        return made;
    }();
    return all;
}

std::string name_of(const pb_cpu_device *device) {
    return std::string(pb_cpu_isa(device) == PB_ISA_AVX512 ? "AVX-512" : "AVX2") + " with " +
           std::to_string(pb_cpu_threads(device)) + " thread(s)";
}

floats same_on_all(const std::string &what, const std::function<floats(pb_cpu_device *)> &compute) {
    floats first;
    for (pb_cpu_device *device : devices()) {
        floats result = compute(device);
        if (device == devices().front()) {
            first = std::move(result);
        } else {
            that(same_bits(first, result), what + ": other bits on " + name_of(device));
        }
    }
    return first;
}

} // namespace check
