package dev.patchbay.device;

import java.util.List;

/**
 * Where tensors live and operations run: {@code cpu}, {@code cuda:N}, and for tests {@code cuda-emulated}.
 *
 * <p>Operations are enqueued in order; only downloads and {@link #synchronize} wait. A device is used by one thread at a
 * time; a second thread that overlaps gets an {@link IllegalStateException}. Closing it twice is harmless; using it, or
 * anything allocated from it, after that is an {@link IllegalStateException}.
 */
public interface Device extends AutoCloseable {
    /** The name a user types: {@code cpu}, {@code cuda:0}, … */
    String name();

    /** What it is, in words: processor or GPU, instruction set, threads. */
    String description();

    /** The numerics profile this device computes in. */
    Numerics numerics();

    /** The operations of this device. */
    Ops ops();

    /**
     * Memory of the device, contents undefined, 64-byte aligned.
     *
     * @param bytes more than 0
     * @param label what it is for, named in errors and leak reports
     * @throws IllegalArgumentException where {@code bytes} is not positive
     * @throws OutOfDeviceMemoryException with the bytes needed and free
     */
    DeviceBuffer allocate(long bytes, String label);

    /** A new matrix {@code [rows, columns]}, contents undefined; whoever asked closes its buffer. */
    default Tensor tensor(DType type, long rows, long columns, String label) {
        long bytes = Math.multiplyExact(Math.multiplyExact(Math.max(rows, 1), Math.max(columns, 1)), type.bytes());
        return new Tensor(allocate(bytes, label), type, 0, rows, columns, columns);
    }

    /** A new {@code [1, n]} integer tensor holding {@code values}; whoever asked closes its buffer. */
    Tensor upload(int[] values, String label);

    /** A new {@code [rows, columns]} tensor holding {@code values}, row by row; whoever asked closes its buffer. */
    Tensor upload(float[] values, long rows, long columns, String label);

    /**
     * A table of structs on the device, in the order given (which the operation that reads it prescribes).
     *
     * @throws IllegalArgumentException naming the first entry that no operation could accept
     */
    <T extends TableEntry> DeviceTable<T> table(Class<T> type, List<T> entries, String label);

    /**
     * A weight for products. It takes ownership of the buffer of {@code raw}, the whole of it also where {@code raw} is a
     * view of a part: whoever closes the weight closes the buffer, so one buffer belongs to one weight at most.
     *
     * @param raw F32, {@code [inner, columns]}, or {@code [columns, inner]} where {@code transposed}
     */
    default Weight weight(Tensor raw, boolean transposed) {
        return weight(raw, transposed, 1);
    }

    /**
     * As {@link #weight(Tensor, boolean)}, of several matrices of one shape.
     *
     * @param raw F32, the matrices one below the other
     * @param matrices how many there are, a divisor of the rows
     */
    Weight weight(Tensor raw, boolean transposed, int matrices);

    /** Bytes the device could still allocate. */
    long freeBytes();

    /** Waits until every operation enqueued so far has run. */
    void synchronize();

    /**
     * Runs {@code work}, waits for the device, and returns the seconds between the start and the end of what was enqueued,
     * by the device's own clock where it has one. Not inside another such call.
     */
    default double seconds(Runnable work) {
        synchronize();
        long begin = System.nanoTime();
        work.run();
        synchronize();
        return (System.nanoTime() - begin) / 1e9;
    }

    /**
     * Waits for what is enqueued and gives everything back: buffers still open are named in the log and freed.
     */
    @Override
    void close();
}
