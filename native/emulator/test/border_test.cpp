/* The calls themselves: before cuInit, without a context, with wrong arguments; the symbols and images. */
#include <dlfcn.h>

#include <filesystem>

#include "check.h"
#include "driver/image.h"
#include "stories.h"
#include "test_kernels.h"

using namespace check;

namespace {

/* The context for one story; the stories of this file come before main has one. */
struct Context {
    Context() {
        ok(cuDevicePrimaryCtxRetain(&handle, 0), "cuDevicePrimaryCtxRetain");
        ok(cuCtxSetCurrent(handle), "cuCtxSetCurrent");
    }
    ~Context() {
        ok(cuDevicePrimaryCtxRelease_v2(0), "cuDevicePrimaryCtxRelease");
        ok(cuCtxSetCurrent(nullptr), "cuCtxSetCurrent");
    }
    Context(const Context &) = delete;
    Context &operator=(const Context &) = delete;
    CUcontext handle = nullptr;
};

void before_initialization() {
    int count = 0;
    CUcontext context = nullptr;
    CUlibrary library = nullptr;
    CUdeviceptr address = 0;
    is(cuDeviceGetCount(&count), CUDA_ERROR_NOT_INITIALIZED, "cuDeviceGetCount");
    is(cuDevicePrimaryCtxRetain(&context, 0), CUDA_ERROR_NOT_INITIALIZED, "cuDevicePrimaryCtxRetain");
    is(cuLibraryLoadData(&library, "x", nullptr, nullptr, 0, nullptr, nullptr, 0), CUDA_ERROR_NOT_INITIALIZED,
       "cuLibraryLoadData");
    is(cuMemAlloc_v2(&address, 4), CUDA_ERROR_NOT_INITIALIZED, "cuMemAlloc");
    is(cuInit(1), CUDA_ERROR_INVALID_VALUE, "cuInit with flags");
    ok(cuInit(0), "cuInit");
    ok(cuInit(0), "cuInit again");
}

void device_facts() {
    int count = 0, version = 0, value = 0;
    CUdevice device = -1;
    char name[64];
    size_t bytes = 0;
    const char *text = nullptr;
    ok(cuDeviceGetCount(&count), "cuDeviceGetCount");
    ok(cuDriverGetVersion(&version), "cuDriverGetVersion");
    ok(cuDeviceGet(&device, 0), "cuDeviceGet");
    is(cuDeviceGet(&device, 1), CUDA_ERROR_INVALID_DEVICE, "cuDeviceGet of 1");
    ok(cuDeviceGetName(name, sizeof(name), 0), "cuDeviceGetName");
    ok(cuDeviceTotalMem_v2(&bytes, 0), "cuDeviceTotalMem");
    that(count == 1 && version == 13000 && bytes == size_t{64} << 20, "count, version, memory");
    that(std::strcmp(name, "Patchbay emulated CUDA device") == 0, name);
    ok(cuDeviceGetName(name, 9, 0), "cuDeviceGetName");
    that(std::strcmp(name, "Patchbay") == 0, "a name that is cut");
    ok(cuDeviceGetAttribute(&value, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, 0), "cuDeviceGetAttribute");
    that(value == 9, "compute capability");
    is(cuDeviceGetAttribute(&value, static_cast<CUdevice_attribute>(9999), 0), CUDA_ERROR_INVALID_VALUE, "attribute");
    ok(cuGetErrorName(CUDA_ERROR_ILLEGAL_ADDRESS, &text), "cuGetErrorName");
    that(std::strcmp(text, "CUDA_ERROR_ILLEGAL_ADDRESS") == 0, "name of 700");
    is(cuGetErrorString(static_cast<CUresult>(4711), &text), CUDA_ERROR_INVALID_VALUE, "text of an unknown error");
}

void contexts() {
    CUdeviceptr address = 0;
    is(cuMemAlloc_v2(&address, 4), CUDA_ERROR_INVALID_CONTEXT, "cuMemAlloc without a context");
    is(cuCtxSetCurrent(reinterpret_cast<CUcontext>(&address)), CUDA_ERROR_INVALID_CONTEXT, "no context");
    is(cuDevicePrimaryCtxRelease_v2(0), CUDA_ERROR_INVALID_CONTEXT, "a release too many");
    {
        const Context context;
        ok(cuMemAlloc_v2(&address, 4), "cuMemAlloc");
    }
    is(cuMemFree_v2(address), CUDA_ERROR_INVALID_CONTEXT, "no context again");
    const Context again;
    is(cuMemFree_v2(address), CUDA_ERROR_INVALID_VALUE, "memory of a context that was destroyed");
    CUcontext current = nullptr;
    ok(cuCtxGetCurrent(&current), "cuCtxGetCurrent");
    that(current == again.handle, "the current context");
}

void procedure_addresses() {
    void *function = nullptr;
    CUdriverProcAddressQueryResult found;
    ok(cuGetProcAddress_v2("cuMemAlloc", &function, 12000, 0, &found), "cuMemAlloc");
    that(function == reinterpret_cast<void *>(&cuMemAlloc_v2), "cuMemAlloc is cuMemAlloc_v2");
    ok(cuGetProcAddress_v2("cuEventElapsedTime", &function, 12000, 0, &found), "cuEventElapsedTime of CUDA 12.0");
    that(function == reinterpret_cast<void *>(&cuEventElapsedTime), "the first version");
    ok(cuGetProcAddress_v2("cuEventElapsedTime", &function, 13000, 0, &found), "cuEventElapsedTime of CUDA 13.0");
    that(function == reinterpret_cast<void *>(&cuEventElapsedTime_v2), "the second version");
    is(cuGetProcAddress_v2("cuLibraryLoadData", &function, 11000, 0, &found), CUDA_ERROR_NOT_FOUND, "too new");
    that(found == CU_GET_PROC_ADDRESS_VERSION_NOT_SUFFICIENT && function == nullptr, "version");
    is(cuGetProcAddress_v2("cuNothing", &function, 13000, 0, &found), CUDA_ERROR_NOT_FOUND, "unknown");
    that(found == CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND, "symbol");
}

/* Beside the test lies the library; it exports every function and has no undefined symbols. */
void library_exports() {
    const std::string self = std::filesystem::canonical("/proc/self/exe").parent_path();
    void *library = dlopen((self + "/libpatchbay_cuda_emulator.so").c_str(), RTLD_NOW | RTLD_LOCAL);
    that(library != nullptr, library == nullptr ? dlerror() : "");
#define PB_FUNCTION(name, symbol, version, parameters)                                                                 \
    that(library != nullptr && dlsym(library, #symbol) != nullptr, "no " #symbol);
#include "driver/functions.def"
#undef PB_FUNCTION
}

void images() {
    const Context context;
    CUlibrary library = nullptr;
    CUmodule module = nullptr;
    CUkernel kernel = nullptr;
    const auto load = [&](const char *image) {
        return cuLibraryLoadData(&library, image, nullptr, nullptr, 0, nullptr, nullptr, 0);
    };
    is(load(nullptr), CUDA_ERROR_INVALID_VALUE, "no image");
    is(load(""), CUDA_ERROR_INVALID_IMAGE, "an empty image");
    ok(load("anything"), "an opaque image");
    is(cuLibraryGetKernel(&kernel, library, "pb_unknown"), CUDA_ERROR_NOT_FOUND, "an unknown kernel");
    reported("no kernel pb_unknown in the emulator's table");
    ok(cuLibraryGetKernel(&kernel, library, "test_add"), "a kernel");
    ok(cuLibraryUnload(library), "cuLibraryUnload");
    is(cuLibraryUnload(library), CUDA_ERROR_INVALID_HANDLE, "cuLibraryUnload again");
    is(cuLaunchKernel(kernel, 1, 1, 1, 1, 1, 1, 0, nullptr, nullptr, nullptr), CUDA_ERROR_INVALID_HANDLE,
       "a kernel of an unloaded library");
    ok(load(".version 8.0\n.visible .entry test_add(\n.visible .entry test_rotate_two("), "PTX");
    ok(cuLibraryGetKernel(&kernel, library, "test_add"), "a kernel that the PTX names");
    is(cuLibraryGetKernel(&kernel, library, "test_rotate"), CUDA_ERROR_NOT_FOUND, "one that it does not name");
    reported("no kernel test_rotate in the image that was loaded");
    ok(cuLibraryUnload(library), "cuLibraryUnload");
    ok(cuModuleLoadData(&module, "anything"), "cuModuleLoadData");
    ok(cuModuleGetFunction(&kernel, module, "test_add"), "cuModuleGetFunction");
    ok(cuModuleUnload(module), "cuModuleUnload");
}

/* A fatbin of one entry, as nvcc writes it: plain, then compressed. */
void fatbins() {
    std::string image(16 + 64, '\0');
    const uint32_t magic = 0xba55ed50, entry_header = 64;
    const uint16_t header = 16;
    const std::string code = "....text.test_add....";
    const uint64_t size = code.size(), all = entry_header + size, compressed = 0x8000;
    std::memcpy(&image[0], &magic, 4);
    std::memcpy(&image[6], &header, 2);
    std::memcpy(&image[8], &all, 8);
    std::memcpy(&image[16 + 4], &entry_header, 4);
    std::memcpy(&image[16 + 8], &size, 8);
    image += code;
    that(pb::emulated::searchable_image(image.data()) == image, "a plain fatbin can be searched to its end");
    that(pb::emulated::names_kernel(image, "test_add") && !pb::emulated::names_kernel(image, "test_ad"), "its name");
    std::memcpy(&image[16 + 40], &compressed, 8);
    that(pb::emulated::searchable_image(image.data()).empty(), "a compressed one cannot");
}

void wrong_launches() {
    const Context context;
    const Buffer<float> memory(floats(256, 1.0f));
    const add_params params{memory.pointer(), memory.pointer(), memory.pointer(), 256};
    const auto with = [&](unsigned grid, unsigned threads, unsigned shared) {
        return launch("test_block_sum", grid, threads, shared,
                      test_params{memory.pointer(), memory.pointer(), 0, 0, 0});
    };
    is(with(0, 32, 1024), CUDA_ERROR_INVALID_VALUE, "no blocks");
    is(with(1, 0, 1024), CUDA_ERROR_INVALID_VALUE, "no threads");
    is(with(1, 257, 2048), CUDA_ERROR_INVALID_VALUE, "more threads than the kernel is for");
    is(with(1, 32, 227 * 1024 + 1), CUDA_ERROR_INVALID_VALUE, "more shared memory than there is");
    is(launch("test_add", 1, 32, 0, memory.address()), CUDA_ERROR_INVALID_VALUE, "parameters of another size");
    reported("8 bytes of parameters, the kernel has 32");
    ok(cuKernelSetAttribute(CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, 49152, kernel("test_block_sum"), 0), "set");
    is(with(1, 32, 49153), CUDA_ERROR_INVALID_VALUE, "more shared memory than the attribute allows");
    is(cuKernelSetAttribute(CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, 232449, kernel("test_block_sum"), 0),
       CUDA_ERROR_INVALID_VALUE, "an attribute too large");
    add_params copy = params;
    void *list[] = {&copy};
    size_t size = sizeof(copy);
    void *extra[] = {reinterpret_cast<void *>(kLaunchParamBufferPointer), &copy,
                     reinterpret_cast<void *>(kLaunchParamBufferSize), &size,
                     reinterpret_cast<void *>(kLaunchParamEnd)};
    const CUfunction add = kernel("test_add");
    is(cuLaunchKernel(add, 1, 1, 1, 256, 1, 1, 0, nullptr, list, extra), CUDA_ERROR_INVALID_VALUE, "both forms");
    is(cuLaunchKernel(add, 1, 1, 1, 256, 1, 1, 0, nullptr, nullptr, nullptr), CUDA_ERROR_INVALID_VALUE, "neither");
    ok(cuLaunchKernel(add, 1, 1, 1, 256, 1, 1, 0, nullptr, list, nullptr), "the list of pointers");
    copy = {}; /* the parameters were copied by the call */
    that(memory.values() == floats(256, 2.0f), "the sum");
}

} // namespace

void border_stories() {
    story("nothingWorksBeforeInitialization", before_initialization);
    story("theDeviceSaysWhatItIs", device_facts);
    story("callsNeedAContext", contexts);
    story("functionsByNameAndVersion", procedure_addresses);
    story("theLibraryExportsTheDriver", library_exports);
    story("imagesAreComparedWithTheTable", images);
    story("kernelNamesInFatbins", fatbins);
    story("wrongLaunchesAreRefused", wrong_launches);
}
