package dev.patchbay.model.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.device.Device;
import dev.patchbay.model.InputException;
import dev.patchbay.model.checkpoint.Golden;
import dev.patchbay.model.checkpoint.ModelFolder;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.program.Capture;
import dev.patchbay.model.program.Edit;
import dev.patchbay.model.program.Positions;
import dev.patchbay.model.program.Program;
import dev.patchbay.model.program.Source;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.site.SitePoint;
import dev.patchbay.model.site.SiteTraits.Access;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rows that join late, at the step and position where they begin to differ, have the bits of rows that run everything. */
class WavefrontTest {
    private static final int LENGTH = 7;

    /** A model to test, by name. */
    record Fixture(String name, Function<Device, Model> load) {
        static Fixture random(String name, Architecture architecture) {
            var tensors = new RandomTensors(architecture);
            return new Fixture(name, device -> Model.load(device, architecture, tensors.map(), tensors));
        }

        static Fixture golden(String name) {
            return new Fixture(name, device -> {
                try (var folder = ModelFolder.open(Golden.path("families", name))) {
                    return Model.load(device, folder);
                }
            });
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /** Each way in which blocks are wired and normed, and each kind of position. */
    static Stream<Fixture> fixtures() {
        return Stream.concat(
                Stream.of(
                        Fixture.random("llama", RandomTensors.llamaLike(3)),
                        Fixture.random("gpt", RandomTensors.gptLike(3)),
                        Fixture.random("mixture", RandomTensors.mixtureLike(3)),
                        Fixture.random("norm stream", RandomTensors.normStream(3))),
                Stream.of(
                                "gemma2",
                                "olmo2",
                                "falcon-40b",
                                "opt-post-proj",
                                "cohere-qknorm",
                                "bloom",
                                "smollm3",
                                "mixtral",
                                "gpt_oss",
                                "falcon-rw-alibi")
                        .map(Fixture::golden));
    }

    private static int[] prompt(int seed) {
        return new Random(seed).ints(LENGTH, 0, 61).toArray();
    }

    private static List<SitePoint> editable(Architecture architecture) {
        var points = new ArrayList<SitePoint>();
        for (Site site : Site.values()) {
            boolean body = site.traits().access() == Access.EDITABLE && site != Site.LN_FINAL;
            int layers = site.traits().perLayer() ? architecture.layers() : 1;
            for (int layer = 0; body && layer < layers; layer++) {
                if (site.absence(architecture, layer).isEmpty()) {
                    points.add(new SitePoint(site, layer));
                }
            }
        }
        return points;
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void everySiteAndPositionEqualsTheFullRun(Fixture fixture) {
        var base = List.of(Row.of(prompt(1)), Row.of(prompt(2)));
        var other = List.of(Row.of(prompt(3)), Row.of(prompt(4)));
        try (var device = Runs.cpu();
                var model = fixture.load().apply(device);
                var source = Runs.capture(
                        model, other, editable(model.architecture()).toArray(new SitePoint[0]))) {
            var points = editable(model.architecture());
            Set<SitePoint> kept = new LinkedHashSet<>();
            int spreading = 0;
            for (SitePoint point : points) {
                int step = model.graph().joinStep(point);
                int spread = model.graph().spreadStep(point);
                for (int each : new int[] {step, spread}) {
                    if (each >= 0) {
                        kept.addAll(model.graph().joinPoints(each));
                    }
                }
                spreading += spread > step ? 1 : 0;
            }
            assertTrue(spreading > points.size() / 2, spreading + " of " + points.size() + " spread");
            var captures = kept.stream().map(Capture::new).toList();
            var request = RunRequest.of(base, Logits.NONE)
                    .with(Program.captures(captures), Bindings.NONE)
                    .keeping();
            var whole = new ArrayList<Row>();
            var late = new ArrayList<Row>();
            var later = new ArrayList<Row>();
            var edits = new ArrayList<Edit>();
            var pairs = new ArrayList<Integer>();
            for (int position = 0; position < LENGTH; position++) {
                for (SitePoint point : points) {
                    int pair = (position + point.layer()) % 2;
                    int step = model.graph().joinStep(point);
                    var row = base.get(pair);
                    edits.add(Edit.at(point.site())
                            .layers(point.layer())
                            .positions(Positions.of(position))
                            .rows(whole.size())
                            .replace(new Source.Run("other")));
                    pairs.add(pair);
                    whole.add(row);
                    var joining = (position == 0 ? row : row.from(position, pair)).joining(step, pair);
                    late.add(joining);
                    int spread = model.graph().spreadStep(point);
                    later.add(spread > step ? joining.spreading(1, spread) : joining);
                }
            }
            var program = Program.edits(edits);
            try (var run = model.run(request);
                    var keyValues = run.keyValues();
                    var full =
                            model.run(RunRequest.of(whole, Logits.LAST).with(program, Runs.bind(source, pairs::get)));
                    var joined = model.run(RunRequest.of(late, Logits.LAST)
                            .with(program, Runs.bind(source, pairs::get))
                            .over(keyValues, run));
                    var spread = model.run(RunRequest.of(later, Logits.LAST)
                            .with(program, Runs.bind(source, pairs::get))
                            .over(keyValues, run));
                    var ends = model.run(RunRequest.of(later, Logits.LAST)
                            .with(program, Runs.bind(source, pairs::get))
                            .over(keyValues, run)
                            .onlyEnds())) {
                float[][] expected = Runs.matrix(full.logits().toFloats(), whole.size());
                for (var each : List.of(joined, spread, ends)) {
                    float[][] found = Runs.matrix(each.logits().toFloats(), whole.size());
                    for (int row = 0; row < whole.size(); row++) {
                        assertArrayEquals(
                                expected[row], found[row], edits.get(row).toString());
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void aRowCannotJoinAfterItsEditOrBeKeptBeforeItJoins(Fixture fixture) {
        try (var device = Runs.cpu();
                var model = fixture.load().apply(device)) {
            int step = model.graph().joinStep(new SitePoint(Site.Z, 1));
            var row = Row.of(prompt(1));
            var captures =
                    model.graph().joinPoints(step).stream().map(Capture::new).toList();
            try (var base = model.run(RunRequest.of(List.of(row), Logits.NONE)
                            .with(Program.captures(captures), Bindings.NONE)
                            .keeping());
                    var keyValues = base.keyValues()) {
                var late = RunRequest.of(List.of(row.joining(step, 0)), Logits.LAST)
                        .over(keyValues, base);
                var early = Program.edits(Edit.at(Site.Z).layers(0).zero());
                assertThrows(InputException.class, () -> model.run(late.with(early, Bindings.NONE)));
                var capture = Program.captures(List.of(new Capture(new SitePoint(Site.Z, 0))));
                assertThrows(InputException.class, () -> model.run(late.with(capture, Bindings.NONE)));
            }
        }
    }
}
