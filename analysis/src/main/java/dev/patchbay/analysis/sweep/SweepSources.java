package dev.patchbay.analysis.sweep;

import dev.patchbay.analysis.pairs.Prompt;
import dev.patchbay.analysis.pairs.PromptPair;
import dev.patchbay.model.program.Capture;
import dev.patchbay.model.program.Edit;
import dev.patchbay.model.program.EditBuilder;
import dev.patchbay.model.program.Program;
import dev.patchbay.model.program.Selection;
import dev.patchbay.model.program.Source;
import dev.patchbay.model.run.Bindings;
import dev.patchbay.model.run.Logits;
import dev.patchbay.model.run.Model;
import dev.patchbay.model.run.Row;
import dev.patchbay.model.run.Run;
import dev.patchbay.model.run.RunRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Opens what a sweep's method takes its values from, and says what it does with them. */
final class SweepSources implements AutoCloseable {
    private static final Source OTHER = new Source.Run("other");

    private final Model model;
    private final Grid grid;
    private final Sides sides;
    private final Optional<MeanSource> means;
    /** For resample: per draw and pair, the prompt whose values are taken. */
    private final List<List<Prompt>> drawn;

    SweepSources(Model model, Grid grid, SweepLimits limits) {
        this.model = model;
        this.grid = grid;
        sides = new Sides(grid.spec().basedOnClean());
        var averaged = new ReferenceMeans(model, grid.points(), limits);
        var pairs = grid.pairs();
        switch (grid.spec().method()) {
            case Method.Mean mean -> {
                var reference = ReferenceSet.of(mean.from(), pairs);
                means = Optional.of(averaged.overall(reference, mean.from().label(), mean.skipFirst()));
                drawn = List.of();
            }
            case Method.MeanByPosition mean -> {
                var reference = ReferenceSet.of(mean.from(), pairs);
                means = Optional.of(averaged.byPosition(reference, mean.from().label(), pairs));
                drawn = List.of();
            }
            case Method.Resample resample -> {
                means = Optional.empty();
                drawn = draw(resample);
            }
            case Method.Patch _, Method.Zero _, Method.Add _, Method.ProjectOut _, Method.Scale _ -> {
                means = Optional.empty();
                drawn = List.of();
            }
        }
    }

    /** How often every cell is run with different values. */
    int draws() {
        return grid.spec().method() instanceof Method.Resample resample ? resample.draws() : 1;
    }

    /** The values for some neighbouring pairs, whose runs are {@code runs}; the caller closes them. */
    ValueSource open(List<Integer> pairs, int draw, BaseRuns runs) {
        return switch (grid.spec().method()) {
            case Method.Patch _ ->
                captured(
                        runs.other(),
                        false,
                        pairs,
                        pairs.stream().map(pair -> sides.other(pair(pair))).toList());
            case Method.Resample _ -> {
                var prompts = pairs.stream().map(drawn.get(draw)::get).toList();
                yield captured(run(prompts), true, pairs, prompts);
            }
            case Method.Mean _, Method.MeanByPosition _ -> new Shared(means.orElseThrow());
            case Method.Add(float _, Source value) -> new ValueSource.Immediate(value);
            case Method.Zero _, Method.ProjectOut _, Method.Scale _ -> new ValueSource.Immediate(Source.NONE);
        };
    }

    /** Ends an edit with what the method does. */
    Edit edit(EditBuilder edit, Source source) {
        return switch (grid.spec().method()) {
            case Method.Patch _, Method.Resample _, Method.Mean _, Method.MeanByPosition _ -> edit.replace(source);
            case Method.Zero _ -> edit.zero();
            case Method.Add(float factor, Source _) -> edit.add(factor, source);
            case Method.ProjectOut(Edit.Basis basis) -> edit.projectOut(basis);
            case Method.Scale(float factor) -> edit.scale(factor);
        };
    }

    private PromptPair pair(int index) {
        return grid.pairs().pairs().get(index);
    }

    private Run run(List<Prompt> prompts) {
        var rows = prompts.stream().map(prompt -> Row.of(prompt.ids())).toList();
        var captures = grid.points().stream()
                .map(point -> new Capture(point, grid.kept(point.site()), Selection.ALL))
                .toList();
        return model.run(RunRequest.of(rows, Logits.NONE).with(Program.captures(captures), Bindings.NONE));
    }

    private RunSource captured(Run run, boolean owned, List<Integer> pairs, List<Prompt> prompts) {
        boolean ablation = grid.spec().method().isAblation();
        return new RunSource(
                OTHER,
                run,
                owned,
                pairs,
                pairs.stream().map(pair -> sides.base(pair(pair))).toList(),
                prompts,
                pairs.stream().map(pair -> ablation || pair(pair).aligned()).toList());
    }

    private List<List<Prompt>> draw(Method.Resample resample) {
        var pairs = grid.pairs();
        var reference = ReferenceSet.of(resample.from(), pairs);
        boolean foreign = resample.from() instanceof Reference.Other;
        var random = new SplittableRandom(grid.spec().seed());
        var draws = new ArrayList<List<Prompt>>();
        for (int draw = 0; draw < resample.draws(); draw++) {
            var chosen = new ArrayList<Prompt>(
                    pairs.pairs().stream().map(PromptPair::clean).toList());
            for (String template : pairs.templates()) {
                var own = IntStream.range(0, pairs.size())
                        .filter(pair -> pair(pair).template().equals(template))
                        .toArray();
                var group = reference.group(template);
                int[] order = foreign
                        ? IntStream.generate(() -> random.nextInt(group.size()))
                                .limit(own.length)
                                .toArray()
                        : Permutations.derangement(own.length, random);
                for (int place = 0; place < own.length; place++) {
                    chosen.set(own[place], reference.prompts().get(group.get(order[place])));
                }
            }
            draws.add(List.copyOf(chosen));
        }
        return List.copyOf(draws);
    }

    /** Means that outlive the batch they are opened for. */
    private record Shared(MeanSource means) implements ValueSource {
        @Override
        public Source source() {
            return means.source();
        }

        @Override
        public Bindings bindings(List<PlannedRow> rows) {
            return means.bindings(rows);
        }

        @Override
        public int firstChange(int pair) {
            return means.firstChange(pair);
        }

        @Override
        public void close() {}
    }

    @Override
    public void close() {
        means.ifPresent(MeanSource::close);
    }
}
