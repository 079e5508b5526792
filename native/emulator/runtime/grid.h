/* Runs a whole grid: its blocks in random order on a few threads of the operating system. */
#ifndef PATCHBAY_EMULATOR_GRID_H
#define PATCHBAY_EMULATOR_GRID_H

#include "launch.h"

namespace pb::emulated {

/* The most blocks that run at once. */
inline constexpr int kMostWorkers = 4;

/* Returns when all blocks are through or one has failed. One grid runs at a time; others wait. */
Fault run_grid(const Launch &launch);

} // namespace pb::emulated

#endif
