package dev.patchbay.analysis.metric;

import java.util.Arrays;

/** Arithmetic of the metrics; NaN in, NaN out. */
final class Values {
    private Values() {}

    static double mean(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    static double bestRank(double[] logits, int[] tokens) {
        if (hasNaN(logits)) {
            return Double.NaN;
        }
        int best = logits.length;
        for (int token : tokens) {
            int before = 0;
            for (int other = 0; other < logits.length; other++) {
                if (logits[other] > logits[token] || (logits[other] == logits[token] && other < token)) {
                    before++;
                }
            }
            best = Math.min(best, before);
        }
        return best;
    }

    static double margin(double[] logits, int[] tokens) {
        if (hasNaN(logits)) {
            return Double.NaN;
        }
        double inside = Double.NEGATIVE_INFINITY;
        double outside = Double.NEGATIVE_INFINITY;
        for (int token = 0; token < logits.length; token++) {
            int each = token;
            if (Arrays.stream(tokens).anyMatch(answer -> answer == each)) {
                inside = Math.max(inside, logits[token]);
            } else {
                outside = Math.max(outside, logits[token]);
            }
        }
        return inside - outside;
    }

    static double dot(float[] vector, double[] state) {
        if (vector.length != state.length) {
            throw new IllegalArgumentException(
                    "a vector of " + vector.length + " and a residual stream of " + state.length);
        }
        double sum = 0;
        for (int i = 0; i < vector.length; i++) {
            sum += vector[i] * state[i];
        }
        return sum;
    }

    private static boolean hasNaN(double[] values) {
        return Arrays.stream(values).anyMatch(Double::isNaN);
    }
}
