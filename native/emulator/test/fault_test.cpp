/* Kernels that are wrong: each is reported, and the device is lost. */
#include "check.h"
#include "stories.h"
#include "test_kernels.h"

using namespace check;

namespace {

/* The launch must fail with the error and the words in its report, under several seeds, and stay failed. */
void fails(const char *name, int32_t choice, CUresult error, const std::string &words, int64_t count = 0) {
    for (const uint64_t seed : {0, 1, 2, 3}) {
        cuEmulatorSetSeed(seed);
        {
            const Buffer<float> memory(floats(64, 1.0f));
            ok(launch(name, 3, name == std::string("test_outside") ? 32 : 64, 128,
                      test_params{memory.pointer(), memory.pointer(), count, choice, 0}),
               "launch");
            is(cuCtxSynchronize(), error, std::string(name) + " " + std::to_string(choice));
            reported(words);
            reported(name);
        }
        CUdeviceptr address = 0;
        CUstream stream = nullptr;
        is(cuMemAlloc_v2(&address, 16), error, "cuMemAlloc afterwards");
        is(cuStreamCreate(&stream, 0), error, "cuStreamCreate afterwards");
        is(cuStreamSynchronize(nullptr), error, "cuStreamSynchronize afterwards");
        cuEmulatorReset();
    }
}

} // namespace

void fault_stories() {
    story("barrierNotReachedByAllIsReported", [] {
        fails("test_wrong", 0, CUDA_ERROR_LAUNCH_FAILED, "threads 0-47 wait in __syncthreads at ");
        fails("test_wrong", 0, CUDA_ERROR_LAUNCH_FAILED, "threads 48-63 have ended");
    });
    story("deadlockSaysWhoWaitsWhere", [] {
        fails("test_wrong", 1, CUDA_ERROR_LAUNCH_FAILED, "no thread can go on");
        fails("test_wrong", 1, CUDA_ERROR_LAUNCH_FAILED, "threads 32-39, 41-63 wait in __syncwarp with mask 0xffffffff");
        fails("test_wrong", 1, CUDA_ERROR_LAUNCH_FAILED, "threads 0-31 wait in __syncthreads");
    });
    story("wrongMasksAreReported",
          [] { fails("test_wrong", 2, CUDA_ERROR_LAUNCH_FAILED, "with different masks"); });
    story("maskWithoutTheCallerIsReported",
          [] { fails("test_wrong", 3, CUDA_ERROR_LAUNCH_FAILED, "a mask that does not name it"); });
    story("barrierInDivergentCodeIsReported",
          [] { fails("test_wrong", 4, CUDA_ERROR_LAUNCH_FAILED, "meet in different __syncthreads"); });
    story("trapIsReported", [] { fails("test_wrong", 5, CUDA_ERROR_LAUNCH_FAILED, "trap"); });
    story("overrunOfSharedMemoryIsReported", [] {
        fails("test_outside", 0, CUDA_ERROR_ILLEGAL_ADDRESS, "of shared memory, which has 128 bytes");
        fails("test_outside", 1, CUDA_ERROR_LAUNCH_FAILED, "shared memory [64, 192) is asked for, the launch has 128");
        fails("test_outside", 2, CUDA_ERROR_LAUNCH_FAILED, "is not aligned to 4");
    });
    story("overrunOfDeviceMemoryIsReported", [] {
        fails("test_outside", 3, CUDA_ERROR_ILLEGAL_ADDRESS, "byte 256 of the allocation of 256 bytes", 64);
        fails("test_outside", 3, CUDA_ERROR_ILLEGAL_ADDRESS, "4096 bytes before the allocation of 256 bytes", -1024);
        fails("test_outside", 3, CUDA_ERROR_ILLEGAL_ADDRESS, "not device memory", -(int64_t{1} << 40));
    });
    story("canaryBehindAnAllocationIsChecked", [] {
        const Buffer<float> memory(floats(3, 1.0f));
        ok(launch("test_outside", 1, 32, 128, test_params{memory.pointer(), memory.pointer(), 5, 3, 0}), "launch");
        is(cuCtxSynchronize(), CUDA_ERROR_ILLEGAL_ADDRESS, "write to element 5 of 3");
        reported("written behind the allocation of 12 bytes");
    });
    story("overflowOfAThreadsStackIsReported",
          [] { fails("test_outside", 4, CUDA_ERROR_LAUNCH_FAILED, "its stack has overflown"); });
    story("divisionByZeroIsReported",
          [] { fails("test_outside", 5, CUDA_ERROR_LAUNCH_FAILED, "integer division by zero"); });
}
