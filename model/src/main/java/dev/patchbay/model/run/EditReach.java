package dev.patchbay.model.run;

import dev.patchbay.model.InputException;
import dev.patchbay.model.graph.Graph;
import dev.patchbay.model.program.Edit;
import dev.patchbay.model.site.SitePoint;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Whether the edits of a generation act at all: asked once, of its sequences at the length that they can grow to, since
 * each step sees only a part of them.
 */
final class EditReach {
    private EditReach() {}

    /**
     * Checks every edit against whole sequences.
     *
     * @param rows the sequences, each with all positions that will be computed
     * @throws InputException for an edit that matches nothing in any of them, or names what they do not have
     */
    static void check(Graph graph, List<Row> rows, List<Edit> edits) {
        var batch = new Batch(rows, graph, Optional.empty(), false, false);
        var check = new ProgramCheck(graph.architecture());
        for (int index = 0; index < edits.size(); index++) {
            Edit edit = edits.get(index);
            String where = "edit " + index + " (" + edit.site().label() + "), over the whole generation";
            Map<SitePoint, int[]> places = check.places(edit, where);
            boolean placed = places.values().stream().anyMatch(heads -> heads.length > 0);
            boolean reached = false;
            for (int row : EditPlanner.rows(edit, batch, where)) {
                reached |= reaches(edit, batch, row, where);
            }
            if (!placed || !reached) {
                throw new InputException(where + ": matches nothing; check its rows, positions and heads");
            }
        }
    }

    private static boolean reaches(Edit edit, Batch batch, int row, String where) {
        int[] positions = batch.resolve(edit.positions(), row, where);
        int[] keys = edit.site().traits().keys() ? batch.resolve(edit.keys(), row, where) : new int[] {0};
        return positions.length > 0 && Arrays.stream(keys).anyMatch(key -> key <= positions[positions.length - 1]);
    }
}
