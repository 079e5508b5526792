package dev.patchbay.analysis.sweep;

import dev.patchbay.analysis.pairs.PromptPair;
import dev.patchbay.analysis.pairs.PromptPairs;
import dev.patchbay.analysis.sweep.GridAxes.Choice;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.program.Edit.LayerHead;
import dev.patchbay.model.program.Positions;
import dev.patchbay.model.program.Selection;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.site.SitePoint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * The cells of a sweep, row-major over its axes: where each patches, and at which positions of each pair. Immutable, for any
 * thread.
 */
public final class Grid {
    private final SweepSpec spec;
    private final Architecture architecture;
    private final PromptPairs pairs;
    private final Sides sides;
    private final List<GridAxis> axes;
    private final List<Choice> choices;
    private final int cells;
    private final List<Optional<Place>> places;
    /** Per pair, every position the sweep may touch. */
    private final List<Optional<Spots>> allowed;

    private Grid(SweepSpec spec, Architecture architecture, PromptPairs pairs) {
        this.spec = spec;
        this.architecture = architecture;
        this.pairs = pairs;
        sides = new Sides(spec.basedOnClean());
        var built = new GridAxes(spec, architecture, pairs);
        axes = built.axes();
        choices = built.choices();
        cells = axes.stream().mapToInt(GridAxis::size).reduce(1, Math::multiplyExact);
        // Cells that differ only in position share one place.
        Map<Place, Optional<Place>> shared = new HashMap<>();
        var every = new ArrayList<Optional<Place>>(cells);
        for (int cell = 0; cell < cells; cell++) {
            every.add(placed(cell).flatMap(place -> shared.computeIfAbsent(place, Optional::of)));
        }
        places = List.copyOf(every);
        allowed = pairs.pairs().stream().map(this::restricted).toList();
    }

    /**
     * The grid of a sweep.
     *
     * @throws dev.patchbay.model.InputException where the sweep does not fit the model or the pairs
     */
    public static Grid of(SweepSpec spec, Architecture architecture, PromptPairs pairs) {
        new SpecCheck(spec, architecture, pairs).check();
        var grid = new Grid(spec, architecture, pairs);
        SpecCheck.refuseEmpty(grid, pairs);
        return grid;
    }

    /** What it was made for. */
    public SweepSpec spec() {
        return spec;
    }

    /** The pairs it is over. */
    public PromptPairs pairs() {
        return pairs;
    }

    /** Whether direct effects are measured beside the total ones. */
    public boolean hasDirect() {
        return spec.direct()
                && spec.sites().stream()
                        .anyMatch(site -> DirectPlaces.output(site).isPresent());
    }

    /** Its axes, outermost first; none where everything is patched at once. */
    public List<GridAxis> axes() {
        return axes;
    }

    /** Number of cells, 1 without axes. */
    public int cells() {
        return cells;
    }

    /** The entry of each axis that a cell has. */
    public int[] entries(int cell) {
        var entries = new int[axes.size()];
        int rest = cell;
        for (int axis = axes.size() - 1; axis >= 0; axis--) {
            entries[axis] = rest % axes.get(axis).size();
            rest /= axes.get(axis).size();
        }
        return entries;
    }

    /** Every point that some cell touches. */
    public List<SitePoint> points() {
        var points = new LinkedHashSet<SitePoint>();
        IntStream.range(0, cells)
                .mapToObj(this::place)
                .flatMap(Optional::stream)
                .forEach(place -> points.addAll(place.points()));
        return List.copyOf(points);
    }

    /** Whether no cell touches a position but END. */
    boolean onlyEnds() {
        return spec.positions() instanceof Positions.End
                && choices.stream().noneMatch(choice -> choice instanceof Choice.At || choice instanceof Choice.Spans);
    }

    /** The positions at which a site must be kept to be patched. */
    Positions kept(Site site) {
        return onlyEnds() && !site.traits().keys() ? Positions.END : Positions.ALL;
    }

    /** Number of tokens of a pair's base prompt. */
    int baseLength(int pair) {
        return sides.base(pairs.pairs().get(pair)).length();
    }

    /** Where a cell patches; empty where the model or a restriction leaves nothing. */
    public Optional<Place> place(int cell) {
        return places.get(cell);
    }

