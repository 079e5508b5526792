package dev.patchbay.analysis.sweep;

import dev.patchbay.analysis.pairs.PromptPair;
import dev.patchbay.model.program.Edit;
import dev.patchbay.model.program.Positions;
import dev.patchbay.model.program.Program;
import dev.patchbay.model.run.Model;
import dev.patchbay.model.run.Row;
import dev.patchbay.model.run.RunRequest;
import dev.patchbay.model.site.SitePoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;

/**
 * Runs a sweep: for each batch of pairs the base runs and the sources once, then the planned rows of many cells per forward
 * pass. Uses the model on the calling thread alone; owns nothing between calls.
 */
public final class SweepRunner {
    private static final String PATCHED = "patched";

    private final Model model;
    private final Grid grid;
    private final Planner planner;
    private final SweepLimits limits;
    private final MetricReader reader;
    private final Sides sides;
    private final Set<SitePoint> kept;

    /** A runner of one grid. */
    public SweepRunner(Model model, Grid grid, Planner planner, SweepLimits limits) {
        this.model = model;
        this.grid = grid;
        this.planner = planner;
        this.limits = limits;
        reader = new MetricReader(grid.spec().metric(), model.architecture());
        sides = new Sides(grid.spec().basedOnClean());
        kept = planner.kept(grid, model.graph());
    }

    /** A runner that reuses base runs, in passes of the default size. */
    public SweepRunner(Model model, Grid grid) {
        this(model, grid, new PrefixPlanner(), SweepLimits.DEFAULT);
    }

    /**
     * Runs every cell.
     *
     * @throws dev.patchbay.model.InputException where an edit does not fit the model
     * @throws CancellationException where {@code progress} asked for it
     */
    public SweepResult run(SweepProgress progress) {
        return new Pass(progress).run();
    }

    /** The state of one run. */
    private final class Pass {
        private final SweepProgress progress;
        private final long total = (long) grid.cells() * grid.pairs().size();
        private final double[] sums = new double[Math.toIntExact(total)];
        private final int[] counts = new int[sums.length];
        private final double[] base = new double[grid.pairs().size()];
        private final double[] other = new double[grid.pairs().size()];
        private SweepCounts counted = SweepCounts.NONE;
        private long patchNanos;
        private long baseNanos;

        Pass(SweepProgress progress) {
            this.progress = progress;
        }

        SweepResult run() {
            long begin = System.nanoTime();
            try (var sources = new SweepSources(model, grid, limits)) {
                baseNanos += System.nanoTime() - begin;
                int most = grid.spec().metric().reads() == dev.patchbay.analysis.metric.Reads.VOCABULARY
                        ? limits.rows(model.architecture().vocabulary())
                        : Integer.MAX_VALUE;
                var batches = PairBatches.of(grid.pairs().size(), this::tokens, baseTokens(), most);
                for (var batch : batches) {
                    batch(batch, sources);
                    progress.done((long) (batch.getLast() + 1) * grid.cells(), total);
                }
            }
            for (int i = 0; i < sums.length; i++) {
                sums[i] = counts[i] == 0 ? Double.NaN : sums[i] / counts[i];
            }
            var effects = new EffectsBuilder(grid, sums, base, grid.spec().needsCorrupted() ? other : new double[0]);
            return new SweepResult(effects.build(), counted.of(total), patchNanos / 1e9, baseNanos / 1e9);
        }

        /** Tokens of one batch of base runs, so that what they keep stays within the limit. */
        private long baseTokens() {
            long width = kept.stream()
                    .mapToLong(point -> point.site().width(model.architecture(), point.layer()))
                    .sum();
            return Math.clamp(limits.kept() / Math.max(width, 1), 1, limits.tokens());
        }

        private int tokens(int pair) {
            var its = grid.pairs().pairs().get(pair);
            return its.clean().length()
                    + its.corrupted().map(prompt -> prompt.length()).orElse(0);
        }

