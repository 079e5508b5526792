/* cuInit, versions, error texts, the device and its attributes, the primary context. */
#include <cstring>
#include <string>

#include "device.h"
#include "functions.h"

namespace pb::abi {

using emulated::current_context;
using emulated::Device;

namespace {
constexpr char kName[] = "Patchbay emulated CUDA device";
constexpr CUuuid kUuid = {{'p', 'a', 't', 'c', 'h', 'b', 'a', 'y', ' ', 'e', 'm', 'u', 'l', 'a', 't', 'e'}};

/* The device itself stands for its memory pool, which has no state. */
CUmemoryPool pool_handle() { return reinterpret_cast<CUmemoryPool>(&Device::instance()); }
} // namespace

extern "C" {

CUresult cuInit(unsigned flags) {
    if (flags != 0) {
        return CUDA_ERROR_INVALID_VALUE;
    }
    Device::instance().initialize();
    return CUDA_SUCCESS;
}

CUresult cuDriverGetVersion(int *version) {
    if (version == nullptr) {
        return CUDA_ERROR_INVALID_VALUE;
    }
    *version = kDriverVersion;
    return CUDA_SUCCESS;
}

CUresult cuGetErrorName(CUresult error, const char **text) {
    switch (error) {
#define PB_RESULT(name, value, description)                                                                            \
    case name:                                                                                                         \
        *text = #name;                                                                                                 \
        return CUDA_SUCCESS;
#include "results.def"
#undef PB_RESULT
    }
    *text = nullptr;
    return CUDA_ERROR_INVALID_VALUE;
}

/* The text of CUDA_ERROR_NOT_SUPPORTED lives until the thread asks for another. */
CUresult cuGetErrorString(CUresult error, const char **text) {
    if (error == CUDA_ERROR_NOT_SUPPORTED && emulated::unsupported_function != nullptr) {
        static thread_local std::string sentence;
        sentence = std::string("operation not supported: the emulated driver does not have ") +
                   emulated::unsupported_function;
        *text = sentence.c_str();
        return CUDA_SUCCESS;
    }
    switch (error) {
#define PB_RESULT(name, value, description)                                                                            \
    case name:                                                                                                         \
        *text = description;                                                                                           \
        return CUDA_SUCCESS;
#include "results.def"
#undef PB_RESULT
    }
    *text = nullptr;
    return CUDA_ERROR_INVALID_VALUE;
}

CUresult cuDeviceGetCount(int *count) {
    if (const CUresult status = Device::instance().check_initialized(); status != CUDA_SUCCESS) {
        return status;
    }
    *count = 1;
    return CUDA_SUCCESS;
}

CUresult cuDeviceGet(CUdevice *device, int ordinal) {
    if (const CUresult status = Device::instance().check_device(ordinal); status != CUDA_SUCCESS) {
        return status;
    }
    *device = ordinal;
    return CUDA_SUCCESS;
}

CUresult cuDeviceGetName(char *name, int length, CUdevice device) {
    if (const CUresult status = Device::instance().check_device(device); status != CUDA_SUCCESS) {
        return status;
    }
    if (name == nullptr || length <= 0) {
        return CUDA_ERROR_INVALID_VALUE;
    }
    std::strncpy(name, kName, static_cast<size_t>(length) - 1);
    name[length - 1] = '\0';
    return CUDA_SUCCESS;
}

CUresult cuDeviceGetUuid_v2(CUuuid *uuid, CUdevice device) {
    const CUresult status = Device::instance().check_device(device);
    if (status == CUDA_SUCCESS) {
        *uuid = kUuid;
    }
    return status;
}

CUresult cuDeviceTotalMem_v2(size_t *bytes, CUdevice device) {
    const CUresult status = Device::instance().check_device(device);
    if (status == CUDA_SUCCESS) {
        *bytes = Device::instance().memory.capacity();
    }
    return status;
}

CUresult cuDeviceGetAttribute(int *value, CUdevice_attribute attribute, CUdevice device) {
    if (const CUresult status = Device::instance().check_device(device); status != CUDA_SUCCESS) {
        return status;
    }
    switch (attribute) {
#define PB_ATTRIBUTE(name, number, stated)                                                                             \
    case CU_DEVICE_ATTRIBUTE_##name:                                                                                   \
        *value = stated;                                                                                               \
        return CUDA_SUCCESS;
#include "attributes.def"
#undef PB_ATTRIBUTE
    }
    return CUDA_ERROR_INVALID_VALUE;
}

CUresult cuDeviceGetDefaultMemPool(CUmemoryPool *pool, CUdevice device) {
    const CUresult status = Device::instance().check_device(device);
    if (status == CUDA_SUCCESS) {
        *pool = pool_handle();
    }
    return status;
}

/* Memory goes back at once whatever the pool's thresholds are, so they are accepted and have no effect. */
CUresult cuMemPoolSetAttribute(CUmemoryPool pool, CUmemPool_attribute attribute, void *value) {
    if (const CUresult status = Device::instance().check_initialized(); status != CUDA_SUCCESS) {
        return status;
    }
    const bool known = attribute >= CU_MEMPOOL_ATTR_REUSE_FOLLOW_EVENT_DEPENDENCIES &&
                       attribute <= CU_MEMPOOL_ATTR_RELEASE_THRESHOLD;
    return pool == pool_handle() && value != nullptr && known ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

/* Freed memory goes back at once, so that what is reserved is what is used. */
CUresult cuMemPoolGetAttribute(CUmemoryPool pool, CUmemPool_attribute attribute, void *value) {
    const Device &device = Device::instance();
    if (const CUresult status = device.check_initialized(); status != CUDA_SUCCESS) {
        return status;
    }
    const bool known =
        attribute == CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT || attribute == CU_MEMPOOL_ATTR_USED_MEM_CURRENT;
    if (pool != pool_handle() || value == nullptr || !known) {
        return CUDA_ERROR_INVALID_VALUE;
    }
    *static_cast<uint64_t *>(value) = device.memory.capacity() - device.memory.available();
    return CUDA_SUCCESS;
}

CUresult cuDevicePrimaryCtxRetain(CUcontext *context, CUdevice device) {
    const CUresult status = Device::instance().check_device(device);
    if (status == CUDA_SUCCESS) {
        *context = Device::instance().retain();
    }
    return status;
}

CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device) {
    const CUresult status = Device::instance().check_device(device);
    return status == CUDA_SUCCESS ? Device::instance().release() : status;
}

CUresult cuCtxSetCurrent(CUcontext context) {
    if (const CUresult status = Device::instance().check_initialized(); status != CUDA_SUCCESS) {
        return status;
    }
    if (context != nullptr && !Device::instance().is_context(context)) {
        return CUDA_ERROR_INVALID_CONTEXT;
    }
    current_context = context;
    return CUDA_SUCCESS;
}

CUresult cuCtxGetCurrent(CUcontext *context) {
    if (const CUresult status = Device::instance().check_initialized(); status != CUDA_SUCCESS) {
        return status;
    }
    *context = current_context;
    return CUDA_SUCCESS;
}

CUresult cuCtxSynchronize(void) {
    if (const CUresult status = Device::instance().check(); status != CUDA_SUCCESS) {
        return status;
    }
    Device::instance().wait_for_all();
    return Device::instance().check();
}

} // extern "C"

} // namespace pb::abi
