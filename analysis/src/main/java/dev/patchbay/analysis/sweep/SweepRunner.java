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
import java.util.function.ObjDoubleConsumer;

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
        private final double[] sums = new double[Math.toIntExact(total)];
        /** Per pair, the draws that are in the sums. */
        private final int[] draws = new int[grid.pairs().size()];

        private final double[] base = new double[grid.pairs().size()];
        private final double[] other = new double[grid.pairs().size()];
        private long finished;
        private SweepCounts counted = SweepCounts.NONE;
        private long patchNanos;
        private long baseNanos;

        Pass(SweepProgress progress, SweepJournal journal, long unitTokens) {
            this.progress = progress;
            this.journal = journal;
            this.unitTokens = unitTokens;
        }

        SweepResult run() {
            journal.known().forEach(this::add);
            long begin = System.nanoTime();
            try (var sources = new SweepSources(model, grid, limits)) {
                baseNanos += System.nanoTime() - begin;
                int most = grid.spec().metric().reads() == dev.patchbay.analysis.metric.Reads.VOCABULARY
                        ? limits.rows(model.architecture().vocabulary())
                        : Integer.MAX_VALUE;
                var batches = PairBatches.of(grid.pairs().size(), this::tokens, baseTokens(), most);
                for (var batch : batches) {
                    if (batch.stream().anyMatch(pair -> draws[pair] < sources.draws())) {
                        batch(batch, sources);
                    }
                }
                for (int i = 0; i < sums.length; i++) {
                    sums[i] /= sources.draws();
                }
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
                    if (draws[batch.get(slot)] == 0) {
                        base[batch.get(slot)] = metric.value(readout, readout);
                    }
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
                var units = units(batch, plan, draw);
                var parts = parts(plan, batch, units);
                for (int i = 0; i < units.size(); i++) {
                    unit(units.get(i), parts.get(i), draw, batch.getFirst(), runs, sources, source);
                    progress.done(finished / sources.draws(), total);
                }
                patchNanos += System.nanoTime() - opened;
            }
        }

        /** Cuts a batch into units of about one pass and leaves out what is known. The cut depends on the plan alone. */
        private List<List<Integer>> units(List<Integer> batch, Plan plan, int draw) {
            int first = batch.getFirst();
            var tokens = new int[batch.size()];
            for (var row : plan.rows()) {
                int slot = row.pair() - first;
                tokens[slot] = (int) Math.min(unitTokens, (long) tokens[slot] + rowTokens(row));
            }
            var units = new ArrayList<List<Integer>>();
            for (var slots : PairBatches.of(batch.size(), slot -> tokens[slot], unitTokens, batch.size())) {
                var open = new ArrayList<Integer>();
                for (int slot : slots) {
                    if (draws[first + slot] <= draw) {
                        open.add(first + slot);
                    } else if (!open.isEmpty()) {
                        units.add(List.copyOf(open));
                        open.clear();
                    }
                }
                if (!open.isEmpty()) {
                    units.add(List.copyOf(open));
                }
            }
            return units;
        }

        /** What of a plan concerns each unit. */
        private List<Plan> parts(Plan plan, List<Integer> batch, List<List<Integer>> units) {
            int first = batch.getFirst();
            var unitOf = new int[batch.size()];
            Arrays.fill(unitOf, -1);
            var rows = new ArrayList<List<PlannedRow>>();
            var skipped = new ArrayList<List<Plan.Known>>();
            for (int unit = 0; unit < units.size(); unit++) {
                rows.add(new ArrayList<>());
                skipped.add(new ArrayList<>());
                for (int pair : units.get(unit)) {
                    unitOf[pair - first] = unit;
                }
            }
            plan.rows().stream()
                    .filter(row -> unitOf[row.pair() - first] >= 0)
                    .forEach(row -> rows.get(unitOf[row.pair() - first]).add(row));
            plan.skipped().stream()
                    .filter(known -> unitOf[known.pair() - first] >= 0)
                    .forEach(known -> skipped.get(unitOf[known.pair() - first]).add(known));
            var parts = new ArrayList<Plan>();
            for (int unit = 0; unit < units.size(); unit++) {
                long answered = rows.get(unit).stream()
                        .mapToLong(row -> row.cells().size())
                        .sum();
                parts.add(new Plan(
                        rows.get(unit),
                        skipped.get(unit),
                        answered + skipped.get(unit).size()));
            }
            return parts;
        }

        private int rowTokens(PlannedRow row) {
            return grid.baseLength(row.pair()) - row.start();
        }

        private void unit(
                List<Integer> unit,
                Plan plan,
                int draw,
                int firstOfBatch,
                BaseRuns runs,
                SweepSources sources,
                ValueSource source) {
            counted = counted.plus(plan);
            int first = unit.getFirst();
            var values = new double[unit.size() * grid.cells()];
            Arrays.fill(values, Double.NaN);
            plan.skipped()
                    .forEach(
                            known -> values[(known.pair() - first) * grid.cells() + known.cell()] = base[known.pair()]);
            var planned = plan.rows();
            int most = grid.spec().metric().reads() == dev.patchbay.analysis.metric.Reads.VOCABULARY
                    ? limits.rows(model.architecture().vocabulary())
                    : Integer.MAX_VALUE;
            var chunks = PairBatches.of(planned.size(), row -> rowTokens(planned.get(row)), limits.tokens(), most);
            for (var chunk : chunks) {
                if (progress.isCancelled()) {
                    throw new CancellationException("the sweep was cancelled");
                }
                chunk(
                        chunk.stream().map(planned::get).toList(),
                        firstOfBatch,
                        runs,
                        sources,
                        source,
                        (row, value) -> row.cells()
                                .forEach(cell -> values[(row.pair() - first) * grid.cells() + cell] = value));
            }
            int end = first + unit.size();
            var done = new SweepUnit(
                    first,
                    unit.size(),
                    draw,
                    Arrays.copyOfRange(base, first, end),
                    grid.spec().needsCorrupted() ? Arrays.copyOfRange(other, first, end) : new double[0],
                    values);
            add(done);
            journal.finished(done);
        }

        private void chunk(
                List<PlannedRow> planned,
                int firstPair,
                BaseRuns runs,
                SweepSources sources,
                ValueSource source,
                ObjDoubleConsumer<PlannedRow> values) {
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
                    values.accept(each, value);
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

        /** Adds a unit, of this run or of an earlier one, to the sums. */
        private void add(SweepUnit unit) {
            int first = unit.firstPair();
            for (int pair = first; pair < first + unit.pairs(); pair++) {
                if (draws[pair] != unit.draw()) {
                    throw new IllegalStateException(
                            "draw " + unit.draw() + " of pair " + pair + " follows " + draws[pair]);
                }
                draws[pair]++;
            }
            System.arraycopy(unit.base(), 0, base, first, unit.pairs());
            System.arraycopy(unit.other(), 0, other, first, unit.other().length);
            finished += unit.patched().length;
            int offset = first * grid.cells();
            for (int i = 0; i < unit.patched().length; i++) {
                sums[offset + i] += unit.patched()[i];
            }
        }
    }
}
