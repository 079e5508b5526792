/* The kernels of this library, by way of their registrations. */
#ifndef PATCHBAY_EMULATOR_REGISTRY_H
#define PATCHBAY_EMULATOR_REGISTRY_H

#include "patchbay/emulated/kernel.h"

namespace pb::emulated {

/* The first; the others by `next`. Complete when the library is loaded. */
const Registration *kernels();

} // namespace pb::emulated

#endif
