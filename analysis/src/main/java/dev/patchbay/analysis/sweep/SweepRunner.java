package dev.patchbay.analysis.sweep;

import dev.patchbay.analysis.metric.Reads;
import dev.patchbay.model.run.Model;
import dev.patchbay.model.site.SitePoint;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;

/**
 * Runs a sweep: for each batch of pairs the base runs and the sources once, then the planned rows of many cells per forward
 * pass. Uses the model on the calling thread alone; owns nothing between calls.
 */
public final class SweepRunner {
    private final Model model;
    private final Grid grid;
    private final Planner planner;
    private final SweepLimits limits;
    private final MetricReader reader;
    private final Set<SitePoint> kept;
    private final boolean reuses;
    /** Rows of one pass. */
    private final int most;

    /** A runner of one grid. */
    public SweepRunner(Model model, Grid grid, Planner planner, SweepLimits limits) {
        this.model = model;
        this.grid = grid;
        this.planner = planner;
        this.limits = limits;
        reader = new MetricReader(grid.spec().metric(), model.architecture());
        reuses = planner.reuses(grid);
        kept = planner.kept(grid, model.graph());
        most = grid.spec().metric().reads() == Reads.VOCABULARY
                ? limits.rows(model.architecture().vocabulary())
                : Integer.MAX_VALUE;
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
        return new Pass(progress, SweepJournal.NONE, Integer.MAX_VALUE).run();
    }

    /**
     * Runs every cell that {@code journal} does not know yet, and hands it each unit of work as soon as it is finished. A unit
     * is about one forward pass: some neighbouring pairs of a batch, a pair never in two. In the {@code exact} profile the
     * result does not depend on what was known.
     *
     * @throws dev.patchbay.model.InputException where an edit does not fit the model
     * @throws CancellationException where {@code progress} asked for it
     */
    public SweepResult run(SweepProgress progress, SweepJournal journal) {
        return new Pass(progress, journal, limits.tokens()).run();
    }

    /** The state of one run. */
    private final class Pass {
        private final SweepProgress progress;
        private final SweepJournal journal;
        private final long unitTokens;
        private final long total = (long) grid.cells() * grid.pairs().size();
        private final SweepTally tally = new SweepTally(grid);
        private SweepCounts counted = SweepCounts.NONE;
        private long patchNanos;
        private long baseNanos;

        Pass(SweepProgress progress, SweepJournal journal, long unitTokens) {
            this.progress = progress;
            this.journal = journal;
            this.unitTokens = unitTokens;
        }

        SweepResult run() {
            journal.known().forEach(tally::add);
            long begin = System.nanoTime();
            try (var sources = new SweepSources(model, grid, limits)) {
                baseNanos += System.nanoTime() - begin;
                var batches = PairBatches.of(grid.pairs().size(), this::tokens, baseTokens(), most);
                for (var batch : batches) {
                    if (batch.stream().anyMatch(pair -> tally.draws(pair) < sources.draws())) {
                        batch(batch, sources);
                    }
                }
                var effects = tally.effects(sources.draws());
                return new SweepResult(effects, counted.of(total), patchNanos / 1e9, baseNanos / 1e9);
            }
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
            try (var runs = BaseRuns.of(model, grid, reader, pairs, kept, reuses)) {
                var metric = grid.spec().metric();
                for (int slot = 0; slot < batch.size(); slot++) {
                    var base = runs.base().get(slot);
                    var other = runs.others().get(slot);
                    tally.pair(batch.get(slot), metric.value(base, base), metric.value(other, base));
                }
                baseNanos += System.nanoTime() - begin;
                for (int draw = 0; draw < sources.draws(); draw++) {
                    draw(batch, runs, sources, draw);
                }
            }
        }

        private void draw(List<Integer> batch, BaseRuns runs, SweepSources sources, int draw) {
            long begin = System.nanoTime();
            try (var source = sources.open(batch, draw, runs)) {
                long opened = System.nanoTime();
                baseNanos += opened - begin;
                var plan = planner.plan(grid, model.graph(), batch, source::firstChange);
                var patched = new PatchedRuns(model, grid, reader, runs, sources, source, batch.getFirst(), reuses);
                var units = UnitPlan.cut(batch, plan, this::rowTokens, unitTokens, pair -> tally.draws(pair) <= draw);
                for (var unit : units) {
                    counted = counted.plus(unit.plan());
                    var done = tally.unit(unit, draw, values(unit, patched));
                    tally.add(done);
                    journal.finished(done);
                    progress.done(tally.finished() / sources.draws(), total);
                }
                patchNanos += System.nanoTime() - opened;
            }
        }

        private int rowTokens(PlannedRow row) {
            return grid.baseLength(row.pair()) - row.start();
        }

        /** The metric of every cell of a unit's pairs, NaN where a pair lacks the cell. */
        private double[] values(UnitPlan unit, PatchedRuns patched) {
            int cells = grid.cells();
            int first = unit.firstPair();
            var values = new double[unit.pairs().size() * cells];
            Arrays.fill(values, Double.NaN);
            unit.plan()
                    .skipped()
                    .forEach(known -> values[(known.pair() - first) * cells + known.cell()] = tally.base(known.pair()));
            var rows = unit.plan().rows();
            for (var chunk : PairBatches.of(rows.size(), row -> rowTokens(rows.get(row)), limits.tokens(), most)) {
                if (progress.isCancelled()) {
                    throw new CancellationException("the sweep was cancelled");
                }
                patched.run(
                        chunk.stream().map(rows::get).toList(),
                        (row, value) ->
                                row.cells().forEach(cell -> values[(row.pair() - first) * cells + cell] = value));
            }
            return values;
        }
    }
}
