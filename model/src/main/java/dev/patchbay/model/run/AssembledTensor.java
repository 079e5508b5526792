package dev.patchbay.model.run;

import dev.patchbay.model.checkpoint.TensorStore;
import dev.patchbay.model.checkpoint.WeightMap.Slice;
import dev.patchbay.model.checkpoint.WeightMap.Source;
import java.util.List;

/** A graph tensor put together from a stored one: the slices of its output axis, in the orientation it is stored in. */
record AssembledTensor(float[] values, long rows, long columns) {
    static AssembledTensor of(Source source, TensorStore store) {
        float[] stored = store.floats(source.tensor());
        List<Long> shape = source.shape();
        boolean matrix = shape.size() > 1;
        int rows = matrix ? Math.toIntExact(shape.getFirst()) : 1;
        int columns = rows == 0 ? 0 : stored.length / rows;
        if (source.outputs().isEmpty()) {
            return new AssembledTensor(stored, rows, columns);
        }
        int outputs = Math.toIntExact(
                source.outputs().stream().mapToLong(Slice::count).sum());
        return matrix && source.transposed()
                ? rows(stored, columns, source.outputs(), outputs)
                : columns(stored, rows, columns, source.outputs(), outputs);
    }

    private static AssembledTensor rows(float[] stored, int columns, List<Slice> slices, int outputs) {
        float[] values = new float[Math.multiplyExact(outputs, columns)];
        int filled = 0;
        for (Slice slice : slices) {
            int length = Math.toIntExact(slice.count() * columns);
            System.arraycopy(stored, Math.toIntExact(slice.begin() * columns), values, filled, length);
            filled += length;
        }
        return new AssembledTensor(values, outputs, columns);
    }

    private static AssembledTensor columns(float[] stored, int rows, int columns, List<Slice> slices, int outputs) {
        float[] values = new float[Math.multiplyExact(rows, outputs)];
        for (int row = 0; row < rows; row++) {
            int filled = row * outputs;
            for (Slice slice : slices) {
                int length = Math.toIntExact(slice.count());
                System.arraycopy(stored, row * columns + Math.toIntExact(slice.begin()), values, filled, length);
                filled += length;
            }
        }
        return new AssembledTensor(values, rows, outputs);
    }
}
