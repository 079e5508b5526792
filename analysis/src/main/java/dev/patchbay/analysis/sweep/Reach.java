package dev.patchbay.analysis.sweep;

import dev.patchbay.model.graph.Graph;
import dev.patchbay.model.graph.Step;

/** What a graph says a patch can change. */
final class Reach {
    private final Graph graph;
    private final int lastAttention;

    Reach(Graph graph) {
        this.graph = graph;
        int last = -1;
        for (int index = 0; index < graph.steps().size(); index++) {
            if (graph.steps().get(index) instanceof Step.Attend) {
                last = index;
            }
        }
        lastAttention = last;
    }

    /** The first step that differs from the base run. */
    int joinStep(Place place) {
        return place.points().stream().mapToInt(graph::joinStep).min().orElseThrow();
    }

    /** Whether a patch at one position can change a later one: only attention carries values onward. */
    boolean laterPositions(Place place) {
        // A patched row of scores or pattern changes its own query's z; the next attention is what carries that on.
        int own = place.site().traits().keys() ? joinStep(place) + 1 : joinStep(place);
        return own < lastAttention;
    }
}
