package dev.patchbay.analysis.sweep;

import java.util.HashMap;
import java.util.List;

/** Statistics over pairs. */
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
     * Standard error of the mean. With two templates or more it is clustered: √(G/(G−1) · Σ_g (Σ_{i∈g} (x_i − x̄))²) / n
     * over G templates, to be used with t of G − 1 degrees of freedom; else s/√n with n − 1.
     *
     * @param values one a pair
     * @param templates one a pair
     * @return NaN for fewer than two values
     */
    public static double standardError(double[] values, List<String> templates) {
        int count = values.length;
        if (count < 2) {
            return Double.NaN;
        }
        double mean = mean(values);
        var sums = new HashMap<String, Double>();
        double squares = 0;
        for (int i = 0; i < count; i++) {
            double rest = values[i] - mean;
            squares += rest * rest;
            sums.merge(templates.get(i), rest, Double::sum);
        }
        int clusters = sums.size();
        if (clusters < 2) {
            return Math.sqrt(squares / (count - 1) / count);
        }
        // Summed in the order of the pairs, so that the result does not depend on hashing.
        double clustered = 0;
        for (String template : templates.stream().distinct().toList()) {
            double sum = sums.getOrDefault(template, 0.0);
            clustered += sum * sum;
        }
        return Math.sqrt(clustered * clusters / (clusters - 1)) / count;
    }
}
