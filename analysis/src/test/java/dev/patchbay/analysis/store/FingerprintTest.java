package dev.patchbay.analysis.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.analysis.data.IoiTask;
import dev.patchbay.analysis.metric.Metric;
import dev.patchbay.analysis.pairs.LongAnswers;
import dev.patchbay.analysis.pairs.PromptPairs;
import dev.patchbay.analysis.results.Provenance;
import dev.patchbay.analysis.sweep.Axis;
import dev.patchbay.analysis.sweep.Direction;
import dev.patchbay.analysis.sweep.Grid;
import dev.patchbay.analysis.sweep.HeadSet;
import dev.patchbay.analysis.sweep.Method;
import dev.patchbay.analysis.sweep.Reference;
import dev.patchbay.analysis.sweep.SweepSpec;
import dev.patchbay.analysis.sweep.SweepSpecBuilder;
import dev.patchbay.analysis.sweep.SweepUnit;
import dev.patchbay.model.InputException;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.program.Edit.Basis;
import dev.patchbay.model.program.Edit.LayerHead;
import dev.patchbay.model.program.Positions;
import dev.patchbay.model.program.Source;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.tokenizer.BosRule;
import dev.patchbay.model.zoo.Zoo;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A run is not gone on with where anything its numbers depend on has changed; the refusal names just that. */
class FingerprintTest {
    private static final Provenance USUAL =
            new Provenance("zoo:ioi", "d", "raw", "cpu", "", "exact", "p.jsonl", "0.1.0", "patchbay sweep");
    private static final PromptPairs PAIRS = IoiTask.zoo(6, 5);
    private static final Architecture ARCHITECTURE = architecture();

    @TempDir
    private Path folder;

    record Run(Grid grid, Provenance provenance) {}

    /** Two runs that differ in these fields. */
    record Change(Set<String> fields, Run before, Run after) {
        @Override
        public String toString() {
            return String.join(", ", fields);
        }
    }

    private static Architecture architecture() {
        var zoo = Zoo.open("ioi");
        zoo.tensors().close();
        return zoo.architecture();
    }

    private static Run run(UnaryOperator<SweepSpecBuilder> changed) {
        return run(changed, PAIRS, USUAL);
    }

    private static Run run(UnaryOperator<SweepSpecBuilder> changed, PromptPairs pairs, Provenance provenance) {
        var spec = SweepSpec.at(Site.Z).by(Axis.LAYER, Axis.HEAD);
        return new Run(Grid.of(changed.apply(spec).build(), ARCHITECTURE, pairs), provenance);
    }

    private static Change spec(String fields, UnaryOperator<SweepSpecBuilder> after) {
        return spec(fields, spec -> spec, after);
    }

    private static Change spec(
            String fields, UnaryOperator<SweepSpecBuilder> before, UnaryOperator<SweepSpecBuilder> after) {
        return new Change(names(fields), run(before), run(after));
    }

    private static Set<String> names(String fields) {
        return new TreeSet<>(Arrays.asList(fields.split(",", -1)));
    }

    private static Change facts(String field, Provenance after) {
        return new Change(Set.of(field), run(spec -> spec), run(spec -> spec, PAIRS, after));
    }

    private static Change pairs(String field, PromptPairs after) {
        return new Change(Set.of(field), run(spec -> spec), run(spec -> spec, after, USUAL));
    }

    private static UnaryOperator<SweepSpecBuilder> method(Method method) {
        return spec -> spec.method(method);
    }

