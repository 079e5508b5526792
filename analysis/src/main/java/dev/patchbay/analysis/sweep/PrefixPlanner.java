package dev.patchbay.analysis.sweep;

import dev.patchbay.model.graph.Graph;
import dev.patchbay.model.site.SitePoint;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * Starts every run at the first position and step that its patch can change; earlier ones come from the base run. Unless the sweep says
 * {@code noSkip}: leaves out positions whose written values equal the base's own and positions that cannot reach END, skips
 * cells of which nothing is left, and merges cells of a pair that come to the same run.
 */
public record PrefixPlanner() implements Planner {
    private record Key(int pair, Place place, Spots spots, int join) {}

    @Override
    public Set<SitePoint> kept(Grid grid, Graph graph) {
        var reach = new Reach(graph);
        var kept = new LinkedHashSet<SitePoint>();
        IntStream.range(0, grid.cells())
                .mapToObj(grid::place)
                .flatMap(Optional::stream)
                .mapToInt(reach::joinStep)
                .distinct()
                .forEach(step -> kept.addAll(graph.joinPoints(step)));
        return kept;
    }

    @Override
    public Plan plan(Grid grid, Graph graph, List<Integer> pairs, IntUnaryOperator firstChange) {
        boolean reduce = !grid.spec().noSkip();
        var reach = new Reach(graph);
        Map<Place, Integer> joins = new HashMap<>();
        Map<Key, List<Integer>> runs = new LinkedHashMap<>();
        var skipped = new ArrayList<Plan.Known>();
        long planned = 0;
        Map<Integer, Integer> changes = new HashMap<>();
        pairs.forEach(pair -> changes.put(pair, firstChange.applyAsInt(pair)));
        var unmerged = new ArrayList<PlannedRow>();
        for (int cell = 0; cell < grid.cells(); cell++) {
            var place = grid.place(cell);
            if (place.isEmpty()) {
                continue;
            }
            int join = joins.computeIfAbsent(place.get(), reach::joinStep);
            boolean endOnly = reduce && !reach.laterPositions(place.get());
            for (int pair : pairs) {
                var spots = grid.spots(cell, pair);
                if (spots.isEmpty()) {
                    continue;
                }
                planned++;
                if (!reduce) {
                    unmerged.add(row(pair, place.get(), spots.get(), join, List.of(cell)));
                    continue;
                }
                int reaching = endOnly ? grid.baseLength(pair) - 1 : 0;
                var left = spots.get().from(Math.max(reaching, changes.getOrDefault(pair, 0)));
                if (left.isEmpty()) {
                    skipped.add(new Plan.Known(pair, cell));
                } else {
                    runs.computeIfAbsent(new Key(pair, place.get(), left.get(), join), _ -> new ArrayList<>())
                            .add(cell);
                }
            }
        }
        var rows = new ArrayList<>(unmerged);
        runs.forEach((key, cells) -> rows.add(row(key.pair(), key.place(), key.spots(), key.join(), cells)));
        rows.sort(Comparator.comparingInt(PlannedRow::joinStep));
        return new Plan(rows, skipped, planned);
    }

    private static PlannedRow row(int pair, Place place, Spots spots, int join, List<Integer> cells) {
        return new PlannedRow(pair, place, spots, spots.base().getFirst(), join, cells);
    }
}
