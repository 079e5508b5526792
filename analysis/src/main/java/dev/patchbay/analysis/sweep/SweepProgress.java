package dev.patchbay.analysis.sweep;

/** Told how far a sweep is, on the thread that runs it. */
public interface SweepProgress {
    /** Tells nobody. */
    SweepProgress SILENT = (_, _) -> {};

    /**
     * So many of all cells × pairs are done, those answered without running included.
     *
     * @param done so far
     * @param total in all
     */
    void done(long done, long total);

    /** Asked between two forward passes; true ends the sweep with a {@link java.util.concurrent.CancellationException}. */
    default boolean isCancelled() {
        return false;
    }
}
