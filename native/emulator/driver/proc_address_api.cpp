/* cuGetProcAddress: functions by the names of the documentation. And the emulator's own functions. */
#include <algorithm>
#include <cstring>

#include "../runtime/settings.h"
#include "device.h"
#include "functions.h"

namespace pb::abi {

using emulated::Device;

namespace {
struct Function {
    const char *name;
    int version;
    void *address;
};

const Function kFunctions[] = {
#define PB_FUNCTION(name, symbol, version, parameters) {#name, version, reinterpret_cast<void *>(&symbol)},
#include "functions.def"
#undef PB_FUNCTION
};
} // namespace

extern "C" {

CUresult cuGetProcAddress_v2(const char *symbol, void **function, int version, uint64_t,
                             CUdriverProcAddressQueryResult *found) {
    if (symbol == nullptr || function == nullptr) {
        return CUDA_ERROR_INVALID_VALUE;
    }
    auto result = CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND;
    *function = nullptr;
    for (const Function &candidate : kFunctions) {
        if (std::strcmp(candidate.name, symbol) == 0) {
            result = CU_GET_PROC_ADDRESS_VERSION_NOT_SUFFICIENT;
            if (candidate.version <= version) {
                result = CU_GET_PROC_ADDRESS_SUCCESS;
                *function = candidate.address;
                break;
            }
        }
    }
    if (found != nullptr) {
        *found = result;
    }
    return result == CU_GET_PROC_ADDRESS_SUCCESS ? CUDA_SUCCESS : CUDA_ERROR_NOT_FOUND;
}

void cuEmulatorSetSeed(uint64_t seed) { emulated::settings().seed = seed; }

size_t cuEmulatorReport(char *text, size_t size) {
    const std::string report = Device::instance().last_report();
    if (size > 0) {
        const size_t copied = std::min(size - 1, report.size());
        std::memcpy(text, report.data(), copied);
        text[copied] = '\0';
    }
    return report.size();
}

void cuEmulatorReset(void) {
    Device::instance().wait_for_all();
    Device::instance().forget_fault();
}

} // extern "C"

} // namespace pb::abi
