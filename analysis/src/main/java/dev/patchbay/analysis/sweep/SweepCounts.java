package dev.patchbay.analysis.sweep;

/**
 * What became of a sweep's cells.
 *
 * @param patches cells × pairs
 * @param planned (pair, cell, draw) to be answered: without cells a pair lacks
 * @param skipped of these, known to change nothing
 * @param merged of these, answered by the run of another one
 * @param executed runs
 */
public record SweepCounts(long patches, long planned, long skipped, long merged, long executed) {
    static final SweepCounts NONE = new SweepCounts(0, 0, 0, 0, 0);

    SweepCounts plus(Plan plan) {
        return new SweepCounts(
                patches,
                planned + plan.planned(),
                skipped + plan.skipped().size(),
                merged + plan.merged(),
                executed + plan.rows().size());
    }

    SweepCounts of(long all) {
        return new SweepCounts(all, planned, skipped, merged, executed);
    }
}
