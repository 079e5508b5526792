/* Reports of the device; the kernels that tests launch. */
#include "check.h"

#include <algorithm>
#include <map>

#include "driver/device.h"

namespace check {

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
