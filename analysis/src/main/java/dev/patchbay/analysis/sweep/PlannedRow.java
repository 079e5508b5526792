package dev.patchbay.analysis.sweep;

import java.util.List;

/**
 * A run that answers one or more cells of a pair.
 *
 * @param pair index of the pair
 * @param place where it patches
 * @param spots at which positions; those before {@code start} are left out
 * @param start the position it starts from: earlier ones come from the base run
 * @param joinStep the last step of the graph that gives what the base run has, -1 where there is none
 * @param early how many of its positions, from {@code start} on, join there: those the patch changes; 0 for all
 * @param spreadStep the step after which the others join, where {@code early} is not 0
 * @param cells the cells it answers
 */
public record PlannedRow(
        int pair, Place place, Spots spots, int start, int joinStep, int early, int spreadStep, List<Integer> cells) {
    /** Copies the list. */
    public PlannedRow {
        cells = List.copyOf(cells);
    }
}
