package dev.patchbay.analysis.sweep;

import dev.patchbay.model.run.Model;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * What a sweep will do and what it must cost at least.
 *
 * @param counts its cells and rows
 * @param naive operations of one whole forward pass for each cell, the last position unembedded
 * @param floor the least operations its rows need: every token that a patch changes and that can change END
 * @param base the least operations of the runs without patch
 * @param rate operations per second of the device's matrix product
 * @param limits how it is cut
 * @param pairsLeft pairs still to be done
 * @param floorLeft of {@code floor} and {@code base}, what these pairs need
 */
public record SweepEstimate(
        SweepCounts counts,
        double naive,
        double floor,
        double base,
        double rate,
        SweepLimits limits,
        int pairsLeft,
        double floorLeft) {
    private static final int PAIRS_AT_ONCE = 64;
    private static final double GIGA = 1e9;

    /**
     * Plans a sweep without running it; the device is asked for nothing but its rate. Draws of {@code resample} are counted
     * as if every value could differ from the base run's.
     *
     * @param done whether a pair needs no more work
     */
    public static SweepEstimate of(
            Model model, Grid grid, Planner planner, SweepLimits limits, double rate, IntPredicate done) {
        var flops = new Flops(model.graph());
        int pairs = grid.pairs().size();
        int draws = grid.spec().method() instanceof Method.Resample resample ? resample.draws() : 1;
        var counts = SweepCounts.NONE;
        double naive = 0;
        double floor = 0;
        double base = 0;
        double left = 0;
        int pairsLeft = 0;
        IntUnaryOperator firstChange = pair -> firstChange(grid, pair);
        for (int first = 0; first < pairs; first += PAIRS_AT_ONCE) {
            var some = IntStream.range(first, Math.min(first + PAIRS_AT_ONCE, pairs))
                    .boxed()
                    .toList();
            var plan = planner.plan(grid, model.graph(), some, firstChange);
            var perPair = new double[some.size()];
            for (var row : plan.rows()) {
                perPair[row.pair() - first] += draws * flops.planned(row, grid.baseLength(row.pair()));
            }
            for (int draw = 0; draw < draws; draw++) {
                counts = counts.plus(plan);
            }
            naive += draws * answered(grid, plan, flops);
            for (int pair : some) {
                double its = baseRuns(grid, pair, flops, firstChange.applyAsInt(pair));
                floor += perPair[pair - first];
                base += its;
                if (!done.test(pair)) {
                    pairsLeft++;
                    left += perPair[pair - first] + its;
                }
            }
        }
        return new SweepEstimate(
                counts.of((long) grid.cells() * pairs), naive, floor, base, rate, limits, pairsLeft, left);
    }

    /** What the naive loop needs for the cells that a plan answers. */
    private static double answered(Grid grid, Plan plan, Flops flops) {
        double runs = 0;
        for (var row : plan.rows()) {
            runs += row.cells().size() * flops.whole(grid.baseLength(row.pair()));
        }
        for (var known : plan.skipped()) {
            runs += flops.whole(grid.baseLength(known.pair()));
        }
        return runs;
    }

    private static double baseRuns(Grid grid, int pair, Flops flops, int firstChange) {
        int length = grid.baseLength(pair);
        double base = flops.run(length, 0);
        return grid.spec().needsCorrupted() ? base + flops.run(length, Math.min(firstChange, length - 1)) : base;
    }

    private static int firstChange(Grid grid, int index) {
        var pair = grid.pairs().pairs().get(index);
        var sides = new Sides(grid.spec().basedOnClean());
        return grid.spec().method().isAblation() || !pair.aligned()
                ? 0
                : Sides.firstDifference(sides.base(pair), sides.other(pair));
    }

    /** Seconds that the patched rows need at least. */
    public double floorSeconds() {
        return floor / rate;
    }

    /** The estimate in words. */
    public List<String> lines() {
        return List.of(
                String.format(
                        Locale.ROOT,
                        "%,d patches: %,d rows planned, %,d skipped (they change nothing), %,d merged, %,d to execute",
                        counts.patches(),
                        counts.planned(),
                        counts.skipped(),
                        counts.merged(),
                        counts.executed()),
                String.format(
                        Locale.ROOT,
                        "work: one forward pass a patch would take %,.1f GFLOP; this plan needs %,.1f, %.1f times less, and"
                                + " %,.1f for the base runs",
                        naive / GIGA,
                        floor / GIGA,
                        naive / floor,
                        base / GIGA),
                String.format(
                        Locale.ROOT,
                        "passes of at most %,d tokens; base runs keep at most %,d values at once",
                        limits.tokens(),
                        limits.kept()),
                String.format(
                        Locale.ROOT,
                        "floor: %.2f s for the patches and %.2f s for the base runs at the %,.1f GFLOP/s this device"
                                + " multiplies matrices with",
                        floorSeconds(),
                        base / rate,
                        rate / GIGA),
                String.format(
                        Locale.ROOT, "time left: at least %.2f s for %,d of the pairs", floorLeft / rate, pairsLeft));
    }
}
