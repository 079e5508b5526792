/* Device memory and host memory. */
#include <cstdlib>
#include <cstring>

#include "device.h"
#include "functions.h"

namespace pb::abi {

using emulated::Device;

namespace {
constexpr size_t kHostAlignment = 4096;

/* Frees that streams have not come to yet may make room, as they do in a real pool. */
CUresult allocate(CUdeviceptr *address, size_t bytes) {
    Device &device = Device::instance();
    if (address == nullptr || bytes == 0) {
        return CUDA_ERROR_INVALID_VALUE;
    }
    uint64_t found = device.memory.allocate(bytes);
    if (found == 0) {
        device.wait_for_all();
        found = device.memory.allocate(bytes);
    }
    *address = found;
    return found != 0 ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
}

/* Whether it was an allocation. */
bool free_now(CUdeviceptr address) {
    Device &device = Device::instance();
    std::string damage;
    const bool found = device.memory.free(address, &damage);
    if (!damage.empty()) {
        device.fail(CUDA_ERROR_ILLEGAL_ADDRESS, damage);
    }
    return found;
}
} // namespace

extern "C" {

CUresult cuMemAlloc_v2(CUdeviceptr *address, size_t bytes) {
    const CUresult status = Device::instance().check();
    return status == CUDA_SUCCESS ? allocate(address, bytes) : status;
}

/* Waits for all work, as the real one does. */
CUresult cuMemFree_v2(CUdeviceptr address) {
    Device &device = Device::instance();
    if (const CUresult status = device.check(); status != CUDA_SUCCESS) {
        return status;
    }
    if (address == 0) {
        return CUDA_SUCCESS;
    }
    device.wait_for_all();
    if (!free_now(address)) {
        device.report("cuMemFree of what is not an allocation: " + device.memory.describe(address));
        return CUDA_ERROR_INVALID_VALUE;
    }
    return device.check();
}

/* The address is given at once; the stream's order is the caller's to keep. */
CUresult cuMemAllocAsync(CUdeviceptr *address, size_t bytes, CUstream stream) {
    Device &device = Device::instance();
    if (const CUresult status = device.check(); status != CUDA_SUCCESS) {
        return status;
    }
    return device.stream(stream) == nullptr ? CUDA_ERROR_INVALID_HANDLE : allocate(address, bytes);
}

CUresult cuMemFreeAsync(CUdeviceptr address, CUstream stream) {
    Device &device = Device::instance();
    if (const CUresult status = device.check(); status != CUDA_SUCCESS) {
        return status;
    }
    const auto found = device.stream(stream);
    if (found == nullptr) {
        return CUDA_ERROR_INVALID_HANDLE;
    }
    if (!device.memory.contains(address, 1)) {
        device.report("cuMemFreeAsync of what is not an allocation: " + device.memory.describe(address));
        return CUDA_ERROR_INVALID_VALUE;
    }
    device.submit(found, [&device, address] {
        if (!free_now(address)) {
            device.fail(CUDA_ERROR_ILLEGAL_ADDRESS,
                        "cuMemFreeAsync came to what is no longer an allocation: " + device.memory.describe(address));
        }
    });
    return CUDA_SUCCESS;
}

CUresult cuMemGetInfo_v2(size_t *free, size_t *total) {
    Device &device = Device::instance();
    if (const CUresult status = device.check(); status != CUDA_SUCCESS) {
        return status;
    }
    *free = device.memory.available();
    *total = device.memory.capacity();
    return CUDA_SUCCESS;
}

CUresult cuMemGetAddressRange_v2(CUdeviceptr *base, size_t *size, CUdeviceptr address) {
    Device &device = Device::instance();
    if (const CUresult status = device.check(); status != CUDA_SUCCESS) {
        return status;
    }
    uint64_t begin = 0, bytes = 0;
    if (!device.memory.range(address, &begin, &bytes)) {
        return CUDA_ERROR_NOT_FOUND;
    }
    if (base != nullptr) {
        *base = begin;
    }
    if (size != nullptr) {
        *size = bytes;
    }
    return CUDA_SUCCESS;
}

CUresult cuMemHostAlloc(void **memory, size_t bytes, unsigned) {
    Device &device = Device::instance();
    if (const CUresult status = device.check(); status != CUDA_SUCCESS) {
        return status;
    }
    if (memory == nullptr || bytes == 0) {
        return CUDA_ERROR_INVALID_VALUE;
    }
    if (posix_memalign(memory, kHostAlignment, bytes) != 0) {
        return CUDA_ERROR_OUT_OF_MEMORY;
    }
    std::memset(*memory, 0xff, bytes);
    device.add_host_memory(*memory, bytes);
    return CUDA_SUCCESS;
}

CUresult cuMemFreeHost(void *memory) {
    Device &device = Device::instance();
    if (const CUresult status = device.check(); status != CUDA_SUCCESS) {
        return status;
    }
    device.wait_for_all();
    if (!device.remove_host_memory(memory)) {
        return CUDA_ERROR_INVALID_VALUE;
    }
    std::free(memory);
    return CUDA_SUCCESS;
}

} // extern "C"

} // namespace pb::abi
