#include "harness.h"

namespace check {

namespace {
int passed = 0;
int failed = 0;
int failures_here = 0;
std::function<void()> cleaning = [] {};
constexpr int kPrinted = 5;
} // namespace

void story(const char *name, const std::function<void()> &tell) {
    failures_here = 0;
    tell();
    cleaning();
    if (failures_here == 0) {
        ++passed;
    } else {
        ++failed;
        std::printf("FAILED %s (%d checks)\n", name, failures_here);
    }
}

void after_each(const std::function<void()> &clean_up) { cleaning = clean_up; }

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

bool same_bits(const float *a, const float *b, int64_t count) {
    return std::memcmp(a, b, static_cast<size_t>(count) * sizeof(float)) == 0;
}

} // namespace check