        private void batch(List<Integer> batch, SweepSources sources) {
            long begin = System.nanoTime();
            var pairs = batch.stream().map(grid.pairs().pairs()::get).toList();
            try (var runs = BaseRuns.run(
                    model, reader, pairs, pairs.stream().map(sides::base).toList(), kept)) {
                var metric = grid.spec().metric();
                for (int slot = 0; slot < batch.size(); slot++) {
                    var readout = runs.base().get(slot);
                    base[batch.get(slot)] = metric.value(readout, readout);
                }
                if (grid.spec().needsCorrupted()) {
                    var others = BaseRuns.read(
                            model,
                            reader,
                            pairs,
                            pairs.stream().map(sides::other).toList());
                    for (int slot = 0; slot < batch.size(); slot++) {
                        other[batch.get(slot)] =
                                metric.value(others.get(slot), runs.base().get(slot));
                    }
                }
                baseNanos += System.nanoTime() - begin;
                for (int draw = 0; draw < sources.draws(); draw++) {
                    draw(batch, runs, sources, draw);
                }
            }
        }

        private void draw(List<Integer> batch, BaseRuns runs, SweepSources sources, int draw) {
            long begin = System.nanoTime();
            try (var source = sources.open(batch, draw)) {
                long opened = System.nanoTime();
                baseNanos += opened - begin;
                var plan = planner.plan(grid, model.graph(), batch, source::firstChange);
                counted = counted.plus(plan);
                plan.skipped().forEach(known -> record(known.pair(), known.cell(), base[known.pair()]));
                var planned = plan.rows();
                int most = grid.spec().metric().reads() == dev.patchbay.analysis.metric.Reads.VOCABULARY
                        ? limits.rows(model.architecture().vocabulary())
                        : Integer.MAX_VALUE;
                var chunks = PairBatches.of(
                        planned.size(),
                        row -> grid.baseLength(planned.get(row).pair())
                                - planned.get(row).start(),
                        limits.tokens(),
                        most);
                for (var chunk : chunks) {
                    if (progress.isCancelled()) {
                        throw new CancellationException("the sweep was cancelled");
                    }
                    chunk(chunk.stream().map(planned::get).toList(), batch.getFirst(), runs, sources, source);
                }
                patchNanos += System.nanoTime() - opened;
            }
        }

        private void chunk(
                List<PlannedRow> planned, int firstPair, BaseRuns runs, SweepSources sources, ValueSource source) {
            var rows = new ArrayList<Row>(planned.size());
            var pairs = new ArrayList<PromptPair>(planned.size());
            for (var each : planned) {
                int slot = each.pair() - firstPair;
                Row whole = runs.rows()
                        .get(slot)
                        .withSpans(Map.of(PATCHED, each.spots().base()));
                var own = each.start() == 0 ? whole : whole.from(each.start(), slot);
                rows.add(own.joining(each.joinStep(), slot));
                pairs.add(grid.pairs().pairs().get(each.pair()));
            }
            var program = new Program(edits(planned, sources, source), reader.captures());
            var request = RunRequest.of(rows, reader.logits(pairs))
                    .with(program, source.bindings(planned))
                    .over(runs.keyValues(), runs.run());
            try (var run = model.run(request)) {
                var readouts = reader.read(run, pairs);
                for (int row = 0; row < planned.size(); row++) {
                    var each = planned.get(row);
                    double value = grid.spec()
                            .metric()
                            .value(readouts.get(row), runs.base().get(each.pair() - firstPair));
                    each.cells().forEach(cell -> record(each.pair(), cell, value));
                }
            }
        }

        /** One edit for each run of neighbouring rows that patch the same place. */
        private List<Edit> edits(List<PlannedRow> planned, SweepSources sources, ValueSource source) {
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

        private void record(int pair, int cell, double value) {
            int index = pair * grid.cells() + cell;
            sums[index] += value;
            counts[index]++;
        }
    }
}
