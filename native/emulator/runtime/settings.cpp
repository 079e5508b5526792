/* Reads the environment. */
#include "settings.h"

#include <algorithm>
#include <cstdlib>
#include <thread>

#include "grid.h"

namespace pb::emulated {

namespace {
/* The variable's number, with its unit; `otherwise` where it is not set or not a number. */
uint64_t number_of(const char *variable, uint64_t otherwise) {
    const char *text = std::getenv(variable);
    if (text == nullptr || *text == '\0') {
        return otherwise;
    }
    char *end = nullptr;
    const uint64_t number = std::strtoull(text, &end, 10);
    switch (*end) {
    case '\0': return number;
    case 'K': return number << 10;
    case 'M': return number << 20;
    case 'G': return number << 30;
    default: return otherwise;
    }
}
} // namespace

Settings &settings() {
    static Settings read{
        .seed = number_of("PATCHBAY_EMULATOR_SEED", 1),
        .memory = number_of("PATCHBAY_EMULATOR_MEMORY", uint64_t{2} << 30),
        .workers = static_cast<int>(std::clamp<uint64_t>(
            number_of("PATCHBAY_EMULATOR_THREADS", std::thread::hardware_concurrency()), 1, kMostWorkers)),
    };
    return read;
}

} // namespace pb::emulated
