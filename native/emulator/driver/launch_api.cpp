/* cuLaunchKernel: the checks of the call, then the grid in the stream's order and the checks after it. */
#include <atomic>
#include <cstring>

#include "../runtime/grid.h"
#include "../runtime/settings.h"
#include "device.h"
#include "functions.h"
#include "library.h"

namespace pb::abi {

using emulated::Device;
using emulated::Fault;
using emulated::Launch;
using emulated::Registration;

namespace {

/* The extra array: {kind, value} pairs up to the end mark. False where it is not well formed. */
bool read_extra(void **extra, const void **buffer, size_t *size) {
    bool has_size = false;
    for (; reinterpret_cast<uintptr_t>(extra[0]) != kLaunchParamEnd; extra += 2) {
        switch (reinterpret_cast<uintptr_t>(extra[0])) {
        case kLaunchParamBufferPointer: *buffer = extra[1]; break;
        case kLaunchParamBufferSize:
            has_size = true;
            *size = *static_cast<const size_t *>(extra[1]);
            break;
        default: return false;
        }
    }
    return has_size && *buffer != nullptr;
}

/* Why the launch cannot be; empty when it can. */
std::string refusal(const Launch &launch, uint32_t most_shared, const void *params, size_t params_size) {
    const Registration &kernel = *launch.kernel;
    const dim3 &grid = launch.grid;
    const dim3 &block = launch.block;
    const uint64_t threads = uint64_t{block.x} * block.y * block.z;
    if (grid.x == 0 || grid.y == 0 || grid.z == 0 || grid.x > INT32_MAX || grid.y > 65535 || grid.z > 65535) {
        return "a grid of " + std::to_string(grid.x) + " x " + std::to_string(grid.y) + " x " + std::to_string(grid.z);
    }
    if (threads == 0 || block.x > 1024 || block.y > 1024 || block.z > 64 || threads > kernel.threads) {
        return "a block of " + std::to_string(threads) + " threads, the kernel is for " +
               std::to_string(kernel.threads);
    }
    if (launch.shared_bytes > most_shared) {
        return std::to_string(launch.shared_bytes) + " bytes of shared memory, " + std::to_string(most_shared) +
               " are allowed";
    }
    if (params == nullptr) {
        return "no parameters";
    }
    if (params_size != kernel.params_size || params_size > Launch::kMostParams) {
        return std::to_string(params_size) + " bytes of parameters, the kernel has " +
               std::to_string(kernel.params_size);
    }
    return "";
}

void run(Device &device, const Launch &launch) {
    if (const Fault fault = run_grid(launch); fault) {
        device.fail(fault);
        return;
    }
    if (const std::string damage = device.memory.damaged(); !damage.empty()) {
        device.fail(CUDA_ERROR_ILLEGAL_ADDRESS, std::string(launch.kernel->name) + ": " + damage);
    }
}

} // namespace

extern "C" {

CUresult cuLaunchKernel(CUfunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,
                        unsigned block_y, unsigned block_z, unsigned shared_bytes, CUstream handle, void **params,
                        void **extra) {
    static std::atomic<uint64_t> launches{0};
    Device &device = Device::instance();
    if (const CUresult status = device.check(); status != CUDA_SUCCESS) {
        return status;
    }
    const emulated::LoadedKernel *kernel = emulated::kernel_of(function);
    const auto stream = device.stream(handle);
    if (kernel == nullptr || stream == nullptr) {
        return CUDA_ERROR_INVALID_HANDLE;
    }
    /* The one parameter, and what the caller says its size is; a list of pointers says nothing. */
    const void *bytes = params != nullptr ? params[0] : nullptr;
    size_t size = kernel->registration->params_size;
    if (extra != nullptr && (params != nullptr || !read_extra(extra, &bytes, &size))) {
        return CUDA_ERROR_INVALID_VALUE;
    }
    auto launch = std::make_shared<Launch>();
    launch->kernel = kernel->registration;
    launch->grid = {grid_x, grid_y, grid_z};
    launch->block = {block_x, block_y, block_z};
    launch->shared_bytes = shared_bytes;
    launch->seed = emulated::settings().seed;
    launch->serial = launches++;
    if (const std::string reason = refusal(*launch, kernel->most_dynamic_shared, bytes, size); !reason.empty()) {
        device.report(std::string("launch of ") + kernel->registration->name + " refused: " + reason);
        return CUDA_ERROR_INVALID_VALUE;
    }
    std::memcpy(launch->params, bytes, size);
    device.submit(stream, [&device, launch] { run(device, *launch); });
    return CUDA_SUCCESS;
}

} // extern "C"

} // namespace pb::abi
