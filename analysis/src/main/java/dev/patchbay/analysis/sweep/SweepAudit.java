package dev.patchbay.analysis.sweep;

import dev.patchbay.model.run.Model;
import java.util.Arrays;
import java.util.BitSet;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * What recomputing a sample of a sweep's cells found: one whole forward pass for each, in the {@code exact} profile.
 *
 * @param cells how many (pair, cell) were recomputed
 * @param largest the largest |Δ| of a patched metric
 * @param percentile99 the |Δ| that 99 % of the sample do not exceed
 * @param scale the largest absolute value of the recomputed metric
 * @param rankCorrelation Spearman's, of sweep and recomputation; NaN where either has no spread
 */
public record SweepAudit(int cells, double largest, double percentile99, double scale, double rankCorrelation) {
    /** The most cells that are recomputed unless more are asked for. */
    public static final int USUAL = 256;

    /** So many of a sweep's patches: 256, or 1 % where that is less. */
    public static int usual(long patches) {
        return (int) Math.min(USUAL, Math.ceilDiv(patches, 100));
    }

    /**
     * Recomputes a seeded sample.
     *
     * @param exact the model on a device in the {@code exact} profile
     * @param count (pair, cell) to take, fewer where the sweep has fewer
     * @throws java.util.concurrent.CancellationException where {@code progress} asked for it
     */
    public static SweepAudit of(Model exact, Grid grid, Effects effects, int count, SweepProgress progress) {
        double[] found = effects.patched();
        int[] sample = sample(found, count, grid.spec().seed());
        var chosen = new BitSet(found.length);
        Arrays.stream(sample).forEach(chosen::set);
        var planner = new SampledPlanner(grid.cells(), chosen);
        double[] naive = new SweepRunner(exact, grid, planner, SweepLimits.of(exact)).patched(progress);
        var here = Arrays.stream(sample).mapToDouble(i -> found[i]).toArray();
        var there = Arrays.stream(sample).mapToDouble(i -> naive[i]).toArray();
        return compare(here, there);
    }

    /** (pair, cell) that have a value, each at most once, ascending. */
    private static int[] sample(double[] values, int count, long seed) {
        int[] there = IntStream.range(0, values.length)
                .filter(i -> !Double.isNaN(values[i]))
                .toArray();
        var random = new SplittableRandom(seed);
        int taken = Math.min(count, there.length);
        for (int i = 0; i < taken; i++) {
            int other = random.nextInt(i, there.length);
            int kept = there[i];
            there[i] = there[other];
            there[other] = kept;
        }
        return Arrays.stream(there, 0, taken).sorted().toArray();
    }

    static SweepAudit compare(double[] found, double[] naive) {
        var differences = new double[found.length];
        double scale = 0;
        for (int i = 0; i < found.length; i++) {
            double difference = Math.abs(found[i] - naive[i]);
            // A value that only one of the two lacks is as wrong as can be.
            differences[i] = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
            scale = Math.max(scale, Math.abs(naive[i]));
        }
        Arrays.sort(differences);
        int last = differences.length - 1;
        return new SweepAudit(
                found.length,
                last < 0 ? 0 : differences[last],
                last < 0 ? 0 : differences[(int) Math.ceil(0.99 * differences.length) - 1],
                scale,
                correlation(ranks(found), ranks(naive)));
    }

    /** The largest |Δ| relative to the largest value. */
    public double error() {
        return largest == 0 ? 0 : largest / scale;
    }

    /** Whether a mean difference from the base run is too small to be told from the error of a faster profile. */
    public boolean isBelowNoise(double delta) {
        return largest > 0 && Math.abs(delta) <= largest;
    }

    /** Ranks from 0; equal values share the mean of theirs. */
    private static double[] ranks(double[] values) {
        var order = IntStream.range(0, values.length)
                .boxed()
                .sorted((a, b) -> Double.compare(values[a], values[b]))
                .toList();
        var ranks = new double[values.length];
        int from = 0;
        while (from < order.size()) {
            int to = from + 1;
            while (to < order.size() && values[order.get(to)] == values[order.get(from)]) {
                to++;
            }
            for (int i = from; i < to; i++) {
                ranks[order.get(i)] = (from + to - 1) / 2.0;
            }
            from = to;
        }
        return ranks;
    }

    private static double correlation(double[] left, double[] right) {
        double middle = (left.length - 1) / 2.0;
        double both = 0;
        double one = 0;
        double other = 0;
        for (int i = 0; i < left.length; i++) {
            both += (left[i] - middle) * (right[i] - middle);
            one += (left[i] - middle) * (left[i] - middle);
            other += (right[i] - middle) * (right[i] - middle);
        }
        return both / Math.sqrt(one * other);
    }
}
