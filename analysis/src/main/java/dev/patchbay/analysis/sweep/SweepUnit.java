package dev.patchbay.analysis.sweep;

/**
 * A finished part of a sweep: every cell of some neighbouring pairs, for one draw. A pure function of the sweep, the pairs and
 * the draw. Whoever holds it may read the arrays and must not write into them.
 *
 * @param firstPair index of the first pair
 * @param pairs number of pairs
 * @param draw which draw of {@code resample}; 0 for methods that draw nothing
 * @param base the metric of the base runs, one a pair
 * @param other the metric of the other runs, one a pair; empty for methods that have none
 * @param patched {@code [pairs, cells]}: the metric of the patched runs, NaN where a pair lacks the cell
 * @param direct {@code [pairs, cells]}: the metric of the direct paths, NaN where there is none; empty for sweeps that do not
 *     measure them
 */
public record SweepUnit(
        int firstPair, int pairs, int draw, double[] base, double[] other, double[] patched, double[] direct) {
    /** Checks that the sizes agree. */
    public SweepUnit {
        if (firstPair < 0 || pairs < 1 || draw < 0 || base.length != pairs) {
            throw new IllegalArgumentException(
                    "a unit of " + pairs + " pairs from " + firstPair + " with " + base.length + " base values");
        }
        if ((other.length != 0 && other.length != pairs)
                || patched.length % pairs != 0
                || (direct.length != 0 && direct.length != patched.length)) {
            throw new IllegalArgumentException("a unit of " + pairs + " pairs with " + other.length + ", "
                    + patched.length + " and " + direct.length + " values");
        }
    }
}
