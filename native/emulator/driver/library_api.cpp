/*
 * Libraries, modules and kernels. Every library has every kernel of the emulator's table by name, unless its image is a
 * real one that can be read and does not name the kernel: then the build of the kernels and the table have come apart.
 */
#include "library.h"

#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "../runtime/shared_memory.h"
#include "device.h"
#include "functions.h"
#include "image.h"

namespace pb::emulated {

namespace {

constexpr uint32_t kDefaultDynamicShared = 48 * 1024;

struct LoadedLibrary {
    std::string image; /* what can be searched of it */
    std::map<std::string, LoadedKernel> kernels;
};

std::mutex mutex;
std::map<abi::CUlibrary, std::unique_ptr<LoadedLibrary>> libraries;
std::set<const LoadedKernel *> handles;

const Registration *registered(const char *name) {
    for (const Registration *kernel = kernels(); kernel != nullptr; kernel = kernel->next) {
        if (std::strcmp(kernel->name, name) == 0) {
            return kernel;
        }
    }
    return nullptr;
}

abi::CUresult load(abi::CUlibrary *library, const void *image) {
    if (library == nullptr || image == nullptr) {
        return abi::CUDA_ERROR_INVALID_VALUE;
    }
    if (*static_cast<const char *>(image) == '\0') {
        return abi::CUDA_ERROR_INVALID_IMAGE;
    }
    auto loaded = std::make_unique<LoadedLibrary>();
    loaded->image = searchable_image(image);
    const std::lock_guard lock(mutex);
    *library = reinterpret_cast<abi::CUlibrary>(loaded.get());
    libraries.emplace(*library, std::move(loaded));
    return abi::CUDA_SUCCESS;
}

abi::CUresult unload(abi::CUlibrary library) {
    const std::lock_guard lock(mutex);
    const auto it = libraries.find(library);
    if (it == libraries.end()) {
        return abi::CUDA_ERROR_INVALID_HANDLE;
    }
    for (const auto &[name, kernel] : it->second->kernels) {
        handles.erase(&kernel);
    }
    libraries.erase(it);
    return abi::CUDA_SUCCESS;
}

abi::CUresult find(abi::CUkernel *kernel, abi::CUlibrary library, const char *name) {
    if (kernel == nullptr || name == nullptr) {
        return abi::CUDA_ERROR_INVALID_VALUE;
    }
    const std::lock_guard lock(mutex);
    const auto it = libraries.find(library);
    if (it == libraries.end()) {
        return abi::CUDA_ERROR_INVALID_HANDLE;
    }
    LoadedLibrary &loaded = *it->second;
    const Registration *found = registered(name);
    const bool in_image = loaded.image.empty() || names_kernel(loaded.image, name);
    if (found == nullptr || !in_image) {
        Device::instance().report(std::string("no kernel ") + name +
                                  (found == nullptr ? " in the emulator's table" : " in the image that was loaded"));
        return abi::CUDA_ERROR_NOT_FOUND;
    }
    LoadedKernel &entry = loaded.kernels.try_emplace(name, LoadedKernel{found, kDefaultDynamicShared}).first->second;
    handles.insert(&entry);
    *kernel = reinterpret_cast<abi::CUkernel>(&entry);
    return abi::CUDA_SUCCESS;
}

abi::CUresult get(int *value, abi::CUfunction_attribute attribute, abi::CUkernel handle) {
    const LoadedKernel *kernel = kernel_of(handle);
    if (kernel == nullptr || value == nullptr) {
        return kernel == nullptr ? abi::CUDA_ERROR_INVALID_HANDLE : abi::CUDA_ERROR_INVALID_VALUE;
    }
    switch (attribute) {
    case abi::CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK: *value = static_cast<int>(kernel->registration->threads); break;
    case abi::CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES:
        *value = static_cast<int>(kernel->most_dynamic_shared);
        break;
    case abi::CU_FUNC_ATTRIBUTE_PTX_VERSION:
    case abi::CU_FUNC_ATTRIBUTE_BINARY_VERSION: *value = 90; break;
    case abi::CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES:
    case abi::CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES:
    case abi::CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES:
    case abi::CU_FUNC_ATTRIBUTE_NUM_REGS:
    case abi::CU_FUNC_ATTRIBUTE_CACHE_MODE_CA: *value = 0; break;
    case abi::CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT: *value = -1; break;
    default: return abi::CUDA_ERROR_INVALID_VALUE;
    }
    return abi::CUDA_SUCCESS;
}

abi::CUresult set(abi::CUfunction_attribute attribute, int value, abi::CUkernel handle) {
    LoadedKernel *kernel = kernel_of(handle);
    if (kernel == nullptr) {
        return abi::CUDA_ERROR_INVALID_HANDLE;
    }
    if (attribute == abi::CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT && value >= -1 && value <= 100) {
        return abi::CUDA_SUCCESS;
    }
    if (attribute != abi::CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES || value < 0 ||
        static_cast<size_t>(value) > SharedMemory::kMost) {
        return abi::CUDA_ERROR_INVALID_VALUE;
    }
    kernel->most_dynamic_shared = static_cast<uint32_t>(value);
    return abi::CUDA_SUCCESS;
}

} // namespace

LoadedKernel *kernel_of(abi::CUfunction handle) {
    const std::lock_guard lock(mutex);
    auto *kernel = reinterpret_cast<LoadedKernel *>(handle);
    return handles.count(kernel) != 0 ? kernel : nullptr;
}

} // namespace pb::emulated

