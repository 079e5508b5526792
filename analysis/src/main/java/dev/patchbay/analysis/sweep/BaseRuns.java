package dev.patchbay.analysis.sweep;

import dev.patchbay.analysis.metric.Readout;
import dev.patchbay.analysis.pairs.PromptPair;
import dev.patchbay.model.program.Capture;
import dev.patchbay.model.program.Program;
import dev.patchbay.model.program.Selection;
import dev.patchbay.model.run.Bindings;
import dev.patchbay.model.run.KeyValues;
import dev.patchbay.model.run.Logits;
import dev.patchbay.model.run.Model;
import dev.patchbay.model.run.Row;
import dev.patchbay.model.run.Run;
import dev.patchbay.model.run.RunRequest;
import dev.patchbay.model.site.SitePoint;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/**
 * The runs without intervention of a batch of pairs: that of every base prompt and, where the sweep needs them, that of every
 * other prompt, which begins where it differs from the base. Owns their device memory.
 */
final class BaseRuns implements AutoCloseable {
    private final Run run;
    private final KeyValues keyValues;
    private final List<Row> rows;
    private final List<Readout> base;
    private final Optional<Run> other;
    private final List<Readout> others;

    private BaseRuns(
            Run run,
            KeyValues keyValues,
            List<Row> rows,
            List<Readout> base,
            Optional<Run> other,
            List<Readout> others) {
        this.run = run;
        this.keyValues = keyValues;
        this.rows = rows;
        this.base = base;
        this.other = other;
        this.others = others;
    }

    /**
     * Runs the prompts of some pairs; the caller closes what comes back.
     *
     * @param kept sites that rows which join late begin with
     * @param more what else the base runs keep
     * @param reuses whether what nothing reads may be left out
     */
    static BaseRuns of(
            Model model,
            Grid grid,
            MetricReader reader,
            List<PromptPair> pairs,
            Collection<SitePoint> kept,
            List<Capture> more,
            boolean reuses) {
        var sides = new Sides(grid.spec().basedOnClean());
        var rows = pairs.stream().map(pair -> Row.of(sides.base(pair).ids())).toList();
        var logits = reader.logits(pairs);
        var run = model.run(
                request(grid, reader, rows, logits, kept, more, reuses).keeping());
        var keyValues = run.keyValues();
        Optional<Run> other = Optional.empty();
        try {
            var base = reader.read(run, pairs);
            if (!grid.spec().needsCorrupted()) {
                return new BaseRuns(run, keyValues, rows, base, other, base);
            }
            var otherRows = new ArrayList<Row>();
            for (int slot = 0; slot < pairs.size(); slot++) {
                var pair = pairs.get(slot);
                var whole = Row.of(sides.other(pair).ids());
                int same = reuses && pair.aligned()
                        ? Math.min(Sides.firstDifference(sides.base(pair), sides.other(pair)), whole.length() - 1)
                        : 0;
                otherRows.add(same == 0 ? whole : whole.from(same, slot));
            }
            Collection<SitePoint> patched = grid.spec().method() instanceof Method.Patch ? grid.points() : List.of();
            other = Optional.of(model.run(request(grid, reader, otherRows, logits, patched, List.of(), reuses)
                    .over(keyValues)));
            return new BaseRuns(run, keyValues, rows, base, other, reader.read(other.get(), pairs));
        } catch (RuntimeException e) {
            other.ifPresent(Run::close);
            keyValues.close();
            run.close();
            throw e;
        }
    }

    private static RunRequest request(
            Grid grid,
            MetricReader reader,
            List<Row> rows,
            Logits logits,
            Collection<SitePoint> points,
            List<Capture> more,
            boolean reuses) {
        var captures = new LinkedHashMap<SitePoint, Capture>();
        reader.captures().forEach(capture -> captures.put(capture.point(), capture));
        points.forEach(point -> captures.put(point, new Capture(point, grid.kept(point.site()), Selection.ALL)));
        more.forEach(capture -> captures.putIfAbsent(capture.point(), capture));
        var request = RunRequest.of(rows, logits).with(Program.captures(List.copyOf(captures.values())), Bindings.NONE);
        return reuses ? request.onlyEnds() : request;
    }

    /** What the base runs kept for rows that join late. */
    Run run() {
        return run;
    }

    /** Keys and values of the base prompts, one row a pair in their order. */
    KeyValues keyValues() {
        return keyValues;
    }

    /** The base prompts as rows. */
    List<Row> rows() {
        return rows;
    }

    /** What the metric reads of the base prompts. */
    List<Readout> base() {
        return base;
    }

    /** The runs of the other prompts, with the sites that are patched. */
    Run other() {
        return other.orElseThrow(() -> new IllegalStateException("the sweep has no other prompts"));
    }

    /** What the metric reads of the other prompts; of the base prompts where there are none. */
    List<Readout> others() {
        return others;
    }

    @Override
    public void close() {
        other.ifPresent(Run::close);
        keyValues.close();
        run.close();
    }
}
