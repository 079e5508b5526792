/*
 * A CUDA driver that does nothing and succeeds: what a call into it takes is what our border takes. It has the functions
 * that Patchbay binds, itself or through JCuda, declared as the emulator declares them, and a loop that calls the launch from C.
 */
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "../emulator/driver/functions.h"

namespace pb::abi {

namespace {

/* A handle or address that is never followed. */
template <typename T> CUresult give(T *out) {
    *out = reinterpret_cast<T>(uintptr_t{64});
    return CUDA_SUCCESS;
}

template <typename T> CUresult give(T *out, T value) {
    *out = value;
    return CUDA_SUCCESS;
}

CUresult give_memory(void **out, size_t bytes) {
    *out = std::malloc(bytes);
    return *out != nullptr ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
}

} // namespace

extern "C" {

CUresult cuInit(unsigned) { return CUDA_SUCCESS; }
CUresult cuDriverGetVersion(int *version) { return give(version, kDriverVersion); }
CUresult cuGetErrorName(CUresult, const char **text) { return give(text, "none"); }
CUresult cuGetErrorString(CUresult, const char **text) { return give(text, "this driver does nothing"); }
CUresult cuDeviceGetCount(int *count) { return give(count, 1); }
CUresult cuDeviceGet(CUdevice *device, int) { return give(device, 0); }
CUresult cuDeviceGetName(char *name, int length, CUdevice) {
    std::strncpy(name, "empty", static_cast<size_t>(length));
    return CUDA_SUCCESS;
}
CUresult cuDeviceGetAttribute(int *value, CUdevice_attribute attribute, CUdevice) {
    return give(value, attribute == CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED ? 1 : 65536);
}
CUresult cuDeviceTotalMem_v2(size_t *bytes, CUdevice) { return give(bytes, size_t{1} << 30); }
CUresult cuDevicePrimaryCtxRetain(CUcontext *context, CUdevice) { return give(context); }
CUresult cuDevicePrimaryCtxRelease_v2(CUdevice) { return CUDA_SUCCESS; }
CUresult cuCtxSetCurrent(CUcontext) { return CUDA_SUCCESS; }
CUresult cuDeviceGetDefaultMemPool(CUmemoryPool *pool, CUdevice) { return give(pool); }
CUresult cuMemPoolSetAttribute(CUmemoryPool, CUmemPool_attribute, void *) { return CUDA_SUCCESS; }
CUresult cuMemPoolGetAttribute(CUmemoryPool, CUmemPool_attribute, void *value) {
    return give(static_cast<uint64_t *>(value), uint64_t{0});
}
CUresult cuMemGetInfo_v2(size_t *free, size_t *total) { return give(free, *total = size_t{1} << 30); }
CUresult cuMemAllocAsync(CUdeviceptr *address, size_t bytes, CUstream) {
    void *memory;
    const CUresult status = give_memory(&memory, bytes);
    *address = reinterpret_cast<CUdeviceptr>(memory);
    return status;
}
CUresult cuMemFreeAsync(CUdeviceptr address, CUstream) {
    std::free(reinterpret_cast<void *>(address));
    return CUDA_SUCCESS;
}
CUresult cuMemHostAlloc(void **memory, size_t bytes, unsigned) { return give_memory(memory, bytes); }
CUresult cuMemFreeHost(void *memory) {
    std::free(memory);
    return CUDA_SUCCESS;
}
CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr, const void *, size_t, CUstream) { return CUDA_SUCCESS; }
CUresult cuMemcpyDtoHAsync_v2(void *, CUdeviceptr, size_t, CUstream) { return CUDA_SUCCESS; }
CUresult cuMemsetD32Async(CUdeviceptr, unsigned, size_t, CUstream) { return CUDA_SUCCESS; }
CUresult cuStreamCreate(CUstream *stream, unsigned) { return give(stream); }
CUresult cuStreamSynchronize(CUstream) { return CUDA_SUCCESS; }
CUresult cuStreamDestroy_v2(CUstream) { return CUDA_SUCCESS; }
CUresult cuEventCreate(CUevent *event, unsigned) { return give(event); }
CUresult cuEventRecord(CUevent, CUstream) { return CUDA_SUCCESS; }
CUresult cuEventSynchronize(CUevent) { return CUDA_SUCCESS; }
CUresult cuEventElapsedTime_v2(float *milliseconds, CUevent, CUevent) { return give(milliseconds, 0.0f); }
CUresult cuEventDestroy_v2(CUevent) { return CUDA_SUCCESS; }
CUresult cuLibraryLoadData(CUlibrary *library, const void *, int *, void **, unsigned, int *, void **, unsigned) {
    return give(library);
}
CUresult cuLibraryUnload(CUlibrary) { return CUDA_SUCCESS; }
CUresult cuLibraryGetKernel(CUkernel *kernel, CUlibrary, const char *) { return give(kernel); }
CUresult cuModuleLoadData(CUmodule *module, const void *) { return give(module); }
CUresult cuModuleUnload(CUmodule) { return CUDA_SUCCESS; }
CUresult cuModuleGetFunction(CUfunction *function, CUmodule, const char *) { return give(function); }
CUresult cuFuncSetAttribute(CUfunction, CUfunction_attribute, int) { return CUDA_SUCCESS; }
CUresult cuKernelSetAttribute(CUfunction_attribute, int, CUkernel, CUdevice) { return CUDA_SUCCESS; }
CUresult cuLaunchKernel(CUfunction, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, CUstream,
                        void **, void **) {
    return CUDA_SUCCESS;
}

/* Launches `count` times by the pointer that a user of the driver would have; the sum of the results. */
PB_EXPORT int cuBenchLaunchRepeatedly(CUfunction function, CUstream stream, void **params, int64_t count) {
    /* Volatile: the compiler must not see whom it calls, nor hoist the call. */
    decltype(&cuLaunchKernel) volatile launch = &cuLaunchKernel;
    int sum = 0;
    for (int64_t i = 0; i < count; i++) {
        sum += launch(function, static_cast<unsigned>(i), 1, 1, 256, 1, 1, 0, stream, params, nullptr);
    }
    return sum;
}

} // extern "C"

} // namespace pb::abi
