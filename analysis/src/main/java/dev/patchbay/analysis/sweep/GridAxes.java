package dev.patchbay.analysis.sweep;

import dev.patchbay.analysis.pairs.PromptPairs;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.program.Edit.LayerHead;
import dev.patchbay.model.program.Positions;
import dev.patchbay.model.program.Selection;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.site.SitePoint;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** The axes of a checked sweep and what each of their entries chooses. */
final class GridAxes {
    /** What the entries of an axis choose. */
    sealed interface Choice {
        record Sites(List<Site> sites) implements Choice {}

        record Sets(List<HeadSet> sets) implements Choice {}

        record Layers(List<Integer> layers) implements Choice {}

        record Heads(List<Integer> heads) implements Choice {}

        /** Heads that say their layer: a restricted head axis without a layer axis. */
        record NamedHeads(List<LayerHead> heads) implements Choice {}

        record At(List<Integer> positions) implements Choice {}

        record Spans(List<String> names) implements Choice {}

        record Units(List<Integer> units) implements Choice {}
    }

    private final SweepSpec spec;
    private final Architecture architecture;
    private final PromptPairs pairs;
    private final List<GridAxis> axes = new ArrayList<>();
    private final List<Choice> choices = new ArrayList<>();

    GridAxes(SweepSpec spec, Architecture architecture, PromptPairs pairs) {
        this.spec = spec;
        this.architecture = architecture;
        this.pairs = pairs;
        if (spec.sites().size() > 1) {
            add("site", spec.sites().stream().map(Site::label).toList(), new Choice.Sites(spec.sites()));
        }
        boolean setsPending = !spec.sets().isEmpty();
        if (setsPending && !spec.axes().contains(Axis.LAYER) && !spec.axes().contains(Axis.HEAD)) {
            addSets();
            setsPending = false;
        }
        for (Axis axis : spec.axes()) {
            boolean components = axis == Axis.LAYER || axis == Axis.HEAD;
            if (components && !spec.sets().isEmpty()) {
                if (setsPending) {
                    addSets();
                    setsPending = false;
                }
            } else {
                add(axis);
            }
        }
    }

    List<GridAxis> axes() {
        return List.copyOf(axes);
    }

    List<Choice> choices() {
        return List.copyOf(choices);
    }

    private void add(String name, List<String> labels, Choice choice) {
        axes.add(new GridAxis(name, labels));
        choices.add(choice);
    }

    private void addSets() {
        add("set", spec.sets().stream().map(HeadSet::label).toList(), new Choice.Sets(spec.sets()));
    }

    private void add(Axis axis) {
        switch (axis) {
            case LAYER -> {
                var layers = layers();
                add("layer", labels(layers), new Choice.Layers(layers));
            }
            case HEAD -> addHeads();
            case POS -> {
                var positions = positions();
                add("pos", labels(positions), new Choice.At(positions));
            }
            case SPAN -> {
                var names = spec.spans().isEmpty() ? pairs.spanNames() : spec.spans();
                add("span", names, new Choice.Spans(names));
            }
            case UNIT -> {
                var units = upTo(units());
                add("unit", labels(units), new Choice.Units(units));
            }
        }
    }

    private void addHeads() {
        if (!spec.heads().isEmpty() && !spec.axes().contains(Axis.LAYER)) {
            add("head", spec.heads().stream().map(HeadSet::name).toList(), new Choice.NamedHeads(spec.heads()));
            return;
        }
        var heads = spec.heads().isEmpty()
                ? upTo(spec.sites().getFirst().heads(architecture))
                : List.copyOf(
                        new TreeSet<>(spec.heads().stream().map(LayerHead::head).toList()));
        add("head", labels(heads), new Choice.Heads(heads));
    }

    /** Layers in which some site exists, within the restrictions. */
    private List<Integer> layers() {
        var layers = new TreeSet<Integer>();
        for (Site site : spec.sites()) {
            SitePoint.everywhere(site, architecture).forEach(point -> layers.add(point.layer()));
        }
        if (spec.layers() instanceof Selection.Of(List<Integer> chosen)) {
            layers.retainAll(chosen);
        }
        if (!spec.heads().isEmpty()) {
            layers.retainAll(spec.heads().stream().map(LayerHead::layer).toList());
        }
        return List.copyOf(layers);
    }

    /** The positions some pair may be patched at; all prompts have one length here. */
    private List<Integer> positions() {
        var sides = new Sides(spec.basedOnClean());
        var prompt = sides.base(pairs.pairs().getFirst());
        return switch (spec.positions()) {
            case Positions.Span(String name) -> {
                var union = new TreeSet<Integer>();
                pairs.pairs()
                        .forEach(pair -> union.addAll(sides.base(pair).spans().getOrDefault(name, List.of())));
                yield List.copyOf(union);
            }
            case Positions.End _ -> List.of(prompt.end());
            case Positions.Listed listed -> resolved(listed, prompt.length());
            default -> upTo(prompt.length());
        };
    }

    /** Listed positions, ascending, negative ones counted from the end. */
    static List<Integer> resolved(Positions.Listed listed, int length) {
        return List.copyOf(new TreeSet<>(listed.positions().stream()
                .map(position -> position < 0 ? position + length : position)
                .toList()));
    }

    private int units() {
        return spec.sites().stream()
                .flatMap(site -> SitePoint.everywhere(site, architecture).stream())
                .mapToInt(point -> point.site().width(architecture, point.layer())
                        / point.site().heads(architecture))
                .max()
                .orElseThrow();
    }

    private static List<Integer> upTo(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    private static List<String> labels(List<Integer> numbers) {
        return numbers.stream().map(String::valueOf).toList();
    }
}
