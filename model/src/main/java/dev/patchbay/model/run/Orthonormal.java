package dev.patchbay.model.run;

import dev.patchbay.model.InputException;

/** Makes directions orthonormal, in double, by Gram–Schmidt applied twice. */
final class Orthonormal {
    private static final double DEPENDENT = 1e-6;

    private Orthonormal() {}

    /**
     * An orthonormal basis of the rows' span, first rows first.
     *
     * @throws InputException where a row is zero, not finite, or (nearly) depends on those before it
     */
    static float[] basis(double[][] rows, String where) {
        int width = rows[0].length;
        float[] basis = new float[rows.length * width];
        for (int k = 0; k < rows.length; k++) {
            double[] row = rows[k];
            double before = norm(row);
            for (int pass = 0; pass < 2; pass++) {
                for (int earlier = 0; earlier < k; earlier++) {
                    subtractProjection(row, rows[earlier]);
                }
            }
            double after = norm(row);
            if (!(after > DEPENDENT * before)) {
                throw new InputException(where + ": basis row " + k
                        + " is zero, not finite, or depends on the rows before it; give independent directions");
            }
            for (int i = 0; i < width; i++) {
                row[i] /= after;
                basis[k * width + i] = (float) row[i];
            }
        }
        return basis;
    }

    private static void subtractProjection(double[] row, double[] unit) {
        double dot = 0;
        for (int i = 0; i < row.length; i++) {
            dot += row[i] * unit[i];
        }
        for (int i = 0; i < row.length; i++) {
            row[i] -= dot * unit[i];
        }
    }

    private static double norm(double[] row) {
        double sum = 0;
        for (double element : row) {
            sum += element * element;
        }
        return Math.sqrt(sum);
    }
}
