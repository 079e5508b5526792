package dev.patchbay.analysis.sweep;

import java.util.Arrays;

/** What the finished units of a sweep found, of this run and of earlier ones. */
final class SweepTally {
    private final Grid grid;
    /** {@code [pairs, cells]}, summed over the draws. */
    private final double[] sums;
    /** The same of the direct paths; empty where they are not measured. */
    private final double[] directSums;
    /** Per pair, the draws that are in the sums. */
    private final int[] draws;

    private final double[] base;
    private final double[] other;
    private long finished;

    SweepTally(Grid grid) {
        this.grid = grid;
        int pairs = grid.pairs().size();
        sums = new double[Math.multiplyExact(grid.cells(), pairs)];
        directSums = new double[grid.hasDirect() ? sums.length : 0];
        draws = new int[pairs];
        base = new double[pairs];
        other = new double[pairs];
    }

    /** Draws of a pair that are there. */
    int draws(int pair) {
        return draws[pair];
    }

    /** The metric of a pair's base run. */
    double base(int pair) {
        return base[pair];
    }

    /** The metrics of a pair's two runs; those of a pair that has a unit already are kept. */
    void pair(int pair, double itsBase, double itsOther) {
        if (draws[pair] == 0) {
            base[pair] = itsBase;
            other[pair] = itsOther;
        }
    }

    /** (pair, cell, draw) that are there. */
    long finished() {
        return finished;
    }

    /** A finished unit of the pairs of {@code unit}. */
    SweepUnit unit(UnitPlan unit, int draw, double[] patched, double[] direct) {
        int first = unit.firstPair();
        int end = first + unit.pairs().size();
        return new SweepUnit(
                first,
                unit.pairs().size(),
                draw,
                Arrays.copyOfRange(base, first, end),
                grid.spec().needsCorrupted() ? Arrays.copyOfRange(other, first, end) : new double[0],
                patched,
                direct);
    }

    /**
     * Adds a unit to the sums.
     *
     * @throws IllegalStateException where the draws of a pair do not ascend one by one
     */
    void add(SweepUnit unit) {
        int first = unit.firstPair();
        for (int pair = first; pair < first + unit.pairs(); pair++) {
            if (draws[pair] != unit.draw()) {
                throw new IllegalStateException("draw " + unit.draw() + " of pair " + pair + " follows " + draws[pair]);
            }
            draws[pair]++;
        }
        System.arraycopy(unit.base(), 0, base, first, unit.pairs());
        System.arraycopy(unit.other(), 0, other, first, unit.other().length);
        finished += unit.patched().length;
        int offset = first * grid.cells();
        for (int i = 0; i < unit.patched().length; i++) {
            sums[offset + i] += unit.patched()[i];
        }
        for (int i = 0; i < unit.direct().length; i++) {
            directSums[offset + i] += unit.direct()[i];
        }
    }

    /** {@code [pairs, cells]}, the mean over {@code all} draws. */
    double[] patched(int all) {
        return means(sums, all);
    }

    /** Pairs that have {@code all} draws. */
    int pairs(int all) {
        return (int) Arrays.stream(draws).filter(its -> its == all).count();
    }

    /** The effects, where every pair has {@code all} draws. */
    Effects effects(int all) {
        var others = grid.spec().needsCorrupted() ? other : new double[0];
        return new EffectsBuilder(grid, patched(all), base, others, means(directSums, all)).build();
    }

    private static double[] means(double[] sums, int all) {
        return Arrays.stream(sums).map(sum -> sum / all).toArray();
    }
}
