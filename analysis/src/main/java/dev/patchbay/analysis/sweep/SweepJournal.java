package dev.patchbay.analysis.sweep;

import java.util.List;

/** Keeps finished parts of a sweep, so that it can go on where it was stopped. Called on the thread that runs the sweep. */
public interface SweepJournal {
    /** Keeps nothing. */
    SweepJournal NONE = new SweepJournal() {
        @Override
        public Iterable<SweepUnit> known() {
            return List.of();
        }

        @Override
        public void finished(SweepUnit unit) {}
    };

    /** The units that need not be computed again: no draw of a pair twice, the draws of a pair ascending from 0. */
    Iterable<SweepUnit> known();

    /** Takes a unit that is finished. */
    void finished(SweepUnit unit);
}
