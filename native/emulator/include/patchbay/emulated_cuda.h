/*
 * CUDA C++ as ordinary C++20: what kernel sources see instead of nvcc's built-ins when they are compiled with
 * PATCHBAY_EMULATED for the emulated device. A thread of a block is a fiber; a block stays on one thread of the operating
 * system, and its fibers run one at a time until they block, so plain loads and stores need no further care.
 */
#ifndef PATCHBAY_EMULATED_CUDA_H
#define PATCHBAY_EMULATED_CUDA_H

#include "patchbay/emulated/atomics.h"
#include "patchbay/emulated/bfloat16.h"
#include "patchbay/emulated/kernel.h"
#include "patchbay/emulated/math.h"
#include "patchbay/emulated/matrix.h"
#include "patchbay/emulated/thread.h"
#include "patchbay/emulated/vectors.h"
#include "patchbay/emulated/warp.h"

#endif
