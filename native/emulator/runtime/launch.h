/* A kernel launch, and what may go wrong in it. */
#ifndef PATCHBAY_EMULATOR_LAUNCH_H
#define PATCHBAY_EMULATOR_LAUNCH_H

#include <cstdint>
#include <string>

#include "patchbay/emulated/kernel.h"
#include "patchbay/emulated/vectors.h"

namespace pb::emulated {

struct Launch {
    static constexpr uint32_t kMostParams = 4096;

    const Registration *kernel = nullptr;
    dim3 grid;
    dim3 block;
    uint32_t shared_bytes = 0;
    uint64_t seed = 0;   /* 0: blocks and threads in their natural order */
    uint64_t serial = 0; /* of the launch in the process: launches get different orders */
    alignas(64) unsigned char params[kMostParams] = {};
};

struct Fault {
    enum class Kind : uint8_t { none, address, misaligned, other };
    Kind kind = Kind::none;
    std::string text;

    explicit operator bool() const { return kind != Kind::none; }
};

} // namespace pb::emulated

#endif
