package dev.patchbay.bindings.ops;

import dev.patchbay.device.DeviceBuffer;

/** A buffer whose address native code takes. */
public interface NativeBuffer extends DeviceBuffer {
    /**
     * Where it begins on its device; it must stay open for as long as the address is used.
     *
     * @throws IllegalStateException where it is closed
     */
    long address();
}
