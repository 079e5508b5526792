package dev.patchbay.bindings.cuda;

import dev.patchbay.device.DeviceLostException;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Turns the results of driver calls into exceptions, here and nowhere else; remembers the one that lost the device. */
final class CudaStatus {
    private final String device;
    private final IntFunction<String> names;
    private final IntFunction<String> texts;
    private volatile @Nullable CudaException loss;

    /** For calls on a device that messages call {@code device}; the functions are the driver's words for codes. */
    CudaStatus(String device, IntFunction<String> names, IntFunction<String> texts) {
        this.device = device;
        this.names = names;
        this.texts = texts;
    }

    /** Throws where a call did not succeed. */
    void check(int code, String call) {
        if (code != 0) {
            fail(code, call);
        }
    }

    private void fail(int code, String call) {
        CudaException failure = new CudaException(code, names.apply(code), texts.apply(code), call, device);
        if (!CudaResult.isSticky(code)) {
            throw failure;
        }
        loss = failure;
        requireAlive();
    }

    /** Throws where an earlier failure has lost the device. */
    void requireAlive() {
        CudaException failure = loss;
        if (failure != null) {
            throw new DeviceLostException(device, failure);
        }
    }

    /** Whether an earlier failure has lost the device. */
    boolean isLost() {
        return loss != null;
    }
}
