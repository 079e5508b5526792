package dev.patchbay.bindings.ops;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.patchbay.device.DType;
import dev.patchbay.device.DeviceTable;
import dev.patchbay.device.TableEntry;
import dev.patchbay.device.Tensor;
import dev.patchbay.device.Weight;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** The checks that arguments of an operation go through before their addresses cross into native code. */
record Arguments(NativeDevice device) {

    /** Address of a float matrix of any shape. */
    long floats(String name, Tensor tensor) {
        return address(name, tensor, DType.F32);
    }

    /** Address of a float matrix {@code [rows, columns]}. */
    long floats(String name, Tensor tensor, long rows, long columns) {
        requireShape(name, tensor, rows, columns);
        return floats(name, tensor);
    }

    /** As {@link #floats(String, Tensor, long, long)}, of a matrix whose rows follow each other without a gap. */
    long dense(String name, Tensor tensor, long rows, long columns) {
        requireShape(name, tensor, rows, columns);
        return dense(name, tensor, DType.F32);
    }

    /** As {@link #dense(String, Tensor, long, long)}; 0 for null. */
    long denseOrNull(String name, @Nullable Tensor tensor, long rows, long columns) {
        return tensor == null ? 0 : dense(name, tensor, rows, columns);
    }

    /** Address of a dense matrix of any shape. */
    long dense(String name, Tensor tensor, DType type) {
        if (!tensor.isContiguous()) {
            throw new IllegalArgumentException(name + " must be contiguous: its stride is " + tensor.stride() + " for "
                    + tensor.columns() + " columns");
        }
        return address(name, tensor, type);
    }

    /** Address of a dense matrix of integers that is written. */
    long integersWritten(String name, Tensor tensor) {
        long address = dense(name, tensor, DType.I32);
        ((NativeBuffer) tensor.buffer()).mayChange();
        return address;
    }

    /** Address of a matrix of any type and shape. */
    long any(String name, Tensor tensor) {
        return address(name, tensor, tensor.type());
    }

    /** As {@link #any}, of a matrix that is written. */
    long anyWritten(String name, Tensor tensor) {
        long address = any(name, tensor);
        ((NativeBuffer) tensor.buffer()).mayChange();
        return address;
    }

    /** Address of {@code [1, count]} integers. */
    long integers(String name, Tensor tensor, long count) {
        requireShape(name, tensor, 1, count);
        return address(name, tensor, DType.I32);
    }

    /** Address of {@code [1, count]} integers, which lie in {@code [0, limit)} where Java can see them. */
    long indices(String name, Tensor tensor, long count, long limit) {
        long address = integers(name, tensor, count);
        MemorySegment values = values(tensor);
        for (long place = 0; values != null && place < count; place++) {
            int value = values.getAtIndex(JAVA_INT, place);
            if (value < 0 || value >= limit) {
                throw new IllegalArgumentException(
                        name + "[" + place + "] is " + value + ", expected 0 to " + (limit - 1));
            }
        }
        return address;
    }

    /** The elements of a dense tensor that has been checked, or null where Java cannot read them. */
    @Nullable
    MemorySegment values(Tensor tensor) {
        MemorySegment memory = device.hostView((NativeBuffer) tensor.buffer());
        long width = tensor.type().bytes();
        return memory == null ? null : memory.asSlice(tensor.offset() * width, tensor.size() * width);
    }

    /** The table behind the interface, open and of this device. */
    <T extends TableEntry> NativeTable<T> table(String name, DeviceTable<T> table) {
        if (!(table instanceof NativeTable<T> own) || !own.buffer().device().equals(device)) {
            throw new IllegalArgumentException(name + " lives on another device");
        }
        return own;
    }

    /** Whether these are arguments of operations of {@code other}. */
    boolean isOn(NativeDevice other) {
        return device.equals(other);
    }

    /** The weight behind the interface, of this device. */
    NativeWeight weight(String name, Weight weight) {
        if (!(weight instanceof NativeWeight own)) {
            throw new IllegalArgumentException(name + " lives on another device");
        }
        own.checkUsable(name, this);
        return own;
    }

    /** The stride native code is told; that of a single row means nothing. */
    static long stride(Tensor tensor) {
        return tensor.rows() <= 1 ? tensor.columns() : tensor.stride();
    }

    static void requireShape(String name, Tensor tensor, long rows, long columns) {
        if (tensor.rows() != rows || tensor.columns() != columns) {
            throw new IllegalArgumentException(
                    name + " is " + tensor.rows() + " x " + tensor.columns() + ", expected " + rows + " x " + columns);
        }
    }

    private long address(String name, Tensor tensor, DType type) {
        if (tensor.type() != type) {
            throw new IllegalArgumentException(name + " holds " + tensor.type() + ", expected " + type);
        }
        if (!(tensor.buffer() instanceof NativeBuffer buffer)
                || !buffer.device().equals(device)) {
            throw new IllegalArgumentException(
                    name + " (" + tensor.buffer().label() + ") lives on another device than " + device.description());
        }
        if (type == DType.F32) {
            buffer.mayChange();
        }
        return buffer.address() + tensor.offset() * type.bytes();
    }
}
