package dev.patchbay.model.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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

    /** Takes a piece of a tensor. */
    interface Pieces {
        /**
         * Takes the next elements.
         *
         * @param floats float32, little-endian, from position 0 to its limit; valid during the call
         * @param at the first of them, counted in elements from where the read began
         */
        void accept(ByteBuffer floats, long at);
    }

    /**
     * Reads elements {@code [begin, begin + count)} of a stored tensor in order, widened to float32, in pieces of at most
     * 4 MiB, so that a tensor of any size needs little memory.
     *
     * @throws dev.patchbay.model.InputException as {@link #floats}
     */
    default void read(String name, long begin, long count, Pieces pieces) {
        var values = floats(name);
        int most = 1 << 18;
        var piece = ByteBuffer.allocateDirect(Math.toIntExact(Math.min(most, Math.max(1, count)) * Float.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        for (long at = 0; at < count; at += most) {
            int length = (int) Math.min(most, count - at);
            piece.clear().limit(length * Float.BYTES);
            piece.asFloatBuffer().put(values, Math.toIntExact(begin + at), length);
            pieces.accept(piece, at);
        }
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
