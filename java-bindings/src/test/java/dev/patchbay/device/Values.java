package dev.patchbay.device;

import java.util.Random;

/** Seeded test values. */
final class Values {
    private final Random random;

    Values(long seed) {
        random = new Random(seed);
    }

    float[] normal(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    int[] below(int limit, int count) {
        return random.ints(count, 0, limit).toArray();
    }

    int below(int limit) {
        return random.nextInt(limit);
    }

    /** {@code rank} orthonormal rows of {@code count} elements, by Gram-Schmidt. */
    float[] orthonormal(int rank, int count) {
        double[][] rows = new double[rank][count];
        float[] flat = new float[rank * count];
        for (int r = 0; r < rank; r++) {
            for (int i = 0; i < count; i++) {
                rows[r][i] = random.nextGaussian();
            }
            for (int before = 0; before < r; before++) {
                subtract(rows[r], rows[before], dot(rows[r], rows[before]));
            }
            double length = Math.sqrt(dot(rows[r], rows[r]));
            for (int i = 0; i < count; i++) {
                rows[r][i] /= length;
                flat[r * count + i] = (float) rows[r][i];
            }
        }
        return flat;
    }

    private static void subtract(double[] from, double[] what, double factor) {
        for (int i = 0; i < from.length; i++) {
            from[i] -= factor * what[i];
        }
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
