package dev.patchbay.model.checkpoint;

import java.util.List;

/**
 * A tensor of a safetensors file.
 *
 * @param name its name, any text; never a path
 * @param type of its elements
 * @param shape outermost dimension first; empty for a scalar
 * @param begin first byte, counted from the start of the data
 * @param end one past its last byte
 */
public record StoredTensor(String name, StoredType type, List<Long> shape, long begin, long end) {
    /** Copies the shape. */
    public StoredTensor {
        shape = List.copyOf(shape);
    }

    /** Number of elements. */
    public long elements() {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }

    /** Number of bytes. */
    public long bytes() {
        return end - begin;
    }
}
