package dev.patchbay.bindings.cuda;

import java.util.function.LongConsumer;
import java.util.function.LongUnaryOperator;

/**
 * Memory of a device for what an operation makes on its way: it belongs to one operation at a time, in the order of the
 * stream, and is as large as the largest has needed so far.
 */
final class Scratch {
    /** Parts begin at multiples of it. */
    static final long ALIGNMENT = 256;

    private static final long UNIT = 1 << 20;

    private final LongUnaryOperator allocate;
    private final LongConsumer free;
    private long address;
    private long bytes;

    Scratch(LongUnaryOperator allocate, LongConsumer free) {
        this.allocate = allocate;
        this.free = free;
    }

    /** The address of {@code wanted} bytes; what was reserved before is the new owner's. */
    long reserve(long wanted) {
        if (wanted > bytes) {
            close();
            long rounded = Math.multiplyExact(Math.ceilDiv(wanted, UNIT), UNIT);
            address = allocate.applyAsLong(rounded);
            bytes = rounded;
        }
        return address;
    }

    /** Bytes of a part, with what keeps the next one aligned. */
    static long padded(long part) {
        return Math.multiplyExact(Math.ceilDiv(part, ALIGNMENT), ALIGNMENT);
    }

    void close() {
        if (bytes > 0) {
            bytes = 0;
            free.accept(address);
        }
    }
}