    private Optional<Place> placed(int cell) {
        var entries = entries(cell);
        Site site = spec.sites().getFirst();
        Optional<Integer> layer = Optional.empty();
        Optional<Integer> head = Optional.empty();
        Selection units = Selection.ALL;
        List<LayerHead> named = spec.heads();
        boolean byName = !named.isEmpty() || !spec.sets().isEmpty();
        for (int axis = 0; axis < entries.length; axis++) {
            int entry = entries[axis];
            switch (choices.get(axis)) {
                case Choice.Sites(List<Site> sites) -> site = sites.get(entry);
                case Choice.Sets(List<HeadSet> sets) -> named = sets.get(entry).of(everyHead(site));
                case Choice.Layers(List<Integer> layers) -> layer = Optional.of(layers.get(entry));
                case Choice.Heads(List<Integer> heads) -> head = Optional.of(heads.get(entry));
                case Choice.NamedHeads(List<LayerHead> heads) -> named = List.of(heads.get(entry));
                case Choice.Units(List<Integer> each) -> units = Selection.of(each.get(entry));
                case Choice.At _, Choice.Spans _ -> {}
            }
        }
        return byName ? byName(site, named, layer, head, units) : byLayer(site, layer, head, units);
    }

    private Optional<Place> byLayer(Site site, Optional<Integer> layer, Optional<Integer> head, Selection units) {
        var layers = SitePoint.everywhere(site, architecture).stream()
                .map(SitePoint::layer)
                .filter(each -> !site.traits().perLayer() || spec.layers().contains(each))
                .filter(each -> layer.isEmpty() || layer.get().equals(each))
                .filter(each -> hasUnits(site, each, units))
                .toList();
        return layers.isEmpty() ? Optional.empty() : Optional.of(new Place(site, layers, one(head), List.of(), units));
    }

    private Optional<Place> byName(
            Site site, List<LayerHead> named, Optional<Integer> layer, Optional<Integer> head, Selection units) {
        var chosen = named.stream()
                .filter(each -> layer.isEmpty() || layer.get() == each.layer())
                .filter(each -> head.isEmpty() || head.get() == each.head())
                .filter(each -> spec.layers().contains(each.layer()))
                .toList();
        if (chosen.isEmpty()) {
            return Optional.empty();
        }
        var layers =
                List.copyOf(new TreeSet<>(chosen.stream().map(LayerHead::layer).toList()));
        return Optional.of(new Place(site, layers, Selection.ALL, chosen, units));
    }

    /** Every head of a site that the restrictions leave. */
    private List<LayerHead> everyHead(Site site) {
        int heads = site.heads(architecture);
        return SitePoint.everywhere(site, architecture).stream()
                .filter(point -> spec.layers().contains(point.layer()))
                .flatMap(point -> IntStream.range(0, heads).mapToObj(head -> new LayerHead(point.layer(), head)))
                .toList();
    }

    private boolean hasUnits(Site site, int layer, Selection units) {
        int size = site.width(architecture, layer) / site.heads(architecture);
        return units instanceof Selection.All || units.below(size)[0] < size;
    }

    private static Selection one(Optional<Integer> head) {
        return head.<Selection>map(Selection::of).orElse(Selection.ALL);
    }

    /** The positions of a pair that a cell patches; empty where the pair has none such. */
    public Optional<Spots> spots(int cell, int pair) {
        var entries = entries(cell);
        for (int axis = 0; axis < entries.length; axis++) {
            if (choices.get(axis) instanceof Choice.Spans(List<String> names)) {
                return span(pairs.pairs().get(pair), names.get(entries[axis]));
            }
            if (choices.get(axis) instanceof Choice.At(List<Integer> positions)) {
                int position = positions.get(entries[axis]);
                return allowed.get(pair)
                        .filter(spots -> spots.sourceOf(position) >= 0)
                        .map(_ -> Spots.same(List.of(position)));
            }
        }
        return allowed.get(pair);
    }

    /** Every position the sweep may touch in a pair. */
    private Optional<Spots> restricted(PromptPair pair) {
        return switch (spec.positions()) {
            case Positions.Span(String name) -> span(pair, name);
            case Positions.End _ -> span(pair, dev.patchbay.analysis.pairs.Prompt.END);
            case Positions.Listed listed ->
                Optional.of(
                        Spots.same(GridAxes.resolved(listed, sides.base(pair).length())));
            default ->
                Optional.of(Spots.same(
                        IntStream.range(0, sides.base(pair).length()).boxed().toList()));
        };
    }

    private Optional<Spots> span(PromptPair pair, String name) {
        var positions = sides.base(pair).span(name);
        if (pair.aligned() || spec.method().isAblation()) {
            return positions.map(Spots::same);
        }
        var source = sides.other(pair).span(name);
        return positions.flatMap(base -> source.map(from -> new Spots(base, from)));
    }
}
