/* Counting of stories and checks; the kernels that tests launch. */
#include "check.h"

#include <algorithm>
#include <cstdio>
#include <map>

#include "driver/device.h"

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
    cuEmulatorReset();
    cuEmulatorSetSeed(1);
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

void reported(const std::string &words) {
    char text[4096];
    cuEmulatorReport(text, sizeof(text));
    that(std::strstr(text, words.c_str()) != nullptr, "no \"" + words + "\" in the report: " + text);
}

double distance(const floats &got, const std::vector<double> &want) {
    double most = got.size() == want.size() ? 0 : INFINITY;
    for (size_t i = 0; i < std::min(got.size(), want.size()); ++i) {
        const double difference = std::fabs(static_cast<double>(got[i]) - want[i]);
        most = std::isnan(difference) ? INFINITY : std::max(most, difference);
    }
    return most;
}

floats random_floats(size_t count, uint64_t seed, float scale) {
    floats out(count);
    uint64_t state = seed * 0x9e3779b97f4a7c15u + 1;
    for (float &x : out) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        x = scale * (static_cast<float>(state >> 40) / 8388608.0f - 1.0f);
    }
    return out;
}

CUfunction kernel(const char *name) {
    static std::map<std::string, CUfunction> known;
    static CUlibrary library = nullptr;
    if (library == nullptr) {
        ok(cuLibraryLoadData(&library, "any image", nullptr, nullptr, 0, nullptr, nullptr, 0), "cuLibraryLoadData");
    }
    CUfunction &found = known[name];
    if (found == nullptr) {
        ok(cuLibraryGetKernel(&found, library, name), std::string("cuLibraryGetKernel of ") + name);
        ok(cuKernelSetAttribute(pb::abi::CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, 227 * 1024, found, 0),
           "cuKernelSetAttribute");
    }
    return found;
}

} // namespace check
