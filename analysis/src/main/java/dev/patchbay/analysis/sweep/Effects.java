package dev.patchbay.analysis.sweep;

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
 * @param delta {@code [cells]}: mean patched − mean base
 * @param deltaError {@code [cells]}: standard error of delta over pairs, clustered by template
 * @param effect {@code [cells]}: delta / (mean other − mean base)
 * @param restored {@code [cells]}: (mean patched − mean corrupted) / (mean clean − mean corrupted)
 * @param count {@code [cells]}: pairs that have the cell; the means are over these
 * @param notes why effects are NaN, one sentence each; empty where none is
 */
public record Effects(
        List<GridAxis> axes,
        List<String> pairs,
        List<String> templates,
        double[] patched,
        double[] clean,
        Optional<double[]> corrupted,
        double[] delta,
        double[] deltaError,
        double[] effect,
        double[] restored,
        int[] count,
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
        return delta.length;
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