namespace pb::abi {

using emulated::Device;

extern "C" {

CUresult cuLibraryLoadData(CUlibrary *library, const void *image, int *, void **, unsigned, int *, void **, unsigned) {
    const CUresult status = Device::instance().check_initialized();
    return status == CUDA_SUCCESS ? emulated::load(library, image) : status;
}

CUresult cuLibraryUnload(CUlibrary library) {
    const CUresult status = Device::instance().check_initialized();
    return status == CUDA_SUCCESS ? emulated::unload(library) : status;
}

CUresult cuLibraryGetKernel(CUkernel *kernel, CUlibrary library, const char *name) {
    const CUresult status = Device::instance().check_initialized();
    return status == CUDA_SUCCESS ? emulated::find(kernel, library, name) : status;
}

CUresult cuKernelGetFunction(CUfunction *function, CUkernel kernel) {
    if (const CUresult status = Device::instance().check(); status != CUDA_SUCCESS) {
        return status;
    }
    if (emulated::kernel_of(kernel) == nullptr) {
        return CUDA_ERROR_INVALID_HANDLE;
    }
    *function = kernel;
    return CUDA_SUCCESS;
}

CUresult cuKernelGetAttribute(int *value, CUfunction_attribute attribute, CUkernel kernel, CUdevice device) {
    const CUresult status = Device::instance().check_device(device);
    return status == CUDA_SUCCESS ? emulated::get(value, attribute, kernel) : status;
}

CUresult cuKernelSetAttribute(CUfunction_attribute attribute, int value, CUkernel kernel, CUdevice device) {
    const CUresult status = Device::instance().check_device(device);
    return status == CUDA_SUCCESS ? emulated::set(attribute, value, kernel) : status;
}

CUresult cuModuleLoadData(CUmodule *module, const void *image) {
    const CUresult status = Device::instance().check();
    return status == CUDA_SUCCESS ? emulated::load(module, image) : status;
}

CUresult cuModuleUnload(CUmodule module) {
    const CUresult status = Device::instance().check();
    return status == CUDA_SUCCESS ? emulated::unload(module) : status;
}

CUresult cuModuleGetFunction(CUfunction *function, CUmodule module, const char *name) {
    const CUresult status = Device::instance().check();
    return status == CUDA_SUCCESS ? emulated::find(function, module, name) : status;
}

CUresult cuFuncGetAttribute(int *value, CUfunction_attribute attribute, CUfunction function) {
    const CUresult status = Device::instance().check();
    return status == CUDA_SUCCESS ? emulated::get(value, attribute, function) : status;
}

CUresult cuFuncSetAttribute(CUfunction function, CUfunction_attribute attribute, int value) {
    const CUresult status = Device::instance().check();
    return status == CUDA_SUCCESS ? emulated::set(attribute, value, function) : status;
}

} // extern "C"

} // namespace pb::abi
