package dev.patchbay.analysis.sweep;

import dev.patchbay.analysis.pairs.PromptPair;
import dev.patchbay.model.program.Edit;
import dev.patchbay.model.program.Positions;
import dev.patchbay.model.program.Program;
import dev.patchbay.model.run.Model;
import dev.patchbay.model.run.Row;
import dev.patchbay.model.run.RunRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runs planned rows of one batch of pairs, many in a forward pass. Owns nothing. */
final class PatchedRuns {
    private static final String PATCHED = "patched";

    private final Model model;
    private final Grid grid;
    private final MetricReader reader;
    private final BaseRuns runs;
    private final SweepSources sources;
    private final ValueSource source;
    private final int firstPair;
    private final boolean endsOnly;
    private final Optional<DirectRuns> direct;

    /** Takes what was found of a row. */
    interface Found {
        /**
         * A row's numbers.
         *
         * @param patched the metric of its run
         * @param direct the metric of its direct path; NaN where there is none
         */
        void found(PlannedRow row, double patched, double direct);
    }

    /**
     * Runs over the base runs of a batch.
     *
     * @param source what the batch's values come from
     * @param firstPair index of the batch's first pair
     * @param endsOnly whether past the last attention only END is computed
     * @param places which places have direct effects
     */
    PatchedRuns(
            Model model,
            Grid grid,
            MetricReader reader,
            BaseRuns runs,
            SweepSources sources,
            ValueSource source,
            int firstPair,
            boolean endsOnly,
            DirectPlaces places) {
        this.model = model;
        this.grid = grid;
        this.reader = reader;
        this.runs = runs;
        this.sources = sources;
        this.source = source;
        this.firstPair = firstPair;
        this.endsOnly = endsOnly;
        direct = grid.hasDirect()
                ? Optional.of(new DirectRuns(model, grid, reader, runs, sources, source, firstPair, places))
                : Optional.empty();
    }

    /** One forward pass, and one of the head where direct effects are measured. */
    void run(List<PlannedRow> planned, Found found) {
        var rows = new ArrayList<Row>(planned.size());
        var pairs = new ArrayList<PromptPair>(planned.size());
        for (var each : planned) {
            int slot = each.pair() - firstPair;
            Row whole =
                    runs.rows().get(slot).withSpans(Map.of(PATCHED, each.spots().base()));
            var own = each.start() == 0 ? whole : whole.from(each.start(), slot);
            var joining = own.joining(each.joinStep(), slot);
            rows.add(each.early() == 0 ? joining : joining.spreading(each.early(), each.spreadStep()));
            pairs.add(grid.pairs().pairs().get(each.pair()));
        }
        var captures = new ArrayList<>(reader.captures());
        direct.ifPresent(its -> captures.addAll(its.captures(planned)));
        var program = new Program(edits(planned), captures);
        var request = RunRequest.of(rows, reader.logits(pairs))
                .with(program, source.bindings(planned))
                .over(runs.keyValues(), runs.run());
        try (var run = model.run(endsOnly ? request.onlyEnds() : request)) {
            var readouts = reader.read(run, pairs);
            var totals = new double[planned.size()];
            for (int row = 0; row < totals.length; row++) {
                var base = runs.base().get(planned.get(row).pair() - firstPair);
                totals[row] = grid.spec().metric().value(readouts.get(row), base);
            }
            var directs = direct.map(its -> its.run(planned, run, totals));
            for (int row = 0; row < totals.length; row++) {
                int place = row;
                double its = directs.map(values -> values[place]).orElse(Double.NaN);
                found.found(planned.get(row), totals[row], its);
            }
        }
    }

    /** One edit for each run of neighbouring rows that patch the same place. */
    private List<Edit> edits(List<PlannedRow> planned) {
        var edits = new ArrayList<Edit>();
        int from = 0;
        while (from < planned.size()) {
            var place = planned.get(from).place();
            int to = from + 1;
            while (to < planned.size() && planned.get(to).place().equals(place)) {
                to++;
            }
            int begin = from;
            var numbers = new int[to - from];
            Arrays.setAll(numbers, i -> begin + i);
            var edit = place.edit().positions(new Positions.Span(PATCHED)).rows(numbers);
            edits.add(sources.edit(edit, source.source()));
            from = to;
        }
        return edits;
    }
}
