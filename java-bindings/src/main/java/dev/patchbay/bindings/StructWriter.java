package dev.patchbay.bindings;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Writes structs one after another into native memory, field by field, each by its name. It insists on the declared type
 * and, at the end of a struct, that every field was written exactly once ({@code reserved} is written by itself): a
 * forgotten field would be what the last call left there. Used by one thread.
 */
public final class StructWriter {
    /** A buffer, not the segment: of its stores, so many fit into one compiled method that nothing else is left. */
    private final ByteBuffer memory;

    private final long start;
    private long begin;
    private long end;
    private NativeStruct struct = NativeStructs.ROW;
    private long missing;
    private int next;

    /** Writes to native memory of up to 2 GB, from its start. */
    public StructWriter(MemorySegment nativeMemory) {
        memory = nativeMemory.asByteBuffer().order(ByteOrder.nativeOrder());
        start = nativeMemory.address();
    }

    /** Starts over at the beginning of the memory. */
    public StructWriter reset() {
        begin = 0;
        end = 0;
        missing = 0;
        return this;
    }

    /** Starts a struct behind the last one. */
    public StructWriter begin(NativeStruct declaration) {
        requireComplete();
        if (memory.capacity() - end < declaration.size()) {
            throw new IllegalStateException("no room for another " + declaration.name());
        }
        struct = declaration;
        begin = end;
        end += declaration.size();
        next = 0;
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
        memory.putLong(place(name, NativeStruct.Type.POINTER), address);
        return this;
    }

    /** Writes a 64-bit integer. */
    public StructWriter int64(String name, long value) {
        memory.putLong(place(name, NativeStruct.Type.INT64), value);
        return this;
    }

    /** Writes a 32-bit integer. */
    public StructWriter int32(String name, int value) {
        memory.putInt(place(name, NativeStruct.Type.INT32), value);
        return this;
    }

    /** Writes a float. */
    public StructWriter float32(String name, float value) {
        memory.putFloat(place(name, NativeStruct.Type.FLOAT32), value);
        return this;
    }

    /** Ends the struct and returns its address. */
    public long end() {
        requireComplete();
        return start + begin;
    }

    /** Whether another struct fits. */
    public boolean hasRoomFor(NativeStruct declaration) {
        return memory.capacity() - end >= declaration.size();
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
        return (int) (begin + field.offset());
    }

    private void requireComplete() {
        if (missing == 0) {
            return;
        }
        NativeStruct.Field field = struct.fields().get(Long.numberOfTrailingZeros(missing));
        if (!field.name().equals("reserved")) {
            throw new IllegalStateException(struct.name() + "." + field.name() + " was not written");
        }
        memory.putInt(place("reserved", NativeStruct.Type.INT32), 0);
        requireComplete();
    }
}
