package dev.patchbay.analysis.sweep;

import dev.patchbay.analysis.pairs.PromptPair;
import dev.patchbay.device.DType;
import dev.patchbay.device.Tensor;
import dev.patchbay.model.graph.Graph;
import dev.patchbay.model.program.Capture;
import dev.patchbay.model.program.Edit;
import dev.patchbay.model.program.Positions;
import dev.patchbay.model.program.Program;
import dev.patchbay.model.program.Selection;
import dev.patchbay.model.program.Source;
import dev.patchbay.model.run.Bindings;
import dev.patchbay.model.run.Captured;
import dev.patchbay.model.run.Logits;
import dev.patchbay.model.run.Model;
import dev.patchbay.model.run.Row;
import dev.patchbay.model.run.Run;
import dev.patchbay.model.run.RunRequest;
import dev.patchbay.model.run.SiteValues;
import dev.patchbay.model.site.SitePoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Direct effects: the metric where everything after the patched component keeps its base values but the final norm and the
 * unembedding. What the patch changes in the component's output at END (kept by the patched run itself, for several layers
 * at once made from the base run layer by layer) is added to the base run's last residual stream at END, and the head runs on
 * that one token. A patch that does not touch END changes nothing directly; where nothing else reads the output, direct is
 * the patched run. Owns nothing between calls.
 */
final class DirectRuns {
    private final Model model;
    private final Grid grid;
    private final MetricReader reader;
    private final BaseRuns runs;
    private final SweepSources sources;
    private final ValueSource source;
    private final int firstPair;
    private final DirectPlaces places;

    /** As {@link PatchedRuns}, whose rows these go along with. */
    DirectRuns(
            Model model,
            Grid grid,
            MetricReader reader,
            BaseRuns runs,
            SweepSources sources,
            ValueSource source,
            int firstPair,
            DirectPlaces places) {
        this.model = model;
        this.grid = grid;
        this.reader = reader;
        this.runs = runs;
        this.sources = sources;
        this.source = source;
        this.firstPair = firstPair;
        this.places = places;
    }

    /** What base runs keep besides the sites of {@code whole}: END of what is read here. */
    static List<Capture> kept(Grid grid, Graph graph, DirectPlaces places, Set<SitePoint> whole) {
        var points = new LinkedHashSet<SitePoint>();
        for (int cell = 0; cell < grid.cells(); cell++) {
            grid.place(cell).filter(places::isMeasured).ifPresent(place -> {
                points.addAll(places.outputs(place));
                if (place.layers().size() > 1) {
                    place.points().forEach(point -> points.addAll(graph.joinPoints(graph.joinStep(point))));
                }
            });
        }
        if (!points.isEmpty()) {
            points.add(places.streamEnd());
        }
        points.removeAll(whole);
        return points.stream()
                .map(point -> new Capture(point, Positions.END, Selection.ALL))
                .toList();
    }

    /** What the patched run of these rows must keep. */
    List<Capture> captures(List<PlannedRow> planned) {
        var captures = new ArrayList<Capture>();
        keptByRun(planned)
                .forEach((point, rows) -> captures.add(new Capture(point, Positions.END, Selection.of(numbers(rows)))));
        return captures;
    }

    /** Rows of one layer whose direct effect is measured, by the output that they change. */
    private Map<SitePoint, List<Integer>> keptByRun(List<PlannedRow> planned) {
        var rows = new LinkedHashMap<SitePoint, List<Integer>>();
        for (int row = 0; row < planned.size(); row++) {
            if (isMeasured(planned.get(row))
                    && planned.get(row).place().layers().size() == 1) {
                var output = places.outputs(planned.get(row).place()).getFirst();
                rows.computeIfAbsent(output, _ -> new ArrayList<>()).add(row);
            }
        }
        return rows;
    }

    private boolean isMeasured(PlannedRow row) {
        return touchesEnd(row) && places.isMeasured(row.place());
    }

    private boolean touchesEnd(PlannedRow row) {
        return row.spots().base().getLast() == end(row);
    }

    private int end(PlannedRow row) {
        return grid.baseLength(row.pair()) - 1;
    }

    private int slot(PlannedRow row) {
        return row.pair() - firstPair;
    }

    /**
     * The metric of the direct path of each row, NaN where its place has none.
     *
     * @param patched the rows' run, with what {@link #captures} asked for
     * @param totals its metric, a row each
     */
    double[] run(List<PlannedRow> planned, Run patched, double[] totals) {
        var direct = totals.clone();
        var measured = new ArrayList<Integer>();
        for (int row = 0; row < planned.size(); row++) {
            var each = planned.get(row);
            if (!places.hasDirect(each.place())) {
                direct[row] = Double.NaN;
            } else if (!touchesEnd(each)) {
                var base = runs.base().get(slot(each));
                direct[row] = grid.spec().metric().value(base, base);
            } else if (places.isMeasured(each.place())) {
                measured.add(row);
            }
        }
        if (!measured.isEmpty()) {
            var changes = new ArrayList<Change>();
            try {
                changes(planned, patched, changes);
                head(planned, measured, changes, direct);
            } finally {
                changes.forEach(change -> change.tensor().buffer().close());
            }
        }
        return direct;
    }

    /**
     * What patches change in one output at END.
     *
     * @param tensor {@code [rows, d_model]}: patched − base
     * @param rows which of the planned rows, ascending
     */
    private record Change(SitePoint output, Tensor tensor, List<Integer> rows) {}

