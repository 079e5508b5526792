package dev.patchbay.analysis.sweep;

import dev.patchbay.model.graph.Graph;
import dev.patchbay.model.graph.ResidualPath;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.site.SitePoint;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which places have a direct effect, and by which way, asked of the graph. For one thread. */
final class DirectPlaces {
    /** What is known of a place. */
    private enum Way {
        NONE,
        TOTAL,
        MEASURED
    }

    private final ResidualPath path;
    private final Map<Place, Way> ways = new HashMap<>();
    private final SitePoint streamEnd;

    DirectPlaces(Graph graph) {
        path = new ResidualPath(graph);
        streamEnd = graph.joinPoint(graph.residualEnd());
    }

    /** What the head reads. */
    SitePoint streamEnd() {
        return streamEnd;
    }

    /** The site that a sublayer adds to the stream and a patch of {@code site} changes first. */
    static Optional<Site> output(Site site) {
        return switch (site) {
            case Z, ATTN_OUT -> Optional.of(Site.ATTN_OUT);
            case MLP_OUT -> Optional.of(Site.MLP_OUT);
            default -> Optional.empty();
        };
    }

    /** What a place changes first of what is added to the stream, a point a layer; none where it has no direct effect. */
    List<SitePoint> outputs(Place place) {
        return output(place.site()).stream()
                .flatMap(site -> place.layers().stream().map(layer -> new SitePoint(site, layer)))
                .toList();
    }

    /** Whether a place has a direct effect. */
    boolean hasDirect(Place place) {
        return way(place) != Way.NONE;
    }

    /** Whether it has one that is not simply the total effect. */
    boolean isMeasured(Place place) {
        return way(place) == Way.MEASURED;
    }

    /** Rows ask often, the graph answers once a place. */
    private Way way(Place place) {
        return ways.computeIfAbsent(place, _ -> {
            var outputs = outputs(place);
            if (outputs.isEmpty()
                    || !outputs.stream().allMatch(output -> path.gain(output).isPresent())) {
                return Way.NONE;
            }
            return outputs.size() == 1 && path.isOnly(outputs.getFirst()) ? Way.TOTAL : Way.MEASURED;
        });
    }

    /** How much of a change of an output arrives. */
    float gain(SitePoint output) {
        return (float) path.gain(output).orElseThrow();
    }
}
