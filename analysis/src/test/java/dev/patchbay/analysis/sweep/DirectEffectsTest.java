package dev.patchbay.analysis.sweep;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.analysis.pairs.PromptPair;
import dev.patchbay.analysis.pairs.PromptPairs;
import dev.patchbay.device.DeviceOptions;
import dev.patchbay.device.Devices;
import dev.patchbay.device.Tensor;
import dev.patchbay.model.graph.ResidualPath;
import dev.patchbay.model.program.Capture;
import dev.patchbay.model.program.Edit;
import dev.patchbay.model.program.Edit.LayerHead;
import dev.patchbay.model.program.Program;
import dev.patchbay.model.program.Source;
import dev.patchbay.model.run.Bindings;
import dev.patchbay.model.run.Logits;
import dev.patchbay.model.run.Model;
import dev.patchbay.model.run.Row;
import dev.patchbay.model.run.Run;
import dev.patchbay.model.run.RunRequest;
import dev.patchbay.model.run.SiteValues;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.site.SitePoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Direct effects equal whole runs in which every later sublayer is written back to what the base run had. */
class DirectEffectsTest {
    private static final double TOLERANCE = 1e-5;

    static Stream<Arguments> cases() {
        return GoldenFamily.names().stream()
                .flatMap(name -> GoldenCase.devices("cpu").stream().map(device -> Arguments.of(device, name)));
    }

    private static List<LayerHead> headsOf(Model model) {
        var heads = new ArrayList<LayerHead>();
        for (int layer = 0; layer < model.architecture().layers(); layer++) {
            for (int head = 0; head < model.architecture().heads(); head++) {
                heads.add(new LayerHead(layer, head));
            }
        }
        return heads;
    }

