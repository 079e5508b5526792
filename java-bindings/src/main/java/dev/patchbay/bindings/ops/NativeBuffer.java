package dev.patchbay.bindings.ops;

import dev.patchbay.device.DType;
import dev.patchbay.device.Device;
import dev.patchbay.device.DeviceBuffer;
import dev.patchbay.device.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Objects;

/** A piece of the memory of a {@link NativeDevice}: checks what is copied in and out; how, its device's class says. */
public abstract class NativeBuffer implements DeviceBuffer {
    private final NativeDevice device;
    private final long address;
    private final long bytes;
    private final String label;
    private volatile boolean closed;

    /** The {@code bytes} bytes of {@code device} at {@code address}. */
    protected NativeBuffer(NativeDevice device, long address, long bytes, String label) {
        this.device = device;
        this.address = address;
        this.bytes = bytes;
        this.label = label;
    }

    /** Copies dense pieces into a part of the buffer; callers have entered the device and checked the bounds. */
    protected abstract void copyIn(Region to, MemorySegment from);

    /** Copies a part of the buffer to dense pieces and waits for them; callers as above. */
    protected abstract void copyOut(Region from, MemorySegment to);

    /** Says that an operation may write to it, so that nothing remembered of its contents holds any longer. */
    protected abstract void mayChange();

    @Override
    public final Device device() {
        return device;
    }

    @Override
    public final long bytes() {
        return bytes;
    }

    @Override
    public final String label() {
        return label;
    }

    /**
     * Where it begins on its device; it must stay open for as long as the address is used.
     *
     * @throws IllegalStateException where it is closed
     */
    public final long address() {
        if (closed) {
            throw new IllegalStateException(label + " is closed");
        }
        return address;
    }

    @Override
    public final void write(long byteOffset, ByteBuffer source) {
        try (var _ = device.use()) {
            copyIn(checked(byteOffset, source), MemorySegment.ofBuffer(source));
            source.position(source.limit());
        }
    }

    @Override
    public final void read(long byteOffset, ByteBuffer target) {
        try (var _ = device.use()) {
            copyOut(checked(byteOffset, target), MemorySegment.ofBuffer(target));
            target.position(target.limit());
        }
    }

    @Override
    public final float[] downloadFloats(Tensor view) {
        float[] values = new float[Math.toIntExact(view.size())];
        download(view, DType.F32, MemorySegment.ofArray(values));
        return values;
    }

    @Override
    public final int[] downloadInts(Tensor view) {
        int[] values = new int[Math.toIntExact(view.size())];
        download(view, DType.I32, MemorySegment.ofArray(values));
        return values;
    }

    @Override
    public final void upload(Tensor view, float[] values) {
        upload(view, DType.F32, MemorySegment.ofArray(values), values.length);
    }

    @Override
    public final void upload(Tensor view, int[] values) {
        upload(view, DType.I32, MemorySegment.ofArray(values), values.length);
    }

    @Override
    public final void close() {
        if (!closed) {
            device.release(this);
        }
    }

    /** Marks it closed; its memory is the device's to free. */
    final void markClosed() {
        closed = true;
    }

    private Region checked(long byteOffset, ByteBuffer bytesOfHost) {
        address();
        Objects.checkFromIndexSize(byteOffset, bytesOfHost.remaining(), bytes);
        return Region.whole(byteOffset, bytesOfHost.remaining());
    }

    private void download(Tensor view, DType type, MemorySegment target) {
        require(view, type);
        try (var _ = device.use()) {
            address();
            copyOut(Region.of(view), target);
        }
    }

    private void upload(Tensor view, DType type, MemorySegment source, int length) {
        require(view, type);
        if (length != view.size()) {
            throw new IllegalArgumentException(
                    length + " values for " + view.rows() + " x " + view.columns() + " of " + label);
        }
        try (var _ = device.use()) {
            address();
            copyIn(Region.of(view), source);
        }
    }

    private void require(Tensor view, DType type) {
        if (!view.buffer().equals(this) || view.type() != type) {
            throw new IllegalArgumentException("a view of " + view.buffer().label() + " of type " + view.type()
                    + ", expected one of " + label + " of type " + type);
        }
    }
}
