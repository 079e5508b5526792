package dev.patchbay.analysis.sweep;

import dev.patchbay.model.graph.Graph;
import dev.patchbay.model.run.Row;
import dev.patchbay.model.site.SitePoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.IntUnaryOperator;

/** One whole run from position 0 for every cell: the naive loop that every other planner must equal. */
public record WholePlanner() implements Planner {
    @Override
    public Set<SitePoint> kept(Grid grid, Graph graph) {
        return Set.of();
    }

    @Override
    public boolean reuses(Grid grid) {
        return false;
    }

    @Override
    public Plan plan(Grid grid, Graph graph, List<Integer> pairs, IntUnaryOperator firstChange) {
        var rows = new ArrayList<PlannedRow>();
        for (int cell = 0; cell < grid.cells(); cell++) {
            var place = grid.place(cell);
            if (place.isEmpty()) {
                continue;
            }
            for (int pair : pairs) {
                var spots = grid.spots(cell, pair);
                if (spots.isPresent()) {
                    rows.add(new PlannedRow(
                            pair,
                            place.get(),
                            spots.get(),
                            0,
                            Row.FROM_THE_START,
                            0,
                            Row.FROM_THE_START,
                            List.of(cell)));
                }
            }
        }
        return new Plan(rows, List.of(), rows.size());
    }
}
