package dev.patchbay.analysis.sweep;

import dev.patchbay.analysis.metric.Metric;
import dev.patchbay.analysis.metric.Reads;
import dev.patchbay.model.program.Edit.LayerHead;
import dev.patchbay.model.program.Positions;
import dev.patchbay.model.program.Selection;
import dev.patchbay.model.site.Site;
import java.util.List;
import java.util.Optional;

/** Says what a sweep does, step by step. Not for several threads. */
public final class SweepSpecBuilder {
    private final List<Site> sites;
    private List<Axis> axes = List.of();
    private Selection layers = Selection.ALL;
    private List<LayerHead> heads = List.of();
    private List<HeadSet> sets = List.of();
    private Positions positions = Positions.ALL;
    private List<String> spans = List.of();
    private Direction direction = Direction.DENOISE;
    private Method method = new Method.Patch();
    private Metric metric = new Metric.LogitDifference();
    private Optional<Boolean> direct = Optional.empty();
    private boolean noSkip;
    private boolean mixTemplates;
    private long seed;

    SweepSpecBuilder(List<Site> sites) {
        this.sites = List.copyOf(sites);
    }

    /** What the grid varies, in this order. */
    public SweepSpecBuilder by(Axis... chosen) {
        axes = List.of(chosen);
        return this;
    }

    /** What the grid varies, in this order. */
    public SweepSpecBuilder by(List<Axis> chosen) {
        axes = chosen;
        return this;
    }

    /** Only these layers. */
    public SweepSpecBuilder layers(int... chosen) {
        layers = Selection.of(chosen);
        return this;
    }

    /** Only these heads. */
    public SweepSpecBuilder heads(List<LayerHead> chosen) {
        heads = chosen;
        return this;
    }

    /** One cell a set of heads. */
    public SweepSpecBuilder sets(List<HeadSet> chosen) {
        sets = chosen;
        return this;
    }

    /** Only these positions. */
    public SweepSpecBuilder positions(Positions chosen) {
        positions = chosen;
        return this;
    }

    /** The spans of the span axis. */
    public SweepSpecBuilder spans(List<String> chosen) {
        spans = chosen;
        return this;
    }

    /** Which run is patched. */
    public SweepSpecBuilder direction(Direction chosen) {
        direction = chosen;
        return this;
    }

    /** What is written. */
    public SweepSpecBuilder method(Method chosen) {
        method = chosen;
        return this;
    }

    /** What is read. */
    public SweepSpecBuilder metric(Metric chosen) {
        metric = chosen;
        return this;
    }

    /**
     * Whether direct effects are measured too. Unless said: where the metric reads few numbers, so that they cost next to
     * nothing; a metric over the whole vocabulary doubles the unembedding.
     */
    public SweepSpecBuilder direct(boolean chosen) {
        direct = Optional.of(chosen);
        return this;
    }

    /** Runs every cell, also those known to change nothing. */
    public SweepSpecBuilder noSkip() {
        noSkip = true;
        return this;
    }

    /** Lets {@code pos} mix templates. */
    public SweepSpecBuilder mixTemplates() {
        mixTemplates = true;
        return this;
    }

    /** Seed of everything random. */
    public SweepSpecBuilder seed(long chosen) {
        seed = chosen;
        return this;
    }

    /** The sweep with everything said. */
    public SweepSpec build() {
        return new SweepSpec(
                sites,
                axes,
                layers,
                heads,
                sets,
                positions,
                spans,
                direction,
                method,
                metric,
                direct.orElse(metric.reads() != Reads.VOCABULARY),
                noSkip,
                mixTemplates,
                seed);
    }
}