    static Stream<Change> changes() {
        var clean = new Reference.Clean();
        var file = new Reference.Other("r.jsonl", IoiTask.zoo(6, 6));
        var otherFile = new Reference.Other("r.jsonl", IoiTask.zoo(6, 7));
        float[] ones = new float[ARCHITECTURE.modelWidth()];
        Arrays.fill(ones, 1);
        return Stream.of(
                facts(
                        "model_digest",
                        new Provenance("zoo:ioi", "e", "raw", "cpu", "", "exact", "p.jsonl", "0.1.0", "c")),
                facts("weights", new Provenance("zoo:ioi", "d", "tl", "cpu", "", "exact", "p.jsonl", "0.1.0", "c")),
                facts("device", new Provenance("zoo:ioi", "d", "raw", "cuda:0", "", "exact", "p.jsonl", "0.1.0", "c")),
                facts(
                        "device_description",
                        new Provenance("zoo:ioi", "d", "raw", "cpu", "x", "exact", "p.jsonl", "0.1.0", "c")),
                facts("numerics", new Provenance("zoo:ioi", "d", "raw", "cpu", "", "bf16", "p.jsonl", "0.1.0", "c")),
                facts("engine", new Provenance("zoo:ioi", "d", "raw", "cpu", "", "exact", "p.jsonl", "0.2.0", "c")),
                pairs("pairs_digest", IoiTask.zoo(6, 6)),
                pairs("bos", PromptPairs.of(PAIRS.pairs(), BosRule.YES, LongAnswers.REFUSE)),
                pairs("answer_tokens", PromptPairs.of(PAIRS.pairs(), BosRule.AUTO, LongAnswers.FIRST)),
                new Change(
                        Set.of("site"),
                        run(spec -> spec),
                        new Run(
                                Grid.of(
                                        SweepSpec.at(Site.Q)
                                                .by(Axis.LAYER, Axis.HEAD)
                                                .build(),
                                        ARCHITECTURE,
                                        PAIRS),
                                USUAL)),
                spec("by", spec -> spec.by(Axis.HEAD, Axis.LAYER)),
                spec("layers", spec -> spec.layers(0, 1)),
                spec("heads", spec -> spec.heads(List.of(new LayerHead(0, 1)))),
                spec("by,sets", spec -> spec.by(List.of()).sets(List.of(new HeadSet(List.of(new LayerHead(0, 1)))))),
                spec("positions", spec -> spec.positions(Positions.END)),
                spec(
                        "spans",
                        spec -> spec.by(Axis.LAYER, Axis.SPAN).spans(List.of("END")),
                        spec -> spec.by(Axis.LAYER, Axis.SPAN).spans(List.of("S2"))),
                spec("direction", spec -> spec.direction(Direction.NOISE)),
                spec("direct", spec -> spec.direct(false)),
                spec("no_skip", SweepSpecBuilder::noSkip),
                spec("mix_templates", SweepSpecBuilder::mixTemplates),
                spec("seed", spec -> spec.seed(1)),
                spec("metric", spec -> spec.metric(new Metric.Logit())),
                spec(
                        "metric_vector",
                        spec -> spec.metric(new Metric.Dot("dot:v#d", ones)),
                        spec -> spec.metric(new Metric.Dot("dot:v#d", new float[ones.length]))),
                spec("method", method(new Method.Zero())),
                spec(
                        "reference",
                        method(new Method.MeanByPosition(clean)),
                        method(new Method.MeanByPosition(new Reference.Corrupted()))),
                spec(
                        "reference_digest",
                        method(new Method.MeanByPosition(file)),
                        method(new Method.MeanByPosition(otherFile))),
                spec("mean_skip_first", method(new Method.Mean(clean, false)), method(new Method.Mean(clean, true))),
                spec("draws", method(new Method.Resample(clean, 2)), method(new Method.Resample(clean, 3))),
                spec("factor", method(new Method.Scale(2)), method(new Method.Scale(3))),
                spec(
                        "value",
                        method(new Method.Add(1, new Source.Constant(1))),
                        method(new Method.Add(1, new Source.Constant(2)))),
                spec("basis", method(new Method.ProjectOut(basis(0))), method(new Method.ProjectOut(basis(1)))));
    }

    private static Basis basis(int direction) {
        int width = ARCHITECTURE.headSize();
        var row = new Float[width];
        Arrays.fill(row, 0f);
        row[direction] = 1f;
        return new Basis.Rows(List.of(List.of(row)));
    }

    @ParameterizedTest
    @MethodSource("changes")
    void aChangeIsRefusedByName(Change change) {
        var place = folder.resolve("run");
        var grid = change.before().grid();
        try (var store = RunStore.open(place, grid, change.before().provenance())) {
            int cells = grid.cells();
            store.finished(new SweepUnit(
                    0,
                    1,
                    0,
                    new double[1],
                    new double[0],
                    new double[cells],
                    new double[grid.hasDirect() ? cells : 0]));
        }
        var refused = assertThrows(
                InputException.class,
                () -> RunStore.open(place, change.after().grid(), change.after().provenance()));
        String message = String.valueOf(refused.getMessage());
        assertTrue(message.contains("was begun otherwise"), message);
        var named = new TreeSet<String>();
        for (String part :
                message.substring(message.indexOf("otherwise: ") + 11).split("; ", -1)) {
            if (part.contains(", was ")) {
                named.add(part.substring(0, part.indexOf(" is ")));
            }
        }
        assertEquals(change.fields(), named, message);
        // What was begun goes on.
        RunStore.open(place, grid, change.before().provenance()).close();
    }

    @ParameterizedTest
    @MethodSource("changes")
    void everyFieldOfAFingerprintIsAmongThese(Change change) {
        var covered = new TreeSet<String>();
        changes().forEach(each -> covered.addAll(each.fields()));
        var fields = Fingerprint.of(change.after().grid(), change.after().provenance())
                .fields();
        assertTrue(covered.containsAll(fields.keySet()), fields.keySet() + " in " + covered);
    }
}
