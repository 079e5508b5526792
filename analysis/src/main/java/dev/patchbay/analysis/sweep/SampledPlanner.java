package dev.patchbay.analysis.sweep;

import dev.patchbay.model.graph.Graph;
import dev.patchbay.model.site.SitePoint;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntUnaryOperator;

/**
 * The naive loop over some cells: one whole run for each of them.
 *
 * @param cells of the grid
 * @param sample which {@code pair · cells + cell}
 */
record SampledPlanner(int cells, BitSet sample) implements Planner {
    @Override
    public Set<SitePoint> kept(Grid grid, Graph graph) {
        return Set.of();
    }

    @Override
    public boolean reuses(Grid grid) {
        return false;
    }

    @Override
    public boolean wants(int pair) {
        int next = sample.nextSetBit(pair * cells);
        return next >= 0 && next < (pair + 1) * cells;
    }

    @Override
    public Plan plan(Grid grid, Graph graph, List<Integer> pairs, IntUnaryOperator firstChange) {
        var rows = new WholePlanner()
                .plan(grid, graph, pairs, firstChange).rows().stream()
                        .filter(row ->
                                sample.get(row.pair() * cells + row.cells().getFirst()))
                        .toList();
        return new Plan(rows, List.of(), rows.size());
    }
}
