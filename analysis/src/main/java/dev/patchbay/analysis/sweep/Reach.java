package dev.patchbay.analysis.sweep;

import dev.patchbay.model.graph.Graph;

/** What a graph says a patch can change. */
final class Reach {
    private final Graph graph;

    Reach(Graph graph) {
        this.graph = graph;
    }

    /**
     * Where a patched run enters a pass.
     *
     * @param join the last step after which it equals the base run, -1 where there is none
     * @param spread the last step after which positions that are not patched equal the base run and can join, -1 where there
     *     is none
     * @param carried whether a patch at one position can change a later one: only attention carries values onward
     */
    record Entry(int join, int spread, boolean carried) {
        /** Whether patched positions are ahead of the others for some steps. */
        boolean spreads() {
            return spread > join;
        }
    }

    /** Where runs patched at a place enter. */
    Entry of(Place place) {
        int join = place.points().stream().mapToInt(graph::joinStep).min().orElseThrow();
        var carriers = place.points().stream()
                .filter(point -> graph.carrier(point) >= 0)
                .toList();
        int spread = carriers.stream().mapToInt(graph::spreadStep).min().orElse(-1);
        return new Entry(join, spread, !carriers.isEmpty());
    }
}
