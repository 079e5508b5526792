package dev.patchbay.model.checkpoint;

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

    /** SHA-256 of everything that makes this store what it is, in hexadecimal. */
    String digest();

    @Override
    void close();
}
