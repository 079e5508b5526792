package dev.patchbay.model.checkpoint;

import dev.patchbay.model.checkpoint.WeightMap.Slice;
import dev.patchbay.model.checkpoint.WeightMap.Source;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * One of the tensors that are stacked in a stored tensor, one an expert: read whole, as its outputs may stand in turn with
 * others, and handed on in pieces.
 */
final class StackedMember {
    private static final int PIECE = 1 << 18;

    private StackedMember() {}

    /** The shape of what {@link #read} gives. */
    static List<Long> shape(Source source) {
        var whole = source.valueShape();
        if (source.outputs().isEmpty()) {
            return whole;
        }
        long outputs = source.outputs().stream().mapToLong(Slice::count).sum();
        if (whole.size() == 1) {
            return List.of(outputs);
        }
        return source.transposed() ? List.of(outputs, whole.getLast()) : List.of(whole.getFirst(), outputs);
    }

    static void read(TensorStore store, Source source, TensorStore.Pieces pieces) {
        var values = chosen(source, whole(store, source));
        var piece = ByteBuffer.allocateDirect(Math.max(1, Math.min(PIECE, values.length)) * Float.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at < values.length; at += PIECE) {
            int length = Math.min(PIECE, values.length - at);
            piece.clear().limit(length * Float.BYTES);
            piece.asFloatBuffer().put(values, at, length);
            pieces.accept(piece, at);
        }
    }

    private static float[] whole(TensorStore store, Source source) {
        if (source.scales().isPresent()) {
            return Mxfp4.read(store, source, source.scales().get());
        }
        long size = source.valueShape().stream().reduce(1L, Math::multiplyExact);
        var values = new float[Math.toIntExact(size)];
        store.read(
                source.tensor(),
                source.member() * size,
                size,
                (floats, at) ->
                        floats.asFloatBuffer().get(values, Math.toIntExact(at), floats.remaining() / Float.BYTES));
        return values;
    }

    private static float[] chosen(Source source, float[] values) {
        if (source.outputs().isEmpty()) {
            return values;
        }
        var whole = source.valueShape();
        int inner = source.transposed() ? Math.toIntExact(whole.getLast()) : 1;
        int outer = source.transposed() || whole.size() == 1 ? 1 : Math.toIntExact(whole.getFirst());
        int stride = values.length / outer;
        var chosen = new float[Math.toIntExact(source.values())];
        int to = 0;
        for (int row = 0; row < outer; row++) {
            for (var slice : source.outputs()) {
                for (long i = 0; i < slice.count(); i++) {
                    long output = slice.begin() + i * slice.step();
                    System.arraycopy(values, Math.toIntExact(row * (long) stride + output * inner), chosen, to, inner);
                    to += inner;
                }
            }
        }
        return chosen;
    }
}
