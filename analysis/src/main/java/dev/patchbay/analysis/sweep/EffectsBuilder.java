package dev.patchbay.analysis.sweep;

import dev.patchbay.analysis.pairs.PromptPair;
import dev.patchbay.analysis.statistics.Estimates;
import dev.patchbay.analysis.statistics.Interval;
import dev.patchbay.analysis.statistics.Intervals;
import dev.patchbay.analysis.statistics.PairStatistics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/** Means over pairs, ratios of these means, and their intervals. */
final class EffectsBuilder {
    private static final double SMALLEST_GAP = 0.05;

    private final Grid grid;
    private final double[] patched;
    private final double[] base;
    private final double[] other;
    private final double[] direct;
    private final int cells;
    private final List<String> templates;
    private final Set<String> notes = new LinkedHashSet<>();
    private final Estimates total;
    private final Estimates normalised;
    private final double[] restored;
    private final Estimates directly;
    private final Estimates indirectly;
    private final double[] directEffect;
    private final double[] indirectEffect;

    /**
     * A builder.
     *
     * @param patched {@code [pairs, cells]}
     * @param other metric of the other runs; empty for methods that have none
     * @param direct metric of the direct paths; empty where they were not measured
     */
    EffectsBuilder(Grid grid, double[] patched, double[] base, double[] other, double[] direct) {
        this.grid = grid;
        this.patched = patched;
        this.base = base;
        this.other = other;
        this.direct = direct;
        cells = grid.cells();
        templates = grid.pairs().pairs().stream().map(PromptPair::template).toList();
        total = Estimates.none(cells);
        normalised = Estimates.none(cells);
        restored = none(cells);
        int parted = direct.length == 0 ? 0 : cells;
        directly = Estimates.none(parted);
        indirectly = Estimates.none(parted);
        directEffect = none(parted);
        indirectEffect = none(parted);
    }

    private static double[] none(int count) {
        var values = new double[count];
        Arrays.fill(values, Double.NaN);
        return values;
    }

    Effects build() {
        var count = new int[cells];
        var notFinite = new int[cells];
        Map<List<Integer>, List<Integer>> cellsOf = new LinkedHashMap<>();
        for (int cell = 0; cell < cells; cell++) {
            int its = cell;
            var having = having(cell);
            var members = having.stream().filter(pair -> isFinite(its, pair)).toList();
            count[cell] = members.size();
            notFinite[cell] = having.size() - members.size();
            if (having.isEmpty()) {
                notes.add("some cells are in no pair or not in the model: they have no numbers");
            }
            if (!members.isEmpty()) {
                cellsOf.computeIfAbsent(members, _ -> new ArrayList<>()).add(cell);
            }
        }
        cellsOf.forEach(this::estimate);
        noteWhatIsOdd(count, notFinite);
        boolean basedOnClean = grid.spec().basedOnClean();
        return new Effects(
                grid.axes(),
                grid.pairs().pairs().stream().map(PromptPair::id).toList(),
                templates,
                patched,
                basedOnClean ? base : other,
                other.length == 0 ? Optional.empty() : Optional.of(basedOnClean ? other : base),
                total,
                normalised,
                restored,
                direct.length == 0
                        ? Optional.empty()
                        : Optional.of(new DirectEffects(direct, directly, indirectly, directEffect, indirectEffect)),
                count,
                notFinite,
                List.copyOf(notes));
    }

    private void noteWhatIsOdd(int[] count, int[] notFinite) {
        int odd = Arrays.stream(notFinite).sum();
        if (odd > 0) {
            notes.add(odd
                    + " of the patched runs gave a number that is NaN or infinite; it is kept per pair and left out of"
                    + " every mean: column not_finite says where");
        }
        int few = Arrays.stream(count).filter(pairs -> pairs > 0).min().orElse(Interval.FEW);
        if (few < Interval.FEW) {
            notes.add(Interval.FEW_PAIRS + ": intervals rest on as few as " + few);
        }
    }

    /** The pairs that have a cell. */
    private List<Integer> having(int cell) {
        if (grid.place(cell).isEmpty()) {
            return List.of();
        }
        return IntStream.range(0, base.length)
                .filter(pair -> grid.spots(cell, pair).isPresent())
                .boxed()
                .toList();
    }

