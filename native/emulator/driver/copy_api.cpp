/*
 * Copies and fills. What the device reads or writes is checked when the call is made and again when the stream comes to
 * it. Host memory of cuMemHostAlloc is read and written when the stream comes to it; other host memory is read before the
 * call returns, and the call waits until it is written: as the real driver does it.
 */
#include <algorithm>
#include <cstring>
#include <vector>

#include "device.h"
#include "functions.h"

namespace pb::abi {

using emulated::Device;
using emulated::Stream;

namespace {

void *pointer(CUdeviceptr address) { return reinterpret_cast<void *>(address); }

/* The range of device memory that a call names. */
struct Range {
    const char *call;
    CUdeviceptr address;
    size_t bytes;

    bool valid() const { return Device::instance().memory.contains(address, bytes); }
    std::string text() const {
        return std::string(call) + " of " + std::to_string(bytes) + " bytes from " +
               Device::instance().memory.describe(address);
    }
};

/* The checks that all these calls make; on success *stream is set. */
CUresult prepare(CUstream handle, std::initializer_list<Range> ranges, std::shared_ptr<Stream> *stream) {
    Device &device = Device::instance();
    if (const CUresult status = device.check(); status != CUDA_SUCCESS) {
        return status;
    }
    *stream = device.stream(handle);
    if (*stream == nullptr) {
        return CUDA_ERROR_INVALID_HANDLE;
    }
    for (const Range &range : ranges) {
        if (!range.valid()) {
            device.report(range.text());
            return CUDA_ERROR_INVALID_VALUE;
        }
    }
    return CUDA_SUCCESS;
}

/* Appends work to the stream that touches the ranges. */
emulated::Point submit(const std::shared_ptr<Stream> &stream, std::vector<Range> ranges, std::function<void()> work) {
    Device &device = Device::instance();
    return device.submit(stream, [&device, ranges = std::move(ranges), work = std::move(work)] {
        for (const Range &range : ranges) {
            if (!range.valid()) {
                device.fail(CUDA_ERROR_ILLEGAL_ADDRESS, "the stream came to a " + range.text());
                return;
            }
        }
        work();
    });
}

CUresult to_device(const char *call, CUdeviceptr to, const void *from, size_t bytes, CUstream handle, bool wait) {
    Device &device = Device::instance();
    const Range range{call, to, bytes};
    std::shared_ptr<Stream> stream;
    if (const CUresult status = prepare(handle, {range}, &stream); status != CUDA_SUCCESS || bytes == 0) {
        return status;
    }
    if (from == nullptr) {
        return CUDA_ERROR_INVALID_VALUE;
    }
    if (wait) {
        submit(stream, {range}, [=] { std::memcpy(pointer(to), from, bytes); }).wait();
        return device.check();
    }
    if (device.is_host_memory(from, bytes)) {
        submit(stream, {range}, [=] { std::memcpy(pointer(to), from, bytes); });
    } else {
        const auto *begin = static_cast<const unsigned char *>(from);
        submit(stream, {range}, [to, staged = std::vector<unsigned char>(begin, begin + bytes)] {
            std::memcpy(pointer(to), staged.data(), staged.size());
        });
    }
    return CUDA_SUCCESS;
}

CUresult to_host(const char *call, void *to, CUdeviceptr from, size_t bytes, CUstream handle, bool wait) {
    Device &device = Device::instance();
    const Range range{call, from, bytes};
    std::shared_ptr<Stream> stream;
    if (const CUresult status = prepare(handle, {range}, &stream); status != CUDA_SUCCESS || bytes == 0) {
        return status;
    }
    if (to == nullptr) {
        return CUDA_ERROR_INVALID_VALUE;
    }
    const auto point = submit(stream, {range}, [=] { std::memcpy(to, pointer(from), bytes); });
    if (!wait && device.is_host_memory(to, bytes)) {
        return CUDA_SUCCESS;
    }
    point.wait();
    return device.check();
}

} // namespace

extern "C" {

CUresult cuMemcpyHtoD_v2(CUdeviceptr to, const void *from, size_t bytes) {
    return to_device("cuMemcpyHtoD", to, from, bytes, nullptr, true);
}

CUresult cuMemcpyDtoH_v2(void *to, CUdeviceptr from, size_t bytes) {
    return to_host("cuMemcpyDtoH", to, from, bytes, nullptr, true);
}

CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void *from, size_t bytes, CUstream stream) {
    return to_device("cuMemcpyHtoDAsync", to, from, bytes, stream, false);
}

CUresult cuMemcpyDtoHAsync_v2(void *to, CUdeviceptr from, size_t bytes, CUstream stream) {
    return to_host("cuMemcpyDtoHAsync", to, from, bytes, stream, false);
}

CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream handle) {
    const Range target{"cuMemcpyDtoDAsync", to, bytes};
    const Range source{"cuMemcpyDtoDAsync", from, bytes};
    std::shared_ptr<Stream> stream;
    if (const CUresult status = prepare(handle, {target, source}, &stream); status != CUDA_SUCCESS || bytes == 0) {
        return status;
    }
    submit(stream, {target, source}, [=] { std::memmove(pointer(to), pointer(from), bytes); });
    return CUDA_SUCCESS;
}

CUresult cuMemsetD8Async(CUdeviceptr to, unsigned char value, size_t count, CUstream handle) {
    const Range range{"cuMemsetD8Async", to, count};
    std::shared_ptr<Stream> stream;
    if (const CUresult status = prepare(handle, {range}, &stream); status != CUDA_SUCCESS || count == 0) {
        return status;
    }
    submit(stream, {range}, [=] { std::memset(pointer(to), value, count); });
    return CUDA_SUCCESS;
}

CUresult cuMemsetD32Async(CUdeviceptr to, unsigned value, size_t count, CUstream handle) {
    size_t bytes = 0;
    if (to % sizeof(unsigned) != 0 || __builtin_mul_overflow(count, sizeof(unsigned), &bytes)) {
        return CUDA_ERROR_INVALID_VALUE;
    }
    const Range range{"cuMemsetD32Async", to, bytes};
    std::shared_ptr<Stream> stream;
    if (const CUresult status = prepare(handle, {range}, &stream); status != CUDA_SUCCESS || count == 0) {
        return status;
    }
    submit(stream, {range}, [=] { std::fill_n(static_cast<unsigned *>(pointer(to)), count, value); });
    return CUDA_SUCCESS;
}

} // extern "C"

} // namespace pb::abi
