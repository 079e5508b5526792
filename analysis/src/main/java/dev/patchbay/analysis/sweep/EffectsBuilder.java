package dev.patchbay.analysis.sweep;

import dev.patchbay.analysis.pairs.PromptPair;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/** Means over pairs, and ratios of these means. */
final class EffectsBuilder {
    private static final double SMALLEST_GAP = 0.05;

    private final Grid grid;
    private final double[] patched;
    private final double[] base;
    private final double[] other;
    private final int cells;
    private final List<String> templates;
    private final Set<String> notes = new LinkedHashSet<>();

    /**
     * A builder.
     *
     * @param other metric of the other runs; empty for methods that have none
     */
    EffectsBuilder(Grid grid, double[] patched, double[] base, double[] other) {
        this.grid = grid;
        this.patched = patched;
        this.base = base;
        this.other = other;
        cells = grid.cells();
        templates = grid.pairs().pairs().stream().map(PromptPair::template).toList();
    }

    Effects build() {
        var delta = new double[cells];
        var error = new double[cells];
        var effect = new double[cells];
        var restored = new double[cells];
        var count = new int[cells];
        for (int cell = 0; cell < cells; cell++) {
            int[] members = members(cell);
            count[cell] = members.length;
            double patchedMean = PairStatistics.mean(patched(cell, members));
            double baseMean = PairStatistics.mean(chosen(base, members));
            delta[cell] = patchedMean - baseMean;
            error[cell] = PairStatistics.standardError(
                    changes(cell, members),
                    Arrays.stream(members).mapToObj(templates::get).toList());
            effect[cell] = Double.NaN;
            restored[cell] = Double.NaN;
            if (isMeasurable(members)) {
                double otherMean = PairStatistics.mean(chosen(other, members));
                boolean basedOnClean = grid.spec().basedOnClean();
                double clean = basedOnClean ? baseMean : otherMean;
                double corrupted = basedOnClean ? otherMean : baseMean;
                effect[cell] = ratio(delta[cell], otherMean - baseMean);
                restored[cell] = ratio(patchedMean - corrupted, clean - corrupted);
            }
        }
        boolean basedOnClean = grid.spec().basedOnClean();
        return new Effects(
                grid.axes(),
                grid.pairs().pairs().stream().map(PromptPair::id).toList(),
                templates,
                patched,
                basedOnClean ? base : other,
                other.length == 0 ? Optional.empty() : Optional.of(basedOnClean ? other : base),
                delta,
                error,
                effect,
                restored,
                count,
                List.copyOf(notes));
    }

    /** A quotient whose zero has no sign. */
    private static double ratio(double numerator, double denominator) {
        return numerator / denominator + 0.0;
    }

    /** Whether base and other differ enough for a ratio; if not, notes why. */
    private boolean isMeasurable(int[] members) {
        if (members.length == 0) {
            notes.add("some cells are in no pair or not in the model: they have no numbers");
            return false;
        }
        if (other.length == 0) {
            notes.add("method " + grid.spec().method().label()
                    + " has no other run to compare with, so only delta is given");
            return false;
        }
        var gaps = Arrays.stream(members)
                .mapToDouble(pair -> other[pair] - base[pair])
                .toArray();
        double gap = Math.abs(PairStatistics.mean(gaps));
        double error = PairStatistics.standardError(
                gaps, Arrays.stream(members).mapToObj(templates::get).toList());
        if (gap < SMALLEST_GAP) {
            notes.add(String.format(
                    Locale.ROOT,
                    "the metric of clean and corrupted runs differs by %.4g on average, less than %s: a ratio would be noise",
                    gap,
                    SMALLEST_GAP));
            return false;
        }
        if (gap < 2 * error) {
            notes.add(String.format(
                    Locale.ROOT,
                    "the metric of clean and corrupted runs differs by %.4g on average, less than two standard errors"
                            + " (%.4g each): a ratio would be noise",
                    gap,
                    error));
            return false;
        }
        return true;
    }

    /** The pairs that have a cell. */
    private int[] members(int cell) {
        if (grid.place(cell).isEmpty()) {
            return new int[0];
        }
        return IntStream.range(0, base.length)
                .filter(pair -> grid.spots(cell, pair).isPresent())
                .toArray();
    }

    private double[] patched(int cell, int[] members) {
        return Arrays.stream(members)
                .mapToDouble(pair -> patched[pair * cells + cell])
                .toArray();
    }

    private double[] changes(int cell, int[] members) {
        return Arrays.stream(members)
                .mapToDouble(pair -> patched[pair * cells + cell] - base[pair])
                .toArray();
    }

    private static double[] chosen(double[] values, int[] members) {
        return Arrays.stream(members).mapToDouble(pair -> values[pair]).toArray();
    }
}
