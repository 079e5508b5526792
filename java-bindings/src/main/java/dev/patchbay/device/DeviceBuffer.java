package dev.patchbay.device;

import java.nio.ByteBuffer;

/**
 * A piece of device memory. Its owner closes it; closing twice is harmless, use after close is an
 * {@link IllegalStateException}. Its address never leaves the bindings.
 */
public interface DeviceBuffer extends AutoCloseable {
    /** The device it lives on. */
    Device device();

    /** Size in bytes. */
    long bytes();

    /** What it is for. */
    String label();

    /**
     * Copies the remaining bytes of {@code source} (their order is the caller's matter) to {@code byteOffset} on and
     * advances its position.
     *
     * @throws IndexOutOfBoundsException where they would end after the buffer
     */
    void write(long byteOffset, ByteBuffer source);

    /**
     * Fills the remaining bytes of {@code target} from {@code byteOffset} on and advances its position; waits for the
     * device.
     *
     * @throws IndexOutOfBoundsException where the buffer ends before
     */
    void read(long byteOffset, ByteBuffer target);

    /** Used by {@link Tensor}. */
    float[] downloadFloats(Tensor view);

    /** Used by {@link Tensor}. */
    int[] downloadInts(Tensor view);

    /** Used by {@link Tensor}. */
    void upload(Tensor view, float[] values);

    /** Used by {@link Tensor}. */
    void upload(Tensor view, int[] values);

    @Override
    void close();
}
