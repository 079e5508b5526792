package dev.patchbay.analysis.sweep;

import java.util.List;

/**
 * What a planner decided.
 *
 * @param rows the runs to execute
 * @param skipped cells that are known to change nothing: their metric is the base run's
 * @param planned number of (pair, cell) asked for, without those a pair lacks: {@code rows + skipped + merged}
 */
public record Plan(List<PlannedRow> rows, List<Known> skipped, long planned) {
    /** Copies the lists. */
    public Plan {
        rows = List.copyOf(rows);
        skipped = List.copyOf(skipped);
    }

    /** A cell of a pair that needs no run. */
    public record Known(int pair, int cell) {}

    /** Number of (pair, cell) that another one's run answers. */
    public long merged() {
        return planned - rows.size() - skipped.size();
    }
}
