package dev.patchbay.analysis.sweep;

/** Told how far a sweep is, on the thread that runs it. */
public interface SweepProgress {
    /** Tells nobody. */
    SweepProgress SILENT = (_, _) -> {};

    /**
     * So many of all cells × pairs are done, those answered without running included; told first where the run begins.
     *
     * @param done so far
     * @param total in all
     */
    void done(long done, long total);

    /** So many of all pairs are done. */
    default void pairs(int done, int total) {}

    /** Asked between two forward passes; true ends the sweep with a {@link java.util.concurrent.CancellationException}. */
    default boolean isCancelled() {
        return false;
    }
}
