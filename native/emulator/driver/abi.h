/*
 * The types and constants of CUDA's driver API that the emulator speaks, in a namespace of ours; a test compares them with
 * cuda.h where that is installed.
 */
#ifndef PATCHBAY_EMULATOR_ABI_H
#define PATCHBAY_EMULATOR_ABI_H

#include <cstddef>
#include <cstdint>

namespace pb::abi {

enum CUresult : int {
#define PB_RESULT(name, value, description) name = value,
#include "results.def"
#undef PB_RESULT
};

using CUdevice = int;
using CUdeviceptr = unsigned long long;
using CUcontext = struct Context *;
using CUstream = struct StreamHandle *;
using CUevent = struct EventHandle *;
using CUlibrary = struct Library *;
using CUmodule = struct Library *;
using CUkernel = struct Kernel *;
using CUfunction = struct Kernel *;
using CUmemoryPool = struct Pool *;
using CUhostFn = void (*)(void *);

struct CUuuid {
    char bytes[16];
};

enum : unsigned { CU_STREAM_NON_BLOCKING = 1, CU_EVENT_BLOCKING_SYNC = 1, CU_EVENT_DISABLE_TIMING = 2 };

/* Handles and markers that cuda.h defines as macros. */
inline constexpr uintptr_t kStreamLegacy = 1;
inline constexpr uintptr_t kStreamPerThread = 2;
inline constexpr uintptr_t kLaunchParamEnd = 0;
inline constexpr uintptr_t kLaunchParamBufferPointer = 1;
inline constexpr uintptr_t kLaunchParamBufferSize = 2;

enum CUdevice_attribute : int {
#define PB_ATTRIBUTE(name, number, value) CU_DEVICE_ATTRIBUTE_##name = number,
#include "attributes.def"
#undef PB_ATTRIBUTE
};

enum CUfunction_attribute : int {
    CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK = 0,
    CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES = 1,
    CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES = 2,
    CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES = 3,
    CU_FUNC_ATTRIBUTE_NUM_REGS = 4,
    CU_FUNC_ATTRIBUTE_PTX_VERSION = 5,
    CU_FUNC_ATTRIBUTE_BINARY_VERSION = 6,
    CU_FUNC_ATTRIBUTE_CACHE_MODE_CA = 7,
    CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES = 8,
    CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT = 9,
};

enum CUmemPool_attribute : int { CU_MEMPOOL_ATTR_REUSE_FOLLOW_EVENT_DEPENDENCIES = 1, CU_MEMPOOL_ATTR_RELEASE_THRESHOLD = 4, CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT = 5, CU_MEMPOOL_ATTR_USED_MEM_CURRENT = 7 };

enum CUdriverProcAddressQueryResult : int {
    CU_GET_PROC_ADDRESS_SUCCESS = 0,
    CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND = 1,
    CU_GET_PROC_ADDRESS_VERSION_NOT_SUFFICIENT = 2,
};

/* The driver version that the emulator states: CUDA 13.0. */
inline constexpr int kDriverVersion = 13000;

} // namespace pb::abi

#endif
