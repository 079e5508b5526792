package dev.patchbay.analysis.sweep;

import dev.patchbay.model.graph.Graph;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;

/** One whole run from position 0 for every cell: the naive loop that every other planner must equal. */
public record WholePlanner() implements Planner {
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
                    rows.add(new PlannedRow(pair, place.get(), spots.get(), 0, 0, List.of(cell)));
                }
            }
        }
        return new Plan(rows, List.of(), rows.size());
    }
}
