package dev.patchbay.analysis.sweep;

import dev.patchbay.analysis.metric.Metric;
import dev.patchbay.analysis.pairs.PromptPair;
import dev.patchbay.analysis.pairs.PromptPairs;
import dev.patchbay.model.InputException;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.program.Edit.LayerHead;
import dev.patchbay.model.program.Selection;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.site.SitePoint;
import dev.patchbay.model.site.SiteTraits.Access;
import dev.patchbay.model.site.SiteTraits.HeadKind;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Refuses sweeps that a model or a set of pairs cannot do, before anything runs. */
final class SpecCheck {
    private static final long LARGEST = 1L << 28;

    private final SweepSpec spec;
    private final Architecture architecture;
    private final PromptPairs pairs;

    SpecCheck(SweepSpec spec, Architecture architecture, PromptPairs pairs) {
        this.spec = spec;
        this.architecture = architecture;
        this.pairs = pairs;
    }

    void check() {
        if (spec.sites().isEmpty()) {
            throw new InputException("sweep: expected at least one site, found none; name one, for example z");
        }
        spec.sites().forEach(this::site);
        axes();
        restrictions();
        metric();
        for (var pair : pairs.pairs()) {
            pair(pair);
        }
        new PositionCheck(spec, pairs).check();
        new MethodCheck(spec, pairs).check();
    }

    private void site(Site site) {
        if (site.traits().access() == Access.READ_ONLY) {
            throw new InputException("site '" + site.label() + "': can only be read; expected one of "
                    + Arrays.stream(Site.values())
                            .filter(each -> each.traits().access() == Access.EDITABLE)
                            .map(Site::label)
                            .collect(Collectors.joining(", ")));
        }
        var exists = SitePoint.everywhere(site, architecture).stream()
                .map(SitePoint::layer)
                .toList();
        if (spec.layers() instanceof Selection.Of(List<Integer> chosen)) {
            for (int layer : chosen) {
                if (!site.traits().perLayer()) {
                    throw new InputException(
                            "site '" + site.label() + "': exists once, found layer " + layer + "; leave layers out");
                }
                SitePoint.checked(new SitePoint(site, layer), site.label() + "." + layer, architecture);
            }
        }
        boolean hasHeads = site.traits().heads() != HeadKind.NONE;
        if (!hasHeads
                && (spec.axes().contains(Axis.HEAD)
                        || !spec.heads().isEmpty()
                        || !spec.sets().isEmpty())) {
            throw new InputException("site '" + site.label()
                    + "': has no heads; leave out the head axis, --heads and --sets, or choose z, q, k, v or pattern");
        }
        if (!site.traits().perLayer() && spec.axes().contains(Axis.LAYER)) {
            throw new InputException("site '" + site.label() + "': exists once; leave out the layer axis");
        }
        if (site.traits().keys() && spec.axes().contains(Axis.UNIT)) {
            throw new InputException("site '" + site.label() + "': has keys, not units; leave out the unit axis");
        }
        for (var head : allHeads()) {
            head(site, head, exists);
        }
    }

    private List<LayerHead> allHeads() {
        return java.util.stream.Stream.concat(
                        spec.heads().stream(), spec.sets().stream().flatMap(set -> set.heads().stream()))
                .toList();
    }

    private void head(Site site, LayerHead head, List<Integer> layers) {
        int heads = site.heads(architecture);
        if (!layers.contains(head.layer()) || head.head() >= heads) {
            String kind = site.traits().heads() == HeadKind.KEY_VALUE ? "kv-heads" : "heads";
            throw new InputException("head " + HeadSet.name(head) + ": not at site '" + site.label()
                    + "' of this model; expected layers 0 to " + (architecture.layers() - 1) + " and " + kind
                    + " 0 to " + (heads - 1));
        }
    }

    private void axes() {
        if (spec.axes().contains(Axis.POS) && spec.axes().contains(Axis.SPAN)) {
            throw new InputException("axes pos and span: both choose positions; name one of them");
        }
        if (spec.sites().size() > 1) {
            long heads = spec.sites().stream()
                    .mapToInt(site -> site.heads(architecture))
                    .distinct()
                    .count();
            if (heads > 1 && (spec.axes().contains(Axis.HEAD) || !allHeads().isEmpty())) {
                throw new InputException("sites "
                        + spec.sites().stream().map(Site::label).collect(Collectors.joining(", "))
                        + ": have different numbers of heads; sweep them one by one where heads are chosen");
            }
        }
    }

    private void restrictions() {
        if (!spec.sets().isEmpty() && !spec.heads().isEmpty()) {
            throw new InputException("head sets and a head restriction: both choose heads; give one of them");
        }
    }

    private void metric() {
        if (spec.metric() instanceof Metric.Dot dot && dot.vector().length != architecture.modelWidth()) {
            throw new InputException("metric '" + dot.id() + "': expected " + architecture.modelWidth()
                    + " values, the width of the residual stream, found " + dot.vector().length);
        }
    }

    private void pair(PromptPair pair) {
        String metric = spec.metric().id();
        if (spec.needsCorrupted()) {
            Sides.corrupted(pair);
        }
        if (spec.metric().needsAnswer() && pair.answers().isEmpty()) {
            throw new InputException("pair '" + pair.id() + "': field 'answer': expected one, found nothing; metric "
                    + metric + " needs it");
        }
        if (spec.metric().needsWrong() && pair.wrongs().isEmpty()) {
            throw new InputException("pair '" + pair.id() + "': field 'wrong': expected one, found nothing; metric "
                    + metric + " needs it");
        }
        if (pair.hasLongAnswers()) {
            throw new InputException("pair '" + pair.id() + "': its answers have several tokens, and metric " + metric
                    + " reads one position; read the pairs with --answer-tokens first");
        }
        int longest = Math.max(
                pair.clean().length(),
                pair.corrupted().map(prompt -> prompt.length()).orElse(0));
        if (architecture.embedding().learnedPositions() && longest > architecture.maxPositions()) {
            throw new InputException("pair '" + pair.id() + "': expected at most " + architecture.maxPositions()
                    + " tokens, found " + longest + "; shorten the prompt");
        }
    }

    /** Refuses a grid without cells and one too large to keep in memory. */
    static void refuseEmpty(Grid grid, PromptPairs pairs) {
        for (var axis : grid.axes()) {
            if (axis.size() == 0) {
                throw new InputException(
                        "axis '" + axis.name() + "': the restrictions leave nothing on it; widen them");
            }
        }
        long values = Math.multiplyExact((long) grid.cells(), pairs.size());
        if (values > LARGEST) {
            throw new InputException("sweep: " + grid.cells() + " cells × " + pairs.size() + " pairs = " + values
                    + " patches, expected at most " + LARGEST + "; restrict layers, heads or positions");
        }
    }
}
