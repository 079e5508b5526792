/* Streams and events: the order that is promised, and that nothing more is. */
#include <thread>

#include "check.h"
#include "stories.h"
#include "test_kernels.h"

using namespace check;

namespace {

/* Pinned memory of 256 floats. */
struct Pinned {
    Pinned() { ok(cuMemHostAlloc(reinterpret_cast<void **>(&values), kBytes, 0), "cuMemHostAlloc"); }
    ~Pinned() { ok(cuMemFreeHost(values), "cuMemFreeHost"); }
    Pinned(const Pinned &) = delete;
    Pinned &operator=(const Pinned &) = delete;
    bool all(float value) const {
        for (int i = 0; i < 256; ++i) {
            if (values[i] != value) {
                return false;
            }
        }
        return true;
    }
    static constexpr size_t kBytes = 256 * sizeof(float);
    float *values = nullptr;
};

CUstream stream(unsigned flags = CU_STREAM_NON_BLOCKING) {
    CUstream made = nullptr;
    ok(cuStreamCreate(&made, flags), "cuStreamCreate");
    return made;
}

void fill(const Buffer<float> &memory, int32_t value, CUstream on) {
    ok(launch("test_slow_fill", 1, 256, 0, test_params{nullptr, memory.pointer(), 0, value, 0}, on), "launch");
}

void to_host(const Pinned &to, const Buffer<float> &from, CUstream on) {
    ok(cuMemcpyDtoHAsync_v2(to.values, from.address(), Pinned::kBytes, on), "cuMemcpyDtoHAsync");
}

} // namespace

