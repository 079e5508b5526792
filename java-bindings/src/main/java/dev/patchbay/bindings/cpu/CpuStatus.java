package dev.patchbay.bindings.cpu;

import dev.patchbay.device.DeviceException;

/** Turns the statuses of {@code pb_status} into exceptions, here and nowhere else. */
final class CpuStatus {
    static final int OUT_OF_MEMORY = 2;

    private CpuStatus() {}

    static void check(int status, String operation) {
        if (status != 0) {
            throw failure(status, operation);
        }
    }

    static DeviceException failure(int status, String operation) {
        return new DeviceException(operation, status, meaning(status));
    }

    private static String meaning(int status) {
        return switch (status) {
            case 1 -> "native code refused its arguments";
            case OUT_OF_MEMORY -> "no memory for scratch";
            case 3 -> "this machine cannot run it";
            case 4 -> "an edit left an attention row without any key";
            default -> "unknown failure";
        };
    }
}
