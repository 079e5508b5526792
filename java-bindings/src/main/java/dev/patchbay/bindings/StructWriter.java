package dev.patchbay.bindings;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;

/**
 * Writes structs one after another into native memory, field by field, each by its name. It insists on the declared type
 * and, at the end of a struct, that every field was written exactly once ({@code reserved} is written by itself): a
 * forgotten field would be what the last call left there. Used by one thread.
 */
public final class StructWriter {
    /** More than any struct has. */
    private static final int MOST_INTS = 256;

    private final MemorySegment memory;
    /**
     * The struct being written, which goes to memory as a whole: stores to an array are so simple that the JIT compiler
     * inlines those of a whole struct, which it does not do with stores to a segment.
     */
    private final int[] staged = new int[MOST_INTS];

    private boolean open;
    private long begin;
    private long end;
    private NativeStruct struct = NativeStructs.ROW;
    private long missing;
    private int next;

    /** Writes to {@code memory}, from its start. */
    public StructWriter(MemorySegment memory) {
        this.memory = memory;
    }

    /** Starts over at the beginning of the memory. */
    public StructWriter reset() {
        begin = 0;
        end = 0;
        missing = 0;
        open = false;
        return this;
    }

    /** Starts a struct behind the last one. */
    public StructWriter begin(NativeStruct declaration) {
        flush();
        if (memory.byteSize() - end < declaration.size()) {
            throw new IllegalStateException("no room for another " + declaration.name());
        }
        struct = declaration;
        begin = end;
        end += declaration.size();
        next = 0;
        open = true;
        missing = -1L >>> (Long.SIZE - declaration.fields().size());
        return this;
    }

    /** Goes on with the fields of a struct that begins with the one just written. */
    public StructWriter extend(NativeStruct declaration) {
        end = begin;
        return begin(declaration);
    }

    /** Writes an address, 0 for null. */
    public StructWriter pointer(String name, long address) {
        set(place(name, NativeStruct.Type.POINTER), address);
        return this;
    }

    /** Writes a 64-bit integer. */
    public StructWriter int64(String name, long value) {
        set(place(name, NativeStruct.Type.INT64), value);
        return this;
    }

    /** Writes a 32-bit integer. */
    public StructWriter int32(String name, int value) {
        staged[place(name, NativeStruct.Type.INT32)] = value;
        return this;
    }

    /** Writes a float. */
    public StructWriter float32(String name, float value) {
        staged[place(name, NativeStruct.Type.FLOAT32)] = Float.floatToRawIntBits(value);
        return this;
    }

    /** Ends the struct and returns its address. */
    public long end() {
        flush();
        return memory.address() + begin;
    }

    /** Whether another struct fits. */
    public boolean hasRoomFor(NativeStruct declaration) {
        return memory.byteSize() - end >= declaration.size();
    }

    private void set(int place, long value) {
        staged[place] = (int) value;
        staged[place + 1] = (int) (value >>> Integer.SIZE);
    }

    private void flush() {
        requireComplete();
        if (open) {
            open = false;
            MemorySegment.copy(staged, 0, memory, JAVA_INT, begin, (int) (struct.size() / Integer.BYTES));
        }
    }

    private int place(String name, NativeStruct.Type type) {
        NativeStruct.Field field = struct.field(name, next);
        long bit = 1L << field.index();
        if (field.type() != type || (missing & bit) == 0) {
            throw new IllegalStateException(
                    struct.name() + "." + name + " is " + field.type() + ", written as " + type + " or twice");
        }
        missing &= ~bit;
        next = field.index() + 1;
        return (int) (field.offset() / Integer.BYTES);
    }

    private void requireComplete() {
        if (missing == 0) {
            return;
        }
        NativeStruct.Field field = struct.fields().get(Long.numberOfTrailingZeros(missing));
        if (!field.name().equals("reserved")) {
            throw new IllegalStateException(struct.name() + "." + field.name() + " was not written");
        }
        staged[place("reserved", NativeStruct.Type.INT32)] = 0;
        requireComplete();
    }
}
