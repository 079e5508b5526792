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
import java.util.stream.Stream;

/**
 * Starts every run at the first position and step that its patch can change; earlier ones come from the base run, and so do
 * later positions until the attention that carries the change to them. Unless the sweep says {@code noSkip}: leaves out positions whose written values equal the base's own and positions that cannot reach END, skips
 * cells of which nothing is left, and merges cells of a pair that come to the same run.
 */
public record PrefixPlanner() implements Planner {
    private record Key(int pair, Place place, Spots spots, Reach.Entry entry) {}

    @Override
    public Set<SitePoint> kept(Grid grid, Graph graph) {
        var reach = new Reach(graph);
        var kept = new LinkedHashSet<SitePoint>();
        places(grid).map(reach::of).distinct().forEach(entry -> {
            kept.addAll(graph.joinPoints(entry.join()));
            if (entry.spreads() && !grid.onlyEnds()) {
                kept.addAll(graph.joinPoints(entry.spread()));
            }
        });
        return kept;
    }

    private static Stream<Place> places(Grid grid) {
        return IntStream.range(0, grid.cells())
                .mapToObj(grid::place)
                .flatMap(Optional::stream)
                .distinct();
    }

    @Override
    public boolean reuses(Grid grid) {
        return !grid.spec().noSkip();
    }

    @Override
    public Plan plan(Grid grid, Graph graph, List<Integer> pairs, IntUnaryOperator firstChange) {
        boolean reduce = !grid.spec().noSkip();
        var reach = new Reach(graph);
        Map<Place, Reach.Entry> entries = new HashMap<>();
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
            var entry = entries.computeIfAbsent(place.get(), reach::of);
            boolean endOnly = reduce && !entry.carried();
            for (int pair : pairs) {
                var spots = grid.spots(cell, pair);
                if (spots.isEmpty()) {
                    continue;
                }
                planned++;
                if (!reduce) {
                    unmerged.add(row(grid, pair, place.get(), spots.get(), entry, List.of(cell)));
                    continue;
                }
                int reaching = endOnly ? grid.baseLength(pair) - 1 : 0;
                var left = spots.get().from(Math.max(reaching, changes.getOrDefault(pair, 0)));
                if (left.isEmpty()) {
                    skipped.add(new Plan.Known(pair, cell));
                } else {
                    runs.computeIfAbsent(new Key(pair, place.get(), left.get(), entry), _ -> new ArrayList<>())
                            .add(cell);
                }
            }
        }
        var rows = new ArrayList<>(unmerged);
        runs.forEach((key, cells) -> rows.add(row(grid, key.pair(), key.place(), key.spots(), key.entry(), cells)));
        rows.sort(Comparator.comparingInt(PlannedRow::joinStep));
        return new Plan(rows, skipped, planned);
    }

    private static PlannedRow row(
            Grid grid, int pair, Place place, Spots spots, Reach.Entry entry, List<Integer> cells) {
        int start = spots.base().getFirst();
        int early = spots.base().getLast() + 1 - start;
        boolean spreads = entry.spreads() && start + early < grid.baseLength(pair);
        return new PlannedRow(
                pair,
                place,
                spots,
                start,
                entry.join(),
                spreads ? early : 0,
                spreads ? entry.spread() : entry.join(),
                cells);
    }
}
