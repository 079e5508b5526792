package dev.patchbay.analysis.sweep;

import dev.patchbay.analysis.metric.Metric;
import dev.patchbay.model.program.Edit.LayerHead;
import dev.patchbay.model.program.Positions;
import dev.patchbay.model.program.Selection;
import dev.patchbay.model.site.Site;
import java.util.List;

/**
 * What a sweep does. Made by {@link SweepSpecBuilder}; checked against a model and pairs by {@link Grid#of}.
 *
 * @param sites what is patched; several of them make the first axis of the grid
 * @param axes what the grid varies, in this order
 * @param layers layers it is restricted to
 * @param heads heads it is restricted to; empty for all
 * @param sets heads patched together, each set an entry of an axis of its own, which stands where the axes of layers and
 *     heads would; empty for none
 * @param positions positions it is restricted to: all, END, a span, or a list (negative ones count from the end)
 * @param spans names of the span axis; empty for every span the pairs have
 * @param direction which run is patched, for {@link Method.Patch}
 * @param method what is written
 * @param metric what is read
 * @param direct whether direct effects are measured too, at sites that have them: {@code z}, {@code attn_out},
 *     {@code mlp_out}
 * @param noSkip whether every cell is run, also those known to change nothing
 * @param mixTemplates whether {@code pos} may mix templates
 * @param seed of everything random
 */
public record SweepSpec(
        List<Site> sites,
        List<Axis> axes,
        Selection layers,
        List<LayerHead> heads,
        List<HeadSet> sets,
        Positions positions,
        List<String> spans,
        Direction direction,
        Method method,
        Metric metric,
        boolean direct,
        boolean noSkip,
        boolean mixTemplates,
        long seed) {
    /** Copies the lists. */
    public SweepSpec {
        sites = List.copyOf(sites);
        axes = List.copyOf(axes);
        heads = List.copyOf(heads);
        sets = List.copyOf(sets);
        spans = List.copyOf(spans);
    }

    /** Starts a sweep of denoising patches at {@code sites}, read by logit difference. */
    public static SweepSpecBuilder at(Site... sites) {
        return new SweepSpecBuilder(List.of(sites));
    }

    /** Whether the clean run is the base. */
    public boolean basedOnClean() {
        return method.isAblation() || direction == Direction.NOISE;
    }

    /** Whether the pairs' corrupted prompts are needed. */
    public boolean needsCorrupted() {
        return !method.isAblation()
                || method.reference()
                        .filter(Reference.Corrupted.class::isInstance)
                        .isPresent();
    }
}