    private void changes(List<PlannedRow> planned, Run patched, List<Change> changes) {
        keptByRun(planned)
                .forEach((output, rows) ->
                        changes.add(change(planned, output, rows, patched.capture(output), numbers(rows))));
        var several = new LinkedHashMap<SitePoint, List<Integer>>();
        for (int row = 0; row < planned.size(); row++) {
            var place = planned.get(row).place();
            if (isMeasured(planned.get(row)) && place.layers().size() > 1) {
                for (var output : places.outputs(place)) {
                    several.computeIfAbsent(output, _ -> new ArrayList<>()).add(row);
                }
            }
        }
        several.forEach((output, rows) -> changes.add(alone(planned, output, rows)));
    }

    /** One layer's part of rows that patch several, made over the base run. */
    private Change alone(List<PlannedRow> planned, SitePoint output, List<Integer> rows) {
        var own = new ArrayList<PlannedRow>();
        for (int row : rows) {
            var each = planned.get(row);
            var place = each.place().in(output.layer());
            int join = model.graph().joinStep(place.points().getFirst());
            var spots = each.spots().from(end(each)).orElseThrow();
            own.add(new PlannedRow(each.pair(), place, spots, end(each), join, 0, join, each.cells()));
        }
        var batch = own.stream().map(each -> end(each, each.joinStep())).toList();
        var edits = new ArrayList<Edit>();
        for (int row = 0; row < own.size(); row++) {
            var edit = own.get(row).place().edit().positions(Positions.END).rows(row);
            edits.add(sources.edit(edit, source.source()));
        }
        var request = RunRequest.of(batch, Logits.NONE)
                .with(new Program(edits, List.of(new Capture(output))), source.bindings(own))
                .over(runs.keyValues(), runs.run());
        try (var run = model.run(request)) {
            int[] all = new int[own.size()];
            Arrays.setAll(all, row -> row);
            return change(planned, output, rows, run.capture(output), all);
        }
    }

    /** The last token of a row's base prompt, joining after a step. */
    private Row end(PlannedRow row, int joinStep) {
        Row whole = runs.rows().get(slot(row));
        int last = end(row);
        return (last == 0 ? whole : whole.from(last, slot(row))).joining(joinStep, slot(row));
    }

    private Change change(
            List<PlannedRow> planned, SitePoint output, List<Integer> rows, Captured patched, int[] captured) {
        var base = runs.run().capture(output);
        var from = new int[rows.size()];
        var before = new int[rows.size()];
        for (int i = 0; i < from.length; i++) {
            var each = planned.get(rows.get(i));
            from[i] = Math.toIntExact(patched.index(captured[i], end(each)));
            before[i] = Math.toIntExact(base.index(slot(each), end(each)));
        }
        Tensor changed = gathered(patched.tensor(), from);
        try {
            Tensor unchanged = gathered(base.tensor(), before);
            model.device().ops().add(changed, unchanged, -1, changed);
            unchanged.buffer().close();
        } catch (RuntimeException failed) {
            changed.buffer().close();
            throw failed;
        }
        return new Change(output, changed, rows);
    }

    private Tensor gathered(Tensor values, int[] rows) {
        Tensor index = model.device().upload(rows, "rows of direct effects");
        try {
            Tensor chosen = model.device().tensor(DType.F32, rows.length, values.columns(), "direct effects");
            model.device().ops().gather(values, index, chosen, null, rows.length);
            return chosen;
        } finally {
            index.buffer().close();
        }
    }

    /** Runs the head over the base run's last stream with the changes added. */
    private void head(List<PlannedRow> planned, List<Integer> measured, List<Change> changes, double[] direct) {
        int join = model.graph().headBegin() - 1;
        var rowOf = new int[planned.size()];
        var rows = new ArrayList<Row>();
        var pairs = new ArrayList<PromptPair>();
        for (int row : measured) {
            rowOf[row] = rows.size();
            rows.add(end(planned.get(row), join));
            pairs.add(grid.pairs().pairs().get(planned.get(row).pair()));
        }
        var edits = new ArrayList<Edit>();
        Map<Source, SiteValues> bound = new LinkedHashMap<>();
        for (var change : changes) {
            var its = new Source.Run("change" + bound.size());
            var numbers = change.rows().stream().mapToInt(row -> rowOf[row]).toArray();
            var place = new int[rows.size()];
            for (int i = 0; i < numbers.length; i++) {
                place[numbers[i]] = i;
            }
            bound.put(its, new Changed(change.tensor(), place));
            edits.add(Edit.at(places.streamEnd().site())
                    .layers(places.streamEnd().layer())
                    .positions(Positions.END)
                    .rows(numbers)
                    .add(places.gain(change.output()), its));
        }
        var bindings = new Bindings() {
            @Override
            public SiteValues values(Source asked, SitePoint point) {
                var values = bound.get(asked);
                return values == null ? Bindings.super.values(asked, point) : values;
            }
        };
        var request = RunRequest.of(rows, reader.logits(pairs))
                .with(new Program(edits, reader.captures()), bindings)
                .over(runs.keyValues(), runs.run());
        try (var run = model.run(request)) {
            var readouts = reader.read(run, pairs);
            for (int row : measured) {
                var base = runs.base().get(slot(planned.get(row)));
                direct[row] = grid.spec().metric().value(readouts.get(rowOf[row]), base);
            }
        }
    }

    /** Changes as the edits of the head's rows find them. */
    private record Changed(Tensor tensor, int[] place) implements SiteValues {
        @Override
        public long index(int row, int position, int head) {
            return place[row];
        }
    }

    private static int[] numbers(List<Integer> rows) {
        return rows.stream().mapToInt(Integer::intValue).toArray();
    }
}
