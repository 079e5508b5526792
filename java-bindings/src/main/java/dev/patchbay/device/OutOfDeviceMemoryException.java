package dev.patchbay.device;

/** A device has not the memory that was asked for. */
public final class OutOfDeviceMemoryException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final long needed;
    private final long free;
    private final String label;

    /** Bytes asked for, bytes free, and what for. */
    public OutOfDeviceMemoryException(long needed, long free, String label) {
        super(label + " needs " + needed + " bytes, " + free
                + " are free on the device: use shorter inputs, smaller batches or a smaller model");
        this.needed = needed;
        this.free = free;
        this.label = label;
    }

    /** Bytes asked for. */
    public long needed() {
        return needed;
    }

    /** Bytes that were free. */
    public long free() {
        return free;
    }

    /** What the memory was for. */
    public String label() {
        return label;
    }
}
