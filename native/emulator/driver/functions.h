/* The functions of functions.def, and three of the emulator's own for tests. */
#ifndef PATCHBAY_EMULATOR_FUNCTIONS_H
#define PATCHBAY_EMULATOR_FUNCTIONS_H

#include "abi.h"

#define PB_EXPORT __attribute__((visibility("default")))

namespace pb::abi {

extern "C" {
#define PB_FUNCTION(name, symbol, version, parameters) PB_EXPORT CUresult symbol parameters;
#include "functions.def"
#undef PB_FUNCTION

/* The seed of the launches that follow; 0 is the natural order of blocks and threads; with 3, 7, 11, ... a
 * warp runs ahead of the others as far as it can. */
PB_EXPORT void cuEmulatorSetSeed(uint64_t seed);
/* The report of the last device fault or refused call; empty where there was none. Returns its length. */
PB_EXPORT size_t cuEmulatorReport(char *text, size_t size);
/* Waits for all work, then forgets a sticky error, which a real device keeps until the process ends, and with it all
 * device memory. */
PB_EXPORT void cuEmulatorReset(void);
}

} // namespace pb::abi

#endif
