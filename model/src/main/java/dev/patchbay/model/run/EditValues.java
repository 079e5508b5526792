package dev.patchbay.model.run;

import dev.patchbay.device.Tensor;
import dev.patchbay.model.InputException;
import dev.patchbay.model.program.Edit;
import dev.patchbay.model.program.Edit.Operation;
import dev.patchbay.model.program.Source;
import dev.patchbay.model.site.SitePoint;
import java.util.List;
import java.util.Optional;

/** The values of one edit at one place: a fill, numbers given inline, or rows of a bound tensor. */
final class EditValues {
    private final Optional<SiteValues> bound;
    private final float[] inline;
    private final boolean perHead;
    private final Optional<Float> fill;

    private EditValues(Optional<SiteValues> bound, float[] inline, boolean perHead, Optional<Float> fill) {
        this.bound = bound;
        this.inline = inline;
        this.perHead = perHead;
        this.fill = fill;
    }

    /**
     * The values of {@code edit} at {@code point}.
     *
     * @param heads number of chosen heads
     * @param units number of chosen elements of a head
     */
    static EditValues of(Edit edit, SitePoint point, int heads, int units, Bindings bindings, String where) {
        if (edit.operation() == Operation.ZERO) {
            return new EditValues(Optional.empty(), new float[0], false, Optional.of(0f));
        }
        if (!edit.operation().needsSource()) {
            return new EditValues(Optional.empty(), new float[0], false, Optional.empty());
        }
        return switch (edit.source()) {
            case Source.Constant(float value) -> {
                if (edit.operation() == Operation.REPLACE) {
                    yield new EditValues(Optional.empty(), new float[0], false, Optional.of(value));
                }
                float[] repeated = new float[units];
                java.util.Arrays.fill(repeated, value);
                yield new EditValues(Optional.empty(), repeated, true, Optional.empty());
            }
            case Source.Vector(List<Float> values) -> {
                float[] vector = new float[values.size()];
                for (int i = 0; i < vector.length; i++) {
                    vector[i] = values.get(i);
                }
                yield vector(vector, heads, units, where);
            }
            case Source.Named(String name) -> vector(bindings.tensor(name).values(), heads, units, where);
            case Source.Run run ->
                new EditValues(Optional.of(bindings.values(run, point)), new float[0], false, Optional.empty());
            case Source.Mean mean ->
                new EditValues(Optional.of(bindings.values(mean, point)), new float[0], false, Optional.empty());
        };
    }

    private static EditValues vector(float[] vector, int heads, int units, String where) {
        if (vector.length != units && vector.length != Math.multiplyExact(heads, units)) {
            throw new InputException(where + ": its value has " + vector.length + " elements; expected " + units
                    + " (one head)" + (heads > 1 ? " or " + heads * units + " (all chosen heads)" : ""));
        }
        return new EditValues(Optional.empty(), vector, vector.length == units, Optional.empty());
    }

    /** The orthonormal basis of a projection, {@code rank · width} floats. */
    Optional<float[]> basis(Edit edit, int width, Bindings bindings, String where) {
        return edit.basis().filter(_ -> edit.operation().needsBasis()).map(basis -> {
            double[][] rows = rows(basis, bindings);
            if (rows.length == 0 || rows.length > 8) {
                throw new InputException(where + ": a basis of " + rows.length + " directions; expected 1 to 8");
            }
            for (double[] row : rows) {
                if (row.length != width) {
                    throw new InputException(where + ": a basis of width " + row.length + "; expected " + width);
                }
            }
            return Orthonormal.basis(rows, where);
        });
    }

    private static double[][] rows(Edit.Basis basis, Bindings bindings) {
        return switch (basis) {
            case Edit.Basis.Rows(var rows) ->
                rows.stream()
                        .map(row -> row.stream().mapToDouble(Float::doubleValue).toArray())
                        .toArray(double[][]::new);
            case Edit.Basis.Named(var name) -> {
                var tensor = bindings.tensor(name);
                double[][] rows = new double[Math.toIntExact(tensor.rows())][tensor.columns()];
                for (int row = 0; row < rows.length; row++) {
                    for (int column = 0; column < tensor.columns(); column++) {
                        rows[row][column] = tensor.values()[row * tensor.columns() + column];
                    }
                }
                yield rows;
            }
        };
    }

    float[] inline() {
        return inline;
    }

    /** The bound tensor, where values come from one. */
    Optional<Tensor> tensor() {
        return bound.map(SiteValues::tensor);
    }

    boolean fromTensor() {
        return bound.isPresent();
    }

    boolean isFill() {
        return fill.isPresent();
    }

    float fillValue() {
        return fill.orElseThrow();
    }

    /** Whether one entry over all heads reads the right values. */
    boolean coversAllHeads() {
        return !perHead;
    }

    /**
     * Index of the first value of an entry.
     *
     * @param base where the inline values begin in the group's values
     * @param column the entry's first column of the site's width
     * @param place the entry's first place among the chosen heads × units
     */
    long source(long base, int row, int position, int column, int place, int siteWidth) {
        if (bound.isPresent()) {
            long index = bound.get().index(row, position, 0);
            return index < 0 ? -1 : Math.addExact(Math.multiplyExact(index, siteWidth), column);
        }
        return perHead && inline.length > 0 ? base + place % inline.length : base + place;
    }

    /** Index of the first key's value, inside attention. */
    long attentionSource(long base, int row, int position, int head) {
        return bound.map(values -> values.index(row, position, head)).orElse(base);
    }
}
