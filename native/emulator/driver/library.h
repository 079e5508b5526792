/* Loaded libraries and modules (the same here), and their kernels. */
#ifndef PATCHBAY_EMULATOR_LIBRARY_H
#define PATCHBAY_EMULATOR_LIBRARY_H

#include "../runtime/registry.h"
#include "abi.h"

namespace pb::emulated {

/* A kernel of one loaded library, with the attributes that were set there. */
struct LoadedKernel {
    const Registration *registration;
    uint32_t most_dynamic_shared;
};

/* The kernel of a handle; null where the handle is none, or its library was unloaded. */
LoadedKernel *kernel_of(abi::CUfunction handle);

} // namespace pb::emulated

#endif
