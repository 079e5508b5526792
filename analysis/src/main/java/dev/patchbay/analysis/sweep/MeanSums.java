package dev.patchbay.analysis.sweep;

/** Sums of vectors in double precision, {@code [rows, width]}, and how many went into each row. */
final class MeanSums {
    private final int rows;
    private final int width;
    private final double[] sums;
    private final int[] counts;

    MeanSums(int rows, int width) {
        this.rows = rows;
        this.width = width;
        sums = new double[Math.multiplyExact(rows, width)];
        counts = new int[rows];
    }

    int rows() {
        return rows;
    }

    int width() {
        return width;
    }

    /** Adds a whole vector. */
    void add(int row, float[] values, int from) {
        count(row);
        addPart(row, 0, values, from, width);
    }

    /** Counts a vector whose parts are added one by one. */
    void count(int row) {
        counts[row]++;
    }

    /** Adds part of a vector. */
    void addPart(int row, int column, float[] values, int from, int length) {
        int begin = row * width + column;
        for (int i = 0; i < length; i++) {
            sums[begin + i] += values[from + i];
        }
    }

    /** The means; 0 where nothing was added. */
    float[] means() {
        var means = new float[sums.length];
        for (int i = 0; i < means.length; i++) {
            int count = counts[i / width];
            means[i] = count == 0 ? 0 : (float) (sums[i] / count);
        }
        return means;
    }
}
