package dev.patchbay.bindings.cuda;

import java.util.Arrays;

/** The {@code CUresult}s that mean something to us; a test compares them with the header where there is one. */
enum CudaResult {
    OUT_OF_MEMORY(2, false),
    DEINITIALIZED(4, true),
    NO_DEVICE(100, false),
    ECC_UNCORRECTABLE(214, true),
    NVLINK_UNCORRECTABLE(220, true),
    CONTAINED(226, true),
    ILLEGAL_ADDRESS(700, true),
    LAUNCH_TIMEOUT(702, true),
    CONTEXT_IS_DESTROYED(709, true),
    ASSERT(710, true),
    HARDWARE_STACK_ERROR(714, true),
    ILLEGAL_INSTRUCTION(715, true),
    MISALIGNED_ADDRESS(716, true),
    INVALID_ADDRESS_SPACE(717, true),
    INVALID_PC(718, true),
    LAUNCH_FAILED(719, true);

    private final int code;
    private final boolean sticky;

    CudaResult(int code, boolean sticky) {
        this.code = code;
        this.sticky = sticky;
    }

    int code() {
        return code;
    }

    /** The name of the header. */
    String constant() {
        return "CUDA_ERROR_" + name();
    }

    /** Whether a device that gave this code gives it to every later call. */
    static boolean isSticky(int code) {
        return Arrays.stream(values()).anyMatch(result -> result.sticky && result.code == code);
    }
}
