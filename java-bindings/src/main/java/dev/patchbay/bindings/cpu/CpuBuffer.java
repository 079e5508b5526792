package dev.patchbay.bindings.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.patchbay.bindings.ForeignAccess;
import dev.patchbay.bindings.ops.NativeBuffer;
import dev.patchbay.device.DType;
import dev.patchbay.device.Device;
import dev.patchbay.device.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Objects;

/** Native memory of a {@link CpuDevice}. */
final class CpuBuffer implements NativeBuffer {
    private final CpuDevice device;
    private final MemorySegment memory;
    private final String label;
    private volatile boolean closed;

    CpuBuffer(CpuDevice device, long address, long bytes, String label) {
        this.device = device;
        this.memory = ForeignAccess.memory(address, bytes);
        this.label = label;
    }

    @Override
    public Device device() {
        return device;
    }

    @Override
    public long bytes() {
        return memory.byteSize();
    }

    @Override
    public String label() {
        return label;
    }

    @Override
    public long address() {
        requireOpen();
        return memory.address();
    }

    /** The bytes of an open buffer. */
    MemorySegment memory() {
        requireOpen();
        return memory;
    }

    @Override
    public void write(long byteOffset, ByteBuffer source) {
        try (var _ = device.use()) {
            int count = source.remaining();
            Objects.checkFromIndexSize(byteOffset, count, bytes());
            MemorySegment.copy(MemorySegment.ofBuffer(source), 0, memory(), byteOffset, count);
            source.position(source.limit());
        }
    }

    @Override
    public void read(long byteOffset, ByteBuffer target) {
        try (var _ = device.use()) {
            int count = target.remaining();
            Objects.checkFromIndexSize(byteOffset, count, bytes());
            MemorySegment.copy(memory(), byteOffset, MemorySegment.ofBuffer(target), 0, count);
            target.position(target.limit());
        }
    }

    @Override
    public float[] downloadFloats(Tensor view) {
        require(view, DType.F32);
        float[] values = new float[Math.toIntExact(view.size())];
        copyOut(view, JAVA_FLOAT, values);
        return values;
    }

    @Override
    public int[] downloadInts(Tensor view) {
        require(view, DType.I32);
        int[] values = new int[Math.toIntExact(view.size())];
        copyOut(view, JAVA_INT, values);
        return values;
    }

    @Override
    public void upload(Tensor view, float[] values) {
        require(view, DType.F32);
        copyIn(view, JAVA_FLOAT, values, values.length);
    }

    @Override
    public void upload(Tensor view, int[] values) {
        require(view, DType.I32);
        copyIn(view, JAVA_INT, values, values.length);
    }

    @Override
    public void close() {
        if (!closed) {
            device.release(this);
        }
    }

    /** Marks it closed; its memory is the device's to free. */
    void markClosed() {
        closed = true;
    }

    private void copyOut(Tensor view, ValueLayout layout, Object values) {
        try (var _ = device.use()) {
            MemorySegment source = memory();
            Span span = Span.of(view);
            for (int row = 0; row < span.count(); row++) {
                MemorySegment.copy(source, layout, span.byteOffset(row), values, row * span.length(), span.length());
            }
        }
    }

    private void copyIn(Tensor view, ValueLayout layout, Object values, int length) {
        if (length != view.size()) {
            throw new IllegalArgumentException(
                    length + " values for " + view.rows() + " x " + view.columns() + " of " + label);
        }
        try (var _ = device.use()) {
            MemorySegment target = memory();
            Span span = Span.of(view);
            for (int row = 0; row < span.count(); row++) {
                MemorySegment.copy(values, row * span.length(), target, layout, span.byteOffset(row), span.length());
            }
        }
    }

    private void require(Tensor view, DType type) {
        if (view.buffer() != this || view.type() != type) {
            throw new IllegalArgumentException("a view of " + view.buffer().label() + " of type " + view.type()
                    + ", expected one of " + label + " of type " + type);
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException(label + " is closed");
        }
    }

    /** A view as pieces that follow each other in memory: its rows, or all of it at once. */
    private record Span(Tensor view, int count, int length) {
        static Span of(Tensor view) {
            return view.isContiguous()
                    ? new Span(view, 1, Math.toIntExact(view.size()))
                    : new Span(view, Math.toIntExact(view.rows()), Math.toIntExact(view.columns()));
        }

        long byteOffset(int row) {
            return length == 0
                    ? 0
                    : (view.offset() + row * view.stride()) * view.type().bytes();
        }
    }
}