    private static Effects sweep(Model model, PromptPairs pairs, SweepSpecBuilder spec) {
        return new SweepRunner(model, Grid.of(spec.build(), model.architecture(), pairs))
                .run(SweepProgress.SILENT)
                .effects();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyComponentEqualsAFrozenRun(String on, String name) {
        try (var device = Devices.open(DeviceOptions.of(on));
                var family = GoldenFamily.open(name, device)) {
            var model = family.model();
            var pair = family.pairs().pairs().getFirst();
            var pairs = PromptPairs.of(List.of(pair));
            try (var frozen = new Frozen(model, pair)) {
                for (Site site : List.of(Site.ATTN_OUT, Site.MLP_OUT)) {
                    var direct = sweep(model, pairs, SweepSpec.at(site).by(Axis.LAYER))
                            .direct()
                            .orElseThrow();
                    for (int layer = 0; layer < model.architecture().layers(); layer++) {
                        close(
                                frozen.direct(Edit.at(site).layers(layer).replace(Frozen.OTHER)),
                                direct.patched()[layer]);
                    }
                }
                var heads = headsOf(model);
                var direct = sweep(model, pairs, SweepSpec.at(Site.Z).by(Axis.LAYER, Axis.HEAD))
                        .direct()
                        .orElseThrow();
                for (int cell = 0; cell < heads.size(); cell++) {
                    var edit = Edit.at(Site.Z).layerHeads(List.of(heads.get(cell)));
                    close(frozen.direct(edit.replace(Frozen.OTHER)), direct.patched()[cell]);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void headsOfSeveralLayersTogetherEqualAFrozenRun(String on, String name) {
        try (var device = Devices.open(DeviceOptions.of(on));
                var family = GoldenFamily.open(name, device)) {
            var model = family.model();
            var pair = family.pairs().pairs().getFirst();
            var heads = List.of(new LayerHead(0, 1), new LayerHead(0, 2), new LayerHead(1, 0), new LayerHead(2, 3));
            var set = new HeadSet(heads);
            var effects = sweep(
                    model, PromptPairs.of(List.of(pair)), SweepSpec.at(Site.Z).sets(List.of(set)));
            try (var frozen = new Frozen(model, pair)) {
                close(
                        frozen.direct(Edit.at(Site.Z).layerHeads(heads).replace(Frozen.OTHER)),
                        effects.direct().orElseThrow().patched()[0]);
            }
        }
    }

    private static void close(double expected, double found) {
        assertEquals(expected, found, TOLERANCE * Math.max(1, Math.abs(expected)));
    }

    /** Whole runs of a pair's corrupted prompt with every sublayer's output held, but what an edit changes. */
    private static final class Frozen implements AutoCloseable {
        private static final Source OTHER = new Source.Run("other");
        private static final Source BASE = new Source.Run("base");

        private final Model model;
        private final PromptPair pair;
        private final Run base;
        private final Run other;

        Frozen(Model model, PromptPair pair) {
            this.model = model;
            this.pair = pair;
            base = captured(pair.corrupted().orElseThrow().ids());
            other = captured(pair.clean().ids());
        }

        private Run captured(int[] ids) {
            var captures = Stream.of(Site.Z, Site.ATTN_OUT, Site.MLP_OUT)
                    .flatMap(site -> SitePoint.everywhere(site, model.architecture()).stream())
                    .map(Capture::new)
                    .toList();
            return model.run(
                    RunRequest.of(List.of(Row.of(ids)), Logits.NONE).with(Program.captures(captures), Bindings.NONE));
        }

        /** Edits of one site act in their order: first everything is held, then the edit changes its part. */
        double direct(Edit edit) {
            var edits = new ArrayList<Edit>();
            if (edit.site() == Site.Z) {
                edits.add(Edit.at(Site.Z).replace(BASE));
                edits.add(Edit.at(Site.MLP_OUT).replace(BASE));
            } else {
                edits.add(Edit.at(Site.ATTN_OUT).replace(BASE));
                edits.add(Edit.at(Site.MLP_OUT).replace(BASE));
            }
            edits.add(edit);
            var bindings = new Bindings() {
                @Override
                public SiteValues values(Source source, SitePoint point) {
                    var captured = (source.equals(BASE) ? base : other).capture(point);
                    return new SiteValues() {
                        @Override
                        public Tensor tensor() {
                            return captured.tensor();
                        }

                        @Override
                        public long index(int row, int position, int head) {
                            return captured.index(row, position);
                        }
                    };
                }
            };
            var logits = new Logits.Chosen(List.of(new int[] {pair.answerTokens()[0], pair.wrongTokens()[0]}));
            var row = Row.of(pair.corrupted().orElseThrow().ids());
            try (var run =
                    model.run(RunRequest.of(List.of(row), logits).with(new Program(edits, List.of()), bindings))) {
                float[] both = run.logits().toFloats();
                return (double) both[0] - both[1];
            }
        }

        @Override
        public void close() {
            base.close();
            other.close();
        }
    }

    @Test
    void whatChangesNothingHasNoDirectEffectAndTheLastMlpHasNoOther() {
        try (var device = Devices.open(DeviceOptions.of("cpu"));
                var golden = GoldenCase.open("gpt2_a", device)) {
            var model = golden.model();
            var same = golden.pairs().pairs().stream()
                    .map(pair -> new PromptPair(
                            pair.id(),
                            pair.template(),
                            pair.clean(),
                            Optional.of(pair.clean()),
                            pair.answers(),
                            pair.wrongs(),
                            true))
                    .toList();
            for (Site site : List.of(Site.Z, Site.ATTN_OUT, Site.MLP_OUT)) {
                var identity = sweep(
                        model,
                        PromptPairs.of(same),
                        SweepSpec.at(site).by(Axis.LAYER).noSkip());
                for (double direct : identity.direct().orElseThrow().direct().value()) {
                    assertEquals(0.0, direct, site.label());
                }
                // A patch of an earlier position reaches END only through later attention.
                var earlier = sweep(
                        model,
                        golden.pairs(),
                        SweepSpec.at(site)
                                .by(Axis.LAYER)
                                .positions(dev.patchbay.model.program.Positions.of(-2))
                                .noSkip());
                for (double direct : earlier.direct().orElseThrow().direct().value()) {
                    assertEquals(0.0, direct, site.label());
                }
            }
            var mlp = sweep(model, golden.pairs(), SweepSpec.at(Site.MLP_OUT).by(Axis.LAYER));
            int last = model.architecture().layers() - 1;
            assertTrue(mlp.delta()[last] != 0);
            assertEquals(mlp.delta()[last], mlp.direct().orElseThrow().direct().value()[last]);
            assertEquals(0.0, mlp.direct().orElseThrow().indirect().value()[last]);
            assertTrue(mlp.direct().orElseThrow().indirect().value()[0] != 0);
        }
    }

    @Test
    void aStreamThatIsNormalisedItselfHasNoDirectPath() {
        try (var device = Devices.open(DeviceOptions.of("cpu"));
                var family = GoldenFamily.open("opt-post-proj", device)) {
            var path = new ResidualPath(family.model().graph());
            assertTrue(path.gain(new SitePoint(Site.MLP_OUT, 0)).isEmpty());
            var effects = sweep(
                    family.model(), family.pairs(), SweepSpec.at(Site.MLP_OUT).by(Axis.LAYER));
            for (double direct : effects.direct().orElseThrow().patched()) {
                assertTrue(Double.isNaN(direct));
            }
        }
    }

    @Test
    void itCanBeLeftOutAndIsWhereEveryLogitIsRead() {
        try (var device = Devices.open(DeviceOptions.of("cpu"));
                var golden = GoldenCase.open("gpt2_a", device)) {
            var spec = SweepSpec.at(Site.Z).by(Axis.LAYER);
            var with = sweep(golden.model(), golden.pairs(), spec);
            var without = sweep(
                    golden.model(),
                    golden.pairs(),
                    SweepSpec.at(Site.Z).by(Axis.LAYER).direct(false));
            assertTrue(without.direct().isEmpty());
            assertArrayEquals(with.patched(), without.patched());
            var divergence =
                    SweepSpec.at(Site.Z).by(Axis.LAYER).metric(new dev.patchbay.analysis.metric.Metric.Divergence());
            assertTrue(
                    sweep(golden.model(), golden.pairs(), divergence).direct().isEmpty());
            var asked = sweep(golden.model(), golden.pairs(), divergence.direct(true));
            assertTrue(asked.direct().orElseThrow().direct().value()[0] > 0);
        }
    }
}
