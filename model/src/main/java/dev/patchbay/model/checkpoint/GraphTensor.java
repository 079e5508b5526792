package dev.patchbay.model.checkpoint;

import dev.patchbay.model.checkpoint.WeightMap.Source;
import java.nio.ByteOrder;
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
        var values = new float[Math.toIntExact(source.values())];
        read(
                store,
                source,
                (floats, at) ->
                        floats.asFloatBuffer().get(values, Math.toIntExact(at), floats.remaining() / Float.BYTES));
        return new GraphTensor(shape(source), source.transposed(), values);
    }

    /**
     * Reads a source piece by piece, so that one of any size needs little memory.
     *
     * @param pieces takes float32, little-endian, and where they belong in the tensor of the graph; not in order
     * @throws dev.patchbay.model.InputException where the store cannot give it
     */
    public static void read(TensorStore store, Source source, TensorStore.Pieces pieces) {
        if (source.member() != Source.WHOLE) {
            StackedMember.read(store, source, pieces);
            return;
        }
        var runs = ElementRuns.of(source);
        for (var part : runs.reads()) {
            store.read(source.tensor(), part.begin(), part.count(), (floats, at) -> {
                long begin = part.begin() + at;
                runs.within(
                        begin,
                        floats.remaining() / Float.BYTES,
                        (from, to, count) -> pieces.accept(
                                floats.slice(
                                                Math.toIntExact((from - begin) * Float.BYTES),
                                                Math.toIntExact(count * Float.BYTES))
                                        .order(ByteOrder.LITTLE_ENDIAN),
                                to));
            });
        }
    }

    /** The shape that a source's tensor of the graph has, stored as it is: see {@link #shape()}. */
    public static List<Long> shape(Source source) {
        return source.member() == Source.WHOLE ? ElementRuns.of(source).shape() : StackedMember.shape(source);
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
