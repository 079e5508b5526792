package dev.patchbay.model.checkpoint;

import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Named tensors to read from: a checkpoint on disk or one made in memory. */
public interface TensorStore extends AutoCloseable {
    /** Names as stored. */
    Set<String> names();

    /** The shape of a stored tensor, outermost dimension first. */
    List<Long> shape(String name);

    /**
     * The elements of a stored tensor, row by row, widened to float32.
     *
     * @throws dev.patchbay.model.InputException where the tensor is absent, has a type that is no weight, or holds NaN or
     *     infinity
     */
    float[] floats(String name);

    /**
     * As {@link #floats(String)}, of the elements {@code [begin, begin + count)} alone.
     *
     * @param count at most the length of an array
     */
    default float[] floats(String name, long begin, long count) {
        return Arrays.copyOfRange(floats(name), Math.toIntExact(begin), Math.toIntExact(begin + count));
    }

    /** Bytes {@code [begin, begin + count)} of a stored tensor of any type, where the store has them. */
    default byte[] bytes(String name, long begin, long count) {
        throw new UnsupportedOperationException("tensor " + name + ": this store holds numbers, not bytes");
    }

    /** SHA-256 of everything that makes this store what it is, in hexadecimal. */
    String digest();

    @Override
    void close();
}
