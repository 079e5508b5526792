package dev.patchbay.model.zoo;

import java.util.Arrays;
import java.util.List;

/** A weight under construction: {@code [in, out]}, or a vector of {@code out} elements. */
final class Matrix {
    private final int rows;
    private final int columns;
    private final boolean vector;
    private final float[] values;

    private Matrix(int rows, int columns, boolean vector) {
        this.rows = rows;
        this.columns = columns;
        this.vector = vector;
        this.values = new float[Math.multiplyExact(rows, columns)];
    }

    static Matrix of(int rows, int columns) {
        return new Matrix(rows, columns, false);
    }

    static Matrix vector(int columns) {
        return new Matrix(1, columns, true);
    }

    static Matrix filledVector(int columns, double value) {
        var vector = vector(columns);
        Arrays.fill(vector.values, (float) value);
        return vector;
    }

    int rows() {
        return rows;
    }

    int columns() {
        return columns;
    }

    boolean isVector() {
        return vector;
    }

    float get(int row, int column) {
        return values[index(row, column)];
    }

    void set(int row, int column, double value) {
        values[index(row, column)] = (float) value;
    }

    List<Long> shape() {
        return vector ? List.of((long) columns) : List.of((long) rows, (long) columns);
    }

    /** A copy of the elements, row by row. */
    float[] values() {
        return values.clone();
    }

    private int index(int row, int column) {
        if (row < 0 || row >= rows || column < 0 || column >= columns) {
            throw new IndexOutOfBoundsException(
                    "element " + row + ", " + column + " of a matrix of " + rows + " × " + columns);
        }
        return row * columns + column;
    }
}
