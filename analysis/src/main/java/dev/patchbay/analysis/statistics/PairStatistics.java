package dev.patchbay.analysis.statistics;

import java.util.Arrays;
import java.util.List;

/** Statistics over pairs. {@link Intervals} says how errors and intervals are made. */
public final class PairStatistics {
    private PairStatistics() {}

    /** The mean; NaN without values. */
    public static double mean(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    /**
     * Standard error of the mean.
     *
     * @param values one a pair
     * @param templates one a pair
     * @return NaN for fewer than two values
     */
    public static double standardError(double[] values, List<String> templates) {
        return Intervals.ofMeans(templates, 0).standardError((pair, _) -> values[pair]);
    }

    /**
     * The mean.
     *
     * @param values one a pair
     * @param templates one a pair
     * @param seed of the draws
     */
    public static Interval interval(double[] values, List<String> templates, long seed) {
        return Intervals.ofMeans(templates, seed).interval((pair, _) -> values[pair]);
    }

    /** The ratio of two means, both resampled by the same draws. */
    public static Interval ratio(double[] numerators, double[] denominators, List<String> templates, long seed) {
        return Intervals.ofRatios(denominators, templates, seed).interval((pair, _) -> numerators[pair]);
    }

    /**
     * Compares two methods, head sets or checkpoints on the same pairs: the mean of first − second, pair by pair.
     *
     * @throws IllegalArgumentException where they do not have the same number of pairs
     */
    public static Interval difference(double[] first, double[] second, List<String> templates, long seed) {
        if (first.length != second.length) {
            throw new IllegalArgumentException(
                    "a paired comparison of " + first.length + " with " + second.length + " pairs");
        }
        var differences = first.clone();
        Arrays.setAll(differences, pair -> first[pair] - second[pair]);
        return interval(differences, templates, seed);
    }
}
