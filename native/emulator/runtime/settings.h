/* What the environment decides. */
#ifndef PATCHBAY_EMULATOR_SETTINGS_H
#define PATCHBAY_EMULATOR_SETTINGS_H

#include <atomic>
#include <cstdint>

namespace pb::emulated {

struct Settings {
    std::atomic<uint64_t> seed; /* PATCHBAY_EMULATOR_SEED, default 1; 0 is the natural order */
    uint64_t memory;            /* PATCHBAY_EMULATOR_MEMORY in bytes, K, M or G may follow; default 2G */
    int workers;                /* PATCHBAY_EMULATOR_THREADS, default the processors, at most kMostWorkers */
};

/* Read from the environment when first asked for. */
Settings &settings();

} // namespace pb::emulated

#endif
