package dev.patchbay.analysis.statistics;

/**
 * Estimates with their errors and 95 % intervals, one a column. Whoever holds it may read the arrays and must not write into
 * them.
 *
 * @param value the estimates
 * @param standardError their standard errors
 * @param low lower ends of the intervals
 * @param high upper ends
 */
public record Estimates(double[] value, double[] standardError, double[] low, double[] high) {
    /** So many estimates that are not there: NaN. */
    public static Estimates none(int columns) {
        return new Estimates(nan(columns), nan(columns), nan(columns), nan(columns));
    }

    private static double[] nan(int columns) {
        var values = new double[columns];
        java.util.Arrays.fill(values, Double.NaN);
        return values;
    }

    /** Puts the estimate {@code from} of others in the place {@code to}. */
    public void put(int to, Estimates others, int from) {
        value[to] = others.value[from];
        standardError[to] = others.standardError[from];
        low[to] = others.low[from];
        high[to] = others.high[from];
    }
}
