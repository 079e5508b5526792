package dev.patchbay.model.checkpoint;

import dev.patchbay.model.checkpoint.WeightMap.Source;
import java.util.Arrays;
import java.util.List;

/** A tensor of the graph as it came out of a checkpoint: the chosen outputs, in the orientation in which they are stored. */
public final class GraphTensor {
    private final List<Long> shape;
    private final boolean transposed;
    private final float[] values;

    private GraphTensor(List<Long> shape, boolean transposed, float[] values) {
        this.shape = List.copyOf(shape);
        this.transposed = transposed;
        this.values = values;
    }

    /**
     * Reads a source.
     *
     * @throws dev.patchbay.model.InputException where the store cannot give it
     */
    public static GraphTensor read(TensorStore store, Source source) {
        var values = values(store, source);
        var whole = source.valueShape();
        if (source.outputs().isEmpty()) {
            return new GraphTensor(whole, source.transposed(), values);
        }
        long outputs =
                source.outputs().stream().mapToLong(WeightMap.Slice::count).sum();
        boolean rows = source.transposed() || whole.size() == 1;
        int outer = rows ? 1 : Math.toIntExact(whole.getFirst());
        int inner = source.transposed() ? Math.toIntExact(whole.getLast()) : 1;
        int stride = values.length / outer;
        var chosen = new float[Math.toIntExact(Math.multiplyExact(outputs, (long) outer * inner))];
        int at = 0;
        for (int row = 0; row < outer; row++) {
            for (var slice : source.outputs()) {
                int runs = slice.step() == 1 ? 1 : Math.toIntExact(slice.count());
                int length = Math.toIntExact(slice.count() / runs * inner);
                for (int run = 0; run < runs; run++) {
                    long begin = row * (long) stride + (slice.begin() + run * slice.step()) * inner;
                    System.arraycopy(values, Math.toIntExact(begin), chosen, at, length);
                    at += length;
                }
            }
        }
        var shape = whole.size() == 1
                ? List.of(outputs)
                : rows ? List.of(outputs, whole.getLast()) : List.of(whole.getFirst(), outputs);
        return new GraphTensor(shape, source.transposed(), chosen);
    }

    /** The values of the stored tensor, or of its member. */
    private static float[] values(TensorStore store, Source source) {
        if (source.scales().isPresent()) {
            return Mxfp4.read(store, source, source.scales().get());
        }
        if (source.member() == Source.WHOLE) {
            return store.floats(source.tensor());
        }
        long size = source.valueShape().stream().reduce(1L, Math::multiplyExact);
        return store.floats(source.tensor(), source.member() * size, size);
    }

    /** The shape of {@link #values}: for a matrix {@code [out, in]} where {@link #transposed}, else {@code [in, out]}. */
    public List<Long> shape() {
        return shape;
    }

    /** Whether a matrix is {@code [out, in]}, the other way round than the graph names it. */
    public boolean transposed() {
        return transposed;
    }

    /** The elements row by row, not copied: the caller's to keep or change. */
    public float[] values() {
        return values;
    }

    @Override
    public String toString() {
        return "graph tensor " + shape + (transposed ? " transposed" : "") + ", " + Arrays.hashCode(values);
    }
}
