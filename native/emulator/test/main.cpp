/* The emulated device: its threads, its driver API, and the faults that it must find. */
#include <cstdlib>

#include "check.h"
#include "driver/device.h"
#include "stories.h"

int main() {
    using namespace pb::abi;
    setenv("PATCHBAY_EMULATOR_MEMORY", "64M", 1);
    pb::emulated::reports_are_printed = false;
    check::after_each([] { /* the next story begins on a device without an error */
        cuEmulatorReset();
        cuEmulatorSetSeed(1);
    });
    abi_stories();
    border_stories(); /* begins before cuInit */
    CUcontext context = nullptr;
    check::ok(cuDevicePrimaryCtxRetain(&context, 0), "cuDevicePrimaryCtxRetain");
    check::ok(cuCtxSetCurrent(context), "cuCtxSetCurrent");
    launch_stories();
    fault_stories();
    memory_stories();
    stream_stories();
    matrix_stories();
    gemm_stories();
    row_stories();
    expert_stories();
    attention_stories();
    attention_kinds_stories();
    attention_bf16_stories();
    convert_stories();
    check::ok(cuDevicePrimaryCtxRelease_v2(0), "cuDevicePrimaryCtxRelease");
    return check::summary();
}
