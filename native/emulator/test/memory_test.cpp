/* Device memory: poison, bounds, use after free, and running out of it. */
#include <set>

#include "check.h"
#include "stories.h"
#include "test_kernels.h"

using namespace check;

void memory_stories() {
    story("newMemoryIsPoisonedAlsoWhereItWasUsedBefore", [] {
        for (int round = 0; round < 3; ++round) {
            const Buffer<float> memory(1000);
            for (const float x : memory.values()) {
                that(std::isnan(x), "a number");
            }
            ok(cuMemsetD32Async(memory.address(), 0, 1000, nullptr), "cuMemsetD32Async");
            that(memory.values() == floats(1000, 0.0f), "zeros");
        }
    });
    story("addressesAreAlignedApartAndLateToComeBack", [] {
        std::set<CUdeviceptr> seen;
        for (size_t i = 0; i < 300; ++i) {
            const Buffer<char> memory(1 + i * 37);
            that(memory.address() % 256 == 0, "alignment");
            that(seen.insert(memory.address()).second, "the same address twice");
        }
    });
    story("useAfterFreeIsReported", [] {
        CUdeviceptr freed = 0;
        ok(cuMemAlloc_v2(&freed, 4096), "cuMemAlloc");
        ok(cuMemFree_v2(freed), "cuMemFree");
        float value = 0;
        is(cuMemcpyDtoH_v2(&value, freed, 4), CUDA_ERROR_INVALID_VALUE, "a copy from freed memory");
        reported("not allocated, or was freed");
        is(cuMemFree_v2(freed), CUDA_ERROR_INVALID_VALUE, "free twice");
        const Buffer<float> out(32);
        ok(launch("test_outside", 1, 32, 128, test_params{reinterpret_cast<float *>(freed), out.pointer(), 0, 3, 0}),
           "launch");
        is(cuCtxSynchronize(), CUDA_ERROR_ILLEGAL_ADDRESS, "a kernel that reads freed memory");
        reported("not allocated, or was freed");
    });
    story("copiesStayInsideOneAllocation", [] {
        const Buffer<float> memory(floats(100, 2.0f));
        floats host(200);
        const CUdeviceptr at = memory.address();
        is(cuMemcpyDtoH_v2(host.data(), at, 404), CUDA_ERROR_INVALID_VALUE, "4 bytes too many");
        reported("cuMemcpyDtoH of 404 bytes from byte 0 of the allocation of 400 bytes");
        is(cuMemcpyDtoH_v2(host.data(), at + 396, 8), CUDA_ERROR_INVALID_VALUE, "over the end");
        is(cuMemcpyDtoH_v2(host.data(), at - 4, 4), CUDA_ERROR_INVALID_VALUE, "before the beginning");
        is(cuMemcpyHtoDAsync_v2(at + 1, host.data(), 400, nullptr), CUDA_ERROR_INVALID_VALUE, "one byte on");
        is(cuMemsetD8Async(at, 0, 401, nullptr), CUDA_ERROR_INVALID_VALUE, "fill");
        is(cuMemsetD32Async(at, 0, 101, nullptr), CUDA_ERROR_INVALID_VALUE, "fill of words");
        is(cuMemsetD32Async(at + 2, 0, 1, nullptr), CUDA_ERROR_INVALID_VALUE, "fill of words, misaligned");
        is(cuMemcpyDtoDAsync_v2(at, reinterpret_cast<CUdeviceptr>(host.data()), 400, nullptr), CUDA_ERROR_INVALID_VALUE,
           "a host pointer for a device pointer");
        is(cuMemcpyDtoH_v2(nullptr, at, 400), CUDA_ERROR_INVALID_VALUE, "no host memory");
        ok(cuMemcpyDtoH_v2(host.data(), at + 396, 4), "the last element");
        ok(cuMemcpyDtoH_v2(host.data(), at + 400, 0), "nothing, from the end");
        that(host[0] == 2.0f, "the last element's value");
    });
    story("runningOutOfMemoryIsAStatus", [] {
        size_t free = 0, total = 0, later = 0;
        ok(cuMemGetInfo_v2(&free, &total), "cuMemGetInfo");
        that(total == size_t{64} << 20, "PATCHBAY_EMULATOR_MEMORY is the size");
        CUdeviceptr most = 0, more = 0;
        is(cuMemAlloc_v2(&more, free + 1), CUDA_ERROR_OUT_OF_MEMORY, "one byte too many");
        ok(cuMemAlloc_v2(&most, free), "all of it");
        is(cuMemAlloc_v2(&more, 1), CUDA_ERROR_OUT_OF_MEMORY, "one more byte");
        ok(cuMemFreeAsync(most, nullptr), "cuMemFreeAsync");
        ok(cuMemAllocAsync(&more, free, nullptr), "all of it, after a free that the stream has to come to first");
        ok(cuMemFree_v2(more), "cuMemFree");
        ok(cuMemGetInfo_v2(&later, &total), "cuMemGetInfo");
        that(later == free, "all is free again");
        is(cuMemAlloc_v2(&more, 0), CUDA_ERROR_INVALID_VALUE, "no bytes");
    });
    story("memoryFreedUnderAStreamsWorkIsReported", [] {
        CUdeviceptr early = 0;
        ok(cuMemAlloc_v2(&early, 4096), "cuMemAlloc");
        CUstream one = nullptr, other = nullptr;
        ok(cuStreamCreate(&one, CU_STREAM_NON_BLOCKING), "cuStreamCreate");
        ok(cuStreamCreate(&other, CU_STREAM_NON_BLOCKING), "cuStreamCreate");
        const Buffer<float> memory(256);
        for (int i = 0; i < 50; ++i) {
            ok(launch("test_slow_fill", 1, 256, 0, test_params{nullptr, memory.pointer(), 0, 1, 0}, one), "launch");
        }
        ok(cuMemsetD8Async(early, 0, 4096, one), "cuMemsetD8Async");
        ok(cuMemFreeAsync(early, other), "cuMemFreeAsync on a stream that does not wait");
        is(cuCtxSynchronize(), CUDA_ERROR_ILLEGAL_ADDRESS, "cuCtxSynchronize");
        reported("the stream came to a cuMemsetD8Async");
    });
}