    /** Whether every number of a pair is; that a place has no direct path is not the pair's fault. */
    private boolean isFinite(int cell, int pair) {
        return Double.isFinite(patched[pair * cells + cell])
                && Double.isFinite(base[pair])
                && (other.length == 0 || Double.isFinite(other[pair]));
    }

    /** Everything about cells whose numbers come from the same pairs. */
    private void estimate(List<Integer> members, List<Integer> its) {
        var names = members.stream().map(templates::get).toList();
        long seed = grid.spec().seed();
        double baseMean = mean(base, members);
        var means = Intervals.ofMeans(names, seed);
        var deltas = means.of((member, column) -> change(patched, members.get(member), its.get(column)), its.size());
        for (int column = 0; column < its.size(); column++) {
            int cell = its.get(column);
            total.put(cell, deltas, column);
            total.value()[cell] = mean(patched, members, cell) - baseMean;
        }
        if (direct.length > 0) {
            part(members, its, means, baseMean);
        }
        if (isMeasurable(members, names)) {
            normalise(members, its, names, baseMean);
        }
    }

    /** Direct and indirect effects. */
    private void part(List<Integer> members, List<Integer> its, Intervals means, double baseMean) {
        var through = means.of((member, column) -> change(direct, members.get(member), its.get(column)), its.size());
        var rest = means.of(
                (member, column) -> {
                    int at = members.get(member) * cells + its.get(column);
                    return patched[at] - direct[at];
                },
                its.size());
        for (int column = 0; column < its.size(); column++) {
            int cell = its.get(column);
            directly.put(cell, through, column);
            indirectly.put(cell, rest, column);
            directly.value()[cell] = mean(direct, members, cell) - baseMean;
            indirectly.value()[cell] = total.value()[cell] - directly.value()[cell];
        }
    }

    /** Effects as shares of what lies between the two runs. */
    private void normalise(List<Integer> members, List<Integer> its, List<String> names, double baseMean) {
        double otherMean = mean(other, members);
        var gaps =
                members.stream().mapToDouble(pair -> other[pair] - base[pair]).toArray();
        var shares = Intervals.ofRatios(gaps, names, grid.spec().seed())
                .of((member, column) -> change(patched, members.get(member), its.get(column)), its.size());
        boolean basedOnClean = grid.spec().basedOnClean();
        double clean = basedOnClean ? baseMean : otherMean;
        double corrupted = basedOnClean ? otherMean : baseMean;
        for (int column = 0; column < its.size(); column++) {
            int cell = its.get(column);
            normalised.put(cell, shares, column);
            normalised.value()[cell] = ratio(total.value()[cell], otherMean - baseMean);
            restored[cell] = ratio(mean(patched, members, cell) - corrupted, clean - corrupted);
            if (direct.length > 0) {
                directEffect[cell] = ratio(directly.value()[cell], otherMean - baseMean);
                indirectEffect[cell] = ratio(indirectly.value()[cell], otherMean - baseMean);
            }
        }
    }

    /** A quotient whose zero has no sign. */
    private static double ratio(double numerator, double denominator) {
        return numerator / denominator + 0.0;
    }

    /** Whether base and other differ enough for a ratio; if not, notes why. */
    private boolean isMeasurable(List<Integer> members, List<String> names) {
        if (other.length == 0) {
            notes.add("method " + grid.spec().method().label()
                    + " has no other run to compare with, so only delta is given");
            return false;
        }
        var gaps =
                members.stream().mapToDouble(pair -> other[pair] - base[pair]).toArray();
        double gap = Math.abs(PairStatistics.mean(gaps));
        double error = PairStatistics.standardError(gaps, names);
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

    private double change(double[] values, int pair, int cell) {
        return values[pair * cells + cell] - base[pair];
    }

    private double mean(double[] values, List<Integer> members, int cell) {
        return PairStatistics.mean(members.stream()
                .mapToDouble(pair -> values[pair * cells + cell])
                .toArray());
    }

    private static double mean(double[] values, List<Integer> members) {
        return PairStatistics.mean(
                members.stream().mapToDouble(pair -> values[pair]).toArray());
    }
}