void stream_stories() {
    story("aStreamKeepsItsOrder", [] {
        const Buffer<float> memory(256), other(256);
        const Pinned seen[4];
        const CUstream s = stream();
        for (int32_t i = 0; i < 4; ++i) {
            fill(memory, i, s);
            ok(cuMemcpyDtoDAsync_v2(other.address(), memory.address(), Pinned::kBytes, s), "cuMemcpyDtoDAsync");
            to_host(seen[i], other, s);
        }
        ok(cuStreamSynchronize(s), "cuStreamSynchronize");
        for (int32_t i = 0; i < 4; ++i) {
            that(seen[i].all(static_cast<float>(i)), "step " + std::to_string(i));
        }
        ok(cuStreamDestroy_v2(s), "cuStreamDestroy");
        is(cuStreamSynchronize(s), CUDA_ERROR_INVALID_HANDLE, "a stream that is no more");
    });
    story("workIsNotDoneBeforeSomebodyWaits", [] {
        const Buffer<float> memory(256);
        const Pinned seen;
        const CUstream s = stream();
        for (int i = 0; i < 50; ++i) {
            fill(memory, 7, s);
        }
        to_host(seen, memory, s);
        that(!seen.all(7), "the result is there without waiting");
        is(cuStreamQuery(s), CUDA_ERROR_NOT_READY, "cuStreamQuery");
        ok(cuStreamSynchronize(s), "cuStreamSynchronize");
        that(seen.all(7), "the result is there after waiting");
        ok(cuStreamQuery(s), "cuStreamQuery afterwards");
        ok(cuStreamDestroy_v2(s), "cuStreamDestroy");
    });
    story("pinnedMemoryIsReadLatePageableMemoryAtOnce", [] {
        const Buffer<float> memory(256), from_pinned(256), from_pageable(256);
        const Pinned source;
        floats pageable(256, 1.0f);
        const CUstream s = stream();
        std::fill_n(source.values, 256, 1.0f);
        for (int i = 0; i < 50; ++i) {
            fill(memory, 7, s);
        }
        ok(cuMemcpyHtoDAsync_v2(from_pinned.address(), source.values, Pinned::kBytes, s), "cuMemcpyHtoDAsync");
        ok(cuMemcpyHtoDAsync_v2(from_pageable.address(), pageable.data(), Pinned::kBytes, s), "cuMemcpyHtoDAsync");
        std::fill_n(source.values, 256, 2.0f);
        std::fill(pageable.begin(), pageable.end(), 2.0f);
        ok(cuStreamSynchronize(s), "cuStreamSynchronize");
        that(from_pinned.values() == floats(256, 2.0f), "pinned memory was read before its turn");
        that(from_pageable.values() == floats(256, 1.0f), "pageable memory was read after the call");
        ok(cuStreamDestroy_v2(s), "cuStreamDestroy");
    });
    story("eventsOrderStreams", [] {
        const Buffer<float> memory(256);
        const Pinned seen;
        const CUstream producer = stream(), consumer = stream();
        CUevent made = nullptr, start = nullptr, untimed = nullptr;
        ok(cuEventCreate(&made, 0), "cuEventCreate");
        ok(cuEventCreate(&start, 0), "cuEventCreate");
        ok(cuEventCreate(&untimed, CU_EVENT_DISABLE_TIMING), "cuEventCreate");
        ok(cuEventQuery(made), "an event that was not recorded is reached");
        ok(cuStreamWaitEvent(consumer, made, 0), "waiting for it is nothing");
        ok(cuEventRecord(start, producer), "cuEventRecord");
        for (int i = 0; i < 50; ++i) {
            fill(memory, 9, producer);
        }
        ok(cuEventRecord(made, producer), "cuEventRecord");
        ok(cuEventRecord(untimed, producer), "cuEventRecord");
        float milliseconds = 0;
        is(cuEventElapsedTime_v2(&milliseconds, start, made), CUDA_ERROR_NOT_READY, "cuEventElapsedTime early");
        is(cuEventQuery(made), CUDA_ERROR_NOT_READY, "cuEventQuery early");
        ok(cuStreamWaitEvent(consumer, made, 0), "cuStreamWaitEvent");
        to_host(seen, memory, consumer);
        ok(cuStreamSynchronize(consumer), "cuStreamSynchronize");
        that(seen.all(9), "the consumer came before the producer");
        ok(cuEventSynchronize(untimed), "cuEventSynchronize");
        ok(cuEventElapsedTime_v2(&milliseconds, start, made), "cuEventElapsedTime");
        that(milliseconds > 0 && milliseconds < 60000, "milliseconds");
        is(cuEventElapsedTime(&milliseconds, start, untimed), CUDA_ERROR_INVALID_HANDLE, "time of an untimed event");
        for (const CUevent event : {made, start, untimed}) {
            ok(cuEventDestroy_v2(event), "cuEventDestroy");
        }
        is(cuEventRecord(made, producer), CUDA_ERROR_INVALID_HANDLE, "an event that is no more");
        ok(cuStreamDestroy_v2(producer), "cuStreamDestroy");
        ok(cuStreamDestroy_v2(consumer), "cuStreamDestroy");
    });
    story("theLegacyStreamKeepsOrderWithBlockingStreams", [] {
        const Buffer<float> memory(256);
        const CUstream blocking = stream(0);
        fill(memory, 3, blocking);
        that(memory.values() == floats(256, 3.0f), "cuMemcpyDtoH came before the blocking stream");
        fill(memory, 4, nullptr);
        const Pinned seen;
        to_host(seen, memory, blocking);
        ok(cuStreamSynchronize(blocking), "cuStreamSynchronize");
        that(seen.all(4), "the blocking stream came before the legacy stream");
        ok(cuStreamDestroy_v2(blocking), "cuStreamDestroy");
    });
    story("threadsUseTheirOwnStreams", [] {
        CUcontext context = nullptr;
        ok(cuCtxGetCurrent(&context), "cuCtxGetCurrent");
        bool right[4] = {};
        std::vector<std::thread> threads;
        for (int32_t t = 0; t < 4; ++t) {
            threads.emplace_back([&right, t, context] {
                CUstream own = nullptr;
                CUdeviceptr memory = 0;
                floats seen(256);
                right[t] = cuMemAlloc_v2(&memory, Pinned::kBytes) == CUDA_ERROR_INVALID_CONTEXT &&
                           cuCtxSetCurrent(context) == CUDA_SUCCESS && cuStreamCreate(&own, 0) == CUDA_SUCCESS &&
                           cuMemAlloc_v2(&memory, Pinned::kBytes) == CUDA_SUCCESS;
                for (int i = 0; i < 20; ++i) {
                    const auto value = static_cast<uint32_t>(100 * t + i);
                    right[t] = right[t] && cuMemsetD32Async(memory, value, 256, own) == CUDA_SUCCESS &&
                               cuMemcpyDtoHAsync_v2(seen.data(), memory, Pinned::kBytes, own) == CUDA_SUCCESS &&
                               std::memcmp(&seen[255], &value, 4) == 0;
                }
                right[t] = right[t] && cuMemFree_v2(memory) == CUDA_SUCCESS && cuStreamDestroy_v2(own) == CUDA_SUCCESS;
            });
        }
        for (int t = 0; t < 4; ++t) {
            threads[static_cast<size_t>(t)].join();
            that(right[t], "thread " + std::to_string(t));
        }
    });
}
