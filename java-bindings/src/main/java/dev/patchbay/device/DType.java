package dev.patchbay.device;

/** Element types that live on a device. */
public enum DType {
    /** IEEE single precision. */
    F32(4),
    /** Signed 32-bit integer: token ids, positions, indices. */
    I32(4);

    private final int bytes;

    DType(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes an element takes. */
    public int bytes() {
        return bytes;
    }
}
