package dev.patchbay.model.run;

import dev.patchbay.device.Tensor;
import java.util.List;

/**
 * Keys (rotated) and values of every layer, kept as the base of later rows. Row r's position p is tensor row
 * {@code begin(r) + p}. Closed by whoever asked for it.
 */
public final class KeyValues implements AutoCloseable {
    private final List<Tensor> keys;
    private final List<Tensor> values;
    private final long[] begin;
    private final int[] filled;
    private final int capacity;

    /**
     * Wraps tensors {@code [tensor rows, kv_heads · d_head]}, one of each a layer.
     *
     * @param begin tensor row of each base row's position 0
     * @param filled positions each base row holds
     * @param capacity positions each base row has room for
     */
    KeyValues(List<Tensor> keys, List<Tensor> values, long[] begin, int[] filled, int capacity) {
        this.keys = List.copyOf(keys);
        this.values = List.copyOf(values);
        this.begin = begin.clone();
        this.filled = filled.clone();
        this.capacity = capacity;
    }

    /** Number of base rows. */
    public int rows() {
        return begin.length;
    }

    /** Positions a base row holds. */
    public int filled(int row) {
        return filled[row];
    }

    void fill(int row, int positions) {
        filled[row] = positions;
    }

    int capacity() {
        return capacity;
    }

    long begin(int row) {
        return begin[row];
    }

    Tensor keys(int layer) {
        return keys.get(layer);
    }

    Tensor values(int layer) {
        return values.get(layer);
    }

    @Override
    public void close() {
        keys.forEach(tensor -> tensor.buffer().close());
        values.forEach(tensor -> tensor.buffer().close());
    }
}
