package dev.patchbay.analysis.statistics;

/**
 * An estimate over prompt pairs with its 95 % interval.
 *
 * @param value the estimate
 * @param standardError its standard error, clustered by template where there are two or more; NaN for fewer than two pairs
 * @param low lower end of the interval; NaN for fewer than two pairs
 * @param high upper end
 * @param pairs number of pairs
 * @param templates number of their templates
 */
public record Interval(double value, double standardError, double low, double high, int pairs, int templates) {
    /** What an interval says that rests on fewer than {@link #FEW} pairs. */
    public static final String FEW_PAIRS = "few pairs";

    /** Number of pairs below which an interval is to be taken with care. */
    public static final int FEW = 10;

    /** Whether it rests on few pairs. */
    public boolean isOfFewPairs() {
        return pairs < FEW;
    }
}
