package dev.patchbay.cli;

import dev.patchbay.model.InputException;
import dev.patchbay.model.checkpoint.SafetensorsFile;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A tensor that an option names by {@code FILE#name}, read whole.
 *
 * @param rows rows of the tensor, 1 for a vector
 * @param columns elements a row
 * @param values row by row
 */
record TensorReference(int rows, int columns, float[] values) {
    /**
     * Reads it.
     *
     * @param option the option, for messages
     * @throws InputException where the text is no such reference, or the file or the tensor cannot be used
     */
    static TensorReference read(String reference, String option) {
        int hash = reference.lastIndexOf('#');
        if (hash < 1 || hash == reference.length() - 1) {
            throw new InputException(option + ": expected FILE#name, found '" + reference + "'");
        }
        String name = reference.substring(hash + 1);
        try (var file = SafetensorsFile.open(Path.of(reference.substring(0, hash)))) {
            var shape = file.tensor(name).shape();
            if (shape.isEmpty() || shape.size() > 2 || shape.contains(0L)) {
                throw new InputException(
                        option + " " + reference + ": expected a vector or a matrix, found shape " + shape);
            }
            float[] values = file.floats(name);
            for (float value : values) {
                if (!Float.isFinite(value)) {
                    throw new InputException(option + " " + reference + ": holds a value that is not finite");
                }
            }
            int columns = Math.toIntExact(shape.getLast());
            return new TensorReference(values.length / columns, columns, values);
        }
    }

    /** The elements, where there is one row. */
    List<Float> vector(String option) {
        if (rows != 1) {
            throw new InputException(option + ": expected a vector, found " + rows + " rows");
        }
        return row(0);
    }

    /** All rows. */
    List<List<Float>> matrix() {
        return IntStream.range(0, rows).mapToObj(this::row).toList();
    }

    private List<Float> row(int row) {
        return IntStream.range(row * columns, (row + 1) * columns)
                .mapToObj(index -> values[index])
                .toList();
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
