package dev.patchbay.bindings.ops;

import dev.patchbay.device.DeviceException;

/** Turns the statuses of {@code pb_status} into exceptions, here and nowhere else. */
public final class NativeStatus {
    /** {@code PB_OUT_OF_MEMORY}. */
    public static final int OUT_OF_MEMORY = 2;

    private NativeStatus() {}

    /** Throws where a status is not {@code PB_OK}. */
    public static void check(int status, String operation) {
        if (status != 0) {
            throw failure(status, operation);
        }
    }

    /** What a status other than {@code PB_OK} means. */
    public static DeviceException failure(int status, String operation) {
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
