package dev.patchbay.analysis.sweep;

import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.graph.Graph;
import dev.patchbay.model.graph.Step;
import dev.patchbay.model.graph.Value;
import dev.patchbay.model.program.Selection;
import dev.patchbay.model.run.Row;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.site.SitePoint;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Counts the floating-point operations of runs, asking the graph: 2 · inner · columns for a product of one token, 4 · keys ·
 * width for a query's attention. Norms, activations and copies are not counted.
 */
final class Flops {
    private record Shape(int length, int start, int early, int join, int spread, Place place) {}

    private static final Place NOWHERE = new Place(Site.EMBED, List.of(0), Selection.ALL, List.of(), Selection.ALL);

    private final Graph graph;
    private final Architecture architecture;
    /** By step, what one token costs without attention. */
    private final long[] perToken;
    /** Steps that make the queries of the last attention. */
    private final Set<Integer> lastQueries = new HashSet<>();

    private final Map<Shape, Double> known = new HashMap<>();

    Flops(Graph graph) {
        this.graph = graph;
        architecture = graph.architecture();
        perToken = new long[graph.headBegin()];
        for (int step = 0; step < perToken.length; step++) {
            perToken[step] = switch (graph.steps().get(step)) {
                case Step.Project project ->
                    2L * project.in().width() * project.out().width();
                case Step.ExpertProject experts -> {
                    long product = 2L * experts.in().width() * experts.out().width();
                    yield experts.shared() ? product : product / experts.order().width();
                }
                default -> 0;
            };
        }
        if (graph.lastAttention() >= 0 && graph.steps().get(graph.lastAttention()) instanceof Step.Attend attend) {
            queries(attend.q());
        }
    }

    private void queries(Value value) {
        int step = graph.definition(value);
        lastQueries.add(step);
        if (!(graph.steps().get(step) instanceof Step.Project)) {
            graph.steps().get(step).inputs().forEach(this::queries);
        }
    }

    /** A whole run of a prompt whose logits at END are read from the whole vocabulary: one pass of the naive loop. */
    double whole(int length) {
        double flops = 2.0 * architecture.modelWidth() * architecture.vocabulary();
        for (int step = 0; step < perToken.length; step++) {
            flops += tokens(step, 0, length);
        }
        return flops;
    }

    /** The least a run from position {@code start} on must compute to know END. */
    double run(int length, int start) {
        return least(new Shape(length, start, 0, Row.FROM_THE_START, Row.FROM_THE_START, NOWHERE));
    }

    /** The least a planned row must compute: every token that can differ from the base run, and can change END. */
    double planned(PlannedRow row, int length) {
        return known.computeIfAbsent(
                new Shape(length, row.start(), row.early(), row.joinStep(), row.spreadStep(), row.place()),
                this::least);
    }

    private double least(Shape row) {
        double flops = 0;
        int last = graph.lastAttention();
        for (int step = row.join + 1; step < perToken.length; step++) {
            boolean ends = (step >= last && last >= 0) || lastQueries.contains(step);
            int to = row.early > 0 && step <= row.spread ? row.start + row.early : row.length;
            int from = ends && to == row.length ? row.length - 1 : row.start;
            flops += share(row.place, step) * tokens(step, from, to);
        }
        return flops;
    }

    /** Of the product that reads patched heads, only their part is new. */
    private double share(Place place, int step) {
        if (place.site() != Site.Z || place.layers().size() != 1) {
            return 1;
        }
        boolean reads = graph.steps().get(step) instanceof Step.Project project
                && project.in()
                        .equals(graph.value(new SitePoint(Site.Z, place.layers().getFirst())));
        int heads = place.layerHeads().isEmpty()
                ? place.heads().below(architecture.heads()).length
                : place.layerHeads().size();
        return reads ? (double) heads / architecture.heads() : 1;
    }

    private double tokens(int step, int from, int to) {
        if (graph.steps().get(step) instanceof Step.Attend attend) {
            double keys = ((double) to * (to + 1) - (double) from * (from + 1)) / 2;
            return 4.0 * keys * attend.q().width();
        }
        return (double) perToken[step] * (to - from);
    }
}
