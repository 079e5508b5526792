package dev.patchbay.analysis.sweep;

import dev.patchbay.analysis.metric.Reads;
import dev.patchbay.device.OutOfDeviceMemoryException;
import dev.patchbay.model.program.Capture;
import dev.patchbay.model.run.Model;
import dev.patchbay.model.site.SitePoint;
import java.util.ArrayList;
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
    private final List<Capture> keptForDirect;
    private final DirectPlaces places;
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
        places = new DirectPlaces(model.graph());
        keptForDirect = grid.hasDirect() ? DirectRuns.kept(grid, model.graph(), places, kept) : List.of();
        most = grid.spec().metric().reads() == Reads.VOCABULARY
                ? limits.rows(model.architecture().vocabulary())
                : Integer.MAX_VALUE;
    }

    /** A runner that reuses base runs, in passes that fit the device. */
    public SweepRunner(Model model, Grid grid) {
        this(model, grid, new PrefixPlanner(), SweepLimits.of(model));
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

    /** The metric of every cell that the planner wants, {@code [pairs, cells]}, 0 elsewhere. */
    double[] patched(SweepProgress progress) {
        return new Pass(progress, SweepJournal.NONE, Integer.MAX_VALUE).patched();
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
        private int chunkTokens = limits.tokens();
        private long baseNanos;

        Pass(SweepProgress progress, SweepJournal journal, long unitTokens) {
            this.progress = progress;
            this.journal = journal;
            this.unitTokens = unitTokens;
        }

        SweepResult run() {
            int draws = all();
            return new SweepResult(tally.effects(draws), counted.of(total), patchNanos / 1e9, baseNanos / 1e9);
        }

        double[] patched() {
            return tally.patched(all());
        }

        /** Runs everything; the number of draws. */
        private int all() {
            journal.known().forEach(tally::add);
            long begin = System.nanoTime();
            try (var sources = new SweepSources(model, grid, limits)) {
                baseNanos += System.nanoTime() - begin;
                int draws = sources.draws();
                progress.done(tally.finished() / draws, total);
                for (var batch : PairBatches.of(grid.pairs().size(), this::tokens, baseTokens(), most)) {
                    for (var open : open(batch, draws)) {
                        batch(open, sources);
                    }
                }
                return draws;
            }
        }

        /** The runs of neighbours in a batch that have work left. */
        private List<List<Integer>> open(List<Integer> batch, int draws) {
            var runs = new ArrayList<List<Integer>>();
            List<Integer> run = new ArrayList<>();
            for (int pair : batch) {
                if (tally.draws(pair) < draws && planner.wants(pair)) {
                    run.add(pair);
                } else if (!run.isEmpty()) {
                    runs.add(run);
                    run = new ArrayList<>();
                }
            }
            if (!run.isEmpty()) {
                runs.add(run);
            }
            return runs;
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

        /** A batch, or its halves where the device has not the memory for it. */
        private void batch(List<Integer> batch, SweepSources sources) {
            try {
                whole(batch, sources);
            } catch (OutOfDeviceMemoryException full) {
                if (batch.size() == 1) {
                    throw full;
                }
                int half = batch.size() / 2;
                batch(batch.subList(0, half), sources);
                batch(batch.subList(half, batch.size()), sources);
            }
        }

        private void whole(List<Integer> batch, SweepSources sources) {
            stopIfAsked();
            long begin = System.nanoTime();
            var pairs = batch.stream().map(grid.pairs().pairs()::get).toList();
            try (var runs = BaseRuns.of(model, grid, reader, pairs, kept, keptForDirect, reuses)) {
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
                var patched =
                        new PatchedRuns(model, grid, reader, runs, sources, source, batch.getFirst(), reuses, places);
                var units = UnitPlan.cut(batch, plan, this::rowTokens, unitTokens, pair -> tally.draws(pair) <= draw);
                for (var unit : units) {
                    var done = unit(unit, draw, patched, sources.draws());
                    counted = counted.plus(unit.plan());
                    tally.add(done);
                    journal.finished(done);
                    progress.pairs(tally.pairs(sources.draws()), grid.pairs().size());
                    progress.done(tally.finished() / sources.draws(), total);
                }
                patchNanos += System.nanoTime() - opened;
            }
        }

        private int rowTokens(PlannedRow row) {
            return grid.baseLength(row.pair()) - row.start();
        }

        /** The metric of every cell of a unit's pairs, NaN where a pair lacks the cell. */
        private SweepUnit unit(UnitPlan unit, int draw, PatchedRuns patched, int draws) {
            int cells = grid.cells();
            int first = unit.firstPair();
            var values = new double[unit.pairs().size() * cells];
            var direct = new double[grid.hasDirect() ? values.length : 0];
            Arrays.fill(values, Double.NaN);
            Arrays.fill(direct, Double.NaN);
            for (var known : unit.plan().skipped()) {
                int at = (known.pair() - first) * cells + known.cell();
                values[at] = tally.base(known.pair());
                if (direct.length > 0
                        && grid.place(known.cell()).filter(places::hasDirect).isPresent()) {
                    direct[at] = values[at];
                }
            }
            var rows = unit.plan().rows();
            long answered = unit.plan().skipped().size();
            for (var chunk : PairBatches.of(rows.size(), row -> rowTokens(rows.get(row)), chunkTokens, most)) {
                var some = chunk.stream().map(rows::get).toList();
                chunk(some, patched, (row, value, directly) -> {
                    for (int cell : row.cells()) {
                        int at = (row.pair() - first) * cells + cell;
                        values[at] = value;
                        if (direct.length > 0) {
                            direct[at] = directly;
                        }
                    }
                });
                answered += some.stream().mapToInt(row -> row.cells().size()).sum();
                progress.done((tally.finished() + answered) / draws, total);
            }
            return tally.unit(unit, draw, values, direct);
        }

        /** A pass, or its halves where the device has not the memory for it; later ones are no larger. */
        private void chunk(List<PlannedRow> rows, PatchedRuns patched, PatchedRuns.Found found) {
            stopIfAsked();
            try {
                patched.run(rows, found);
            } catch (OutOfDeviceMemoryException full) {
                if (rows.size() == 1) {
                    throw full;
                }
                int half = rows.size() / 2;
                chunkTokens = Math.min(
                        chunkTokens,
                        rows.subList(0, half).stream().mapToInt(this::rowTokens).sum());
                chunk(rows.subList(0, half), patched, found);
                chunk(rows.subList(half, rows.size()), patched, found);
            }
        }

        private void stopIfAsked() {
            if (progress.isCancelled()) {
                throw new CancellationException("the sweep was cancelled");
            }
        }
    }
}
