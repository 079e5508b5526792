package dev.patchbay.analysis.sweep;

import dev.patchbay.analysis.statistics.Estimates;
import dev.patchbay.analysis.statistics.Interval;
import java.util.List;
import java.util.Optional;

/**
 * The numbers of a sweep. Cells are row-major over the axes; a value for every pair and cell is at
 * {@code pair · cells + cell}. Whoever holds it may read the arrays and must not write into them.
 *
 * @param axes the axes, outermost first
 * @param pairs ids of the pairs
 * @param templates of the pairs
 * @param patched {@code [pairs, cells]}: the metric of each patched run; NaN where a pair lacks the cell
 * @param clean {@code [pairs]}: the metric of the clean runs
 * @param corrupted {@code [pairs]}: the metric of the corrupted runs, for methods that need them
 * @param total {@code [cells]}: delta = mean patched − mean base, with its error and interval
 * @param normalised {@code [cells]}: effect = delta / (mean other − mean base), with its error and interval
 * @param restored {@code [cells]}: (mean patched − mean corrupted) / (mean clean − mean corrupted)
 * @param direct direct and indirect effects, where they are measured
 * @param count {@code [cells]}: pairs whose numbers are in the means: those that have the cell, less {@code notFinite}
 * @param notFinite {@code [cells]}: pairs that have the cell and some number of which is NaN or infinite; {@code patched}
 *     keeps it, means and intervals leave the pair out
 * @param notes what to know of the numbers, one sentence each; empty where there is nothing
 */
public record Effects(
        List<GridAxis> axes,
        List<String> pairs,
        List<String> templates,
        double[] patched,
        double[] clean,
        Optional<double[]> corrupted,
        Estimates total,
        Estimates normalised,
        double[] restored,
        Optional<DirectEffects> direct,
        int[] count,
        int[] notFinite,
        List<String> notes) {
    /** Copies the lists, keeps the arrays. */
    public Effects {
        axes = List.copyOf(axes);
        pairs = List.copyOf(pairs);
        templates = List.copyOf(templates);
        notes = List.copyOf(notes);
    }

    /** Number of cells. */
    public int cells() {
        return count.length;
    }

    /** Mean patched − mean base, {@code [cells]}. */
    public double[] delta() {
        return total.value();
    }

    /** Delta / (mean other − mean base), {@code [cells]}. */
    public double[] effect() {
        return normalised.value();
    }

    /** Whether a cell rests on so few pairs that its interval is to be taken with care. */
    public boolean isOfFewPairs(int cell) {
        return count[cell] > 0 && count[cell] < Interval.FEW;
    }

    /** Sizes of the axes. */
    public List<Long> shape() {
        return axes.stream().map(axis -> (long) axis.size()).toList();
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
