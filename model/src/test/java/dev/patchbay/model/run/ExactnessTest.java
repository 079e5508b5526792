package dev.patchbay.model.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.patchbay.device.Device;
import dev.patchbay.model.InputException;
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
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The exact profile: the bits of a row depend on its tokens and edits alone. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.patchbay.model.run.Runs#devices")
class ExactnessTest {
    @Parameter
    private String device = "";

    static Stream<Architecture> architectures() {
        return Stream.of(RandomTensors.llamaLike(3), RandomTensors.gptLike(3), RandomTensors.mixtureLike(3));
    }

    private static Model load(Device device, Architecture architecture) {
        var tensors = new RandomTensors(architecture);
        return Model.load(device, architecture, tensors.map(), tensors);
    }

    private static int[] prompt(int length, int seed) {
        return new Random(seed).ints(length, 0, 61).toArray();
    }

    private static List<Row> ragged() {
        var rows = new ArrayList<Row>();
        for (int length : new int[] {1, 15, 2, 17, 63, 7, 33, 64, 5}) {
            rows.add(Row.of(prompt(length, length)));
        }
        return rows;
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void aRowHasTheSameBitsAloneAndAnywhereInABatch(Architecture architecture) {
        try (var opened = Runs.open(device);
                var model = load(opened, architecture)) {
            var rows = ragged();
            var reversed = rows.reversed();
            float[][] batch = perRow(model, rows);
            float[][] back = perRow(model, reversed);
            for (int i = 0; i < rows.size(); i++) {
                assertArrayEquals(perRow(model, List.of(rows.get(i)))[0], batch[i]);
                assertArrayEquals(batch[i], back[rows.size() - 1 - i]);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void aRowHasTheSameBitsFromAnyStartPosition(Architecture architecture) {
        try (var opened = Runs.open(device);
                var model = load(opened, architecture)) {
            int[] other = prompt(9, 1);
            int[] tokens = prompt(40, 2);
            float[] whole = perRow(model, List.of(Row.of(tokens)))[0];
            var base = RunRequest.of(List.of(Row.of(other), Row.of(tokens)), Logits.NONE)
                    .keeping();
            try (var run = model.run(base);
                    var keyValues = run.keyValues()) {
                for (int start = 1; start < tokens.length; start++) {
                    var request = RunRequest.of(List.of(Row.of(tokens).from(start, 1)), Logits.ALL)
                            .over(keyValues);
                    try (var part = model.run(request)) {
                        float[] tail = Arrays.copyOfRange(whole, start * 61, whole.length);
                        assertArrayEquals(tail, part.logits().toFloats(), "start " + start);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void identityPatchHasExactlyZeroEffectAtEverySite(Architecture architecture) {
        try (var opened = Runs.open(device);
                var model = load(opened, architecture)) {
            int[] tokens = prompt(21, 3);
            float[] whole = perRow(model, List.of(Row.of(tokens)))[0];
            for (Site site : Site.values()) {
                if (site.traits().access() == Access.READ_ONLY
                        || site.absence(architecture, 0).isPresent()) {
                    continue;
                }
                for (SitePoint point : SitePoint.everywhere(site, architecture)) {
                    try (var source = Runs.capture(model, List.of(Row.of(tokens)), point)) {
                        var edit = Edit.at(site).layers(point.layer()).replace(new Source.Run("other"));
                        try (var run = model.run(RunRequest.of(List.of(Row.of(tokens)), Logits.ALL)
                                .with(Program.edits(edit), Runs.bind(source)))) {
                            assertArrayEquals(whole, run.logits().toFloats(), point.label());
                            assertEquals(0f, run.reports().getFirst().largestChange(), point.label());
                        }
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void editsOfOneRowNeverTouchAnother(Architecture architecture) {
        try (var opened = Runs.open(device);
                var model = load(opened, architecture)) {
            var rows = ragged();
            float[][] plain = perRow(model, rows);
            var edits = new ArrayList<Edit>();
            for (int row = 1; row < rows.size(); row += 2) {
                edits.add(
                        Edit.at(Site.Z).layers(row % 3).heads(row % 4).rows(row).zero());
                edits.add(Edit.at(Site.ATTN_SCORES)
                        .layers(1)
                        .rows(row)
                        .positions(Positions.END)
                        .keys(Positions.of(0))
                        .scale(0.5f));
            }
            try (var run = model.run(RunRequest.of(rows, Logits.ALL).with(Program.edits(edits), Bindings.NONE))) {
                float[][] edited = split(run.logits().toFloats(), rows);
                for (int row = 0; row < rows.size(); row++) {
                    assertEquals(row % 2 == 0, Arrays.equals(plain[row], edited[row]), "row " + row);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void generationEqualsRecomputation(Architecture architecture) {
        try (var opened = Runs.open(device);
                var model = load(opened, architecture)) {
            var prompts = List.of(prompt(5, 4), prompt(12, 5), prompt(1, 6));
            var program = Program.edits(Edit.at(Site.Z).layers(1).heads(2).zero());
            var options = new Generator.Options(10, 0, 0, List.of(), true);
            var late = Program.edits(
                    Edit.at(Site.Z).layers(2).positions(Positions.of(8)).zero());
            for (var edits : List.of(Program.EMPTY, program, late)) {
                var generated = new Generator(model, options).generate(prompts, List.of(), edits, Bindings.NONE);
                for (int i = 0; i < prompts.size(); i++) {
                    int[] all = Arrays.copyOf(prompts.get(i), prompts.get(i).length + 9);
                    for (int step = 0; step < 9; step++) {
                        all[prompts.get(i).length + step] =
                                generated.get(i).tokens().get(step);
                    }
                    float[][] whole = Runs.logits(model, edits, Bindings.NONE, all);
                    for (int step = 0; step < 10; step++) {
                        assertArrayEquals(
                                whole[prompts.get(i).length - 1 + step],
                                generated.get(i).logits().get(step),
                                "prompt " + i + " step " + step);
                    }
                }
            }
            var never = Program.edits(
                    Edit.at(Site.Z).layers(2).positions(Positions.of(10)).zero());
            assertThrows(
                    InputException.class,
                    () -> new Generator(model, options).generate(prompts, List.of(), never, Bindings.NONE));
        }
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void chosenLogitsAreTheBitsOfAllLogits(Architecture architecture) {
        try (var opened = Runs.open(device);
                var model = load(opened, architecture)) {
            var rows = ragged();
            float[][] all = perRow(model, rows);
            var chosen = rows.stream()
                    .map(row -> new int[] {row.length() % 61, 3, 60})
                    .toList();
            try (var run = model.run(RunRequest.of(rows, new Logits.Chosen(chosen)));
                    var last = model.run(RunRequest.of(rows, Logits.LAST))) {
                float[] values = run.logits().toFloats();
                float[][] ends = Runs.matrix(last.logits().toFloats(), rows.size());
                for (int row = 0; row < rows.size(); row++) {
                    float[] end = Arrays.copyOfRange(all[row], all[row].length - 61, all[row].length);
                    assertArrayEquals(end, ends[row]);
                    for (int i = 0; i < 3; i++) {
                        assertEquals(end[chosen.get(row)[i]], values[row * 3 + i]);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void aRunThatStopsAndResumesHasTheSameBits(Architecture architecture) {
        try (var opened = Runs.open(device);
                var model = load(opened, architecture)) {
            var rows = ragged();
            float[][] whole = perRow(model, rows);
            for (Site site : List.of(Site.RESID_PRE, Site.Q, Site.Z, Site.MLP_POST, Site.MLP_OUT, Site.RESID_POST)) {
                if (site.absence(architecture, 1).isPresent()) {
                    continue;
                }
                try (var paused = model.runUntil(new SitePoint(site, 1), RunRequest.of(rows, Logits.ALL))) {
                    float[] value = paused.value();
                    try (var other = model.run(RunRequest.of(rows, Logits.ALL));
                            var run = paused.resume(value)) {
                        assertArrayEquals(whole, split(run.logits().toFloats(), rows), site.label());
                        assertArrayEquals(whole, split(other.logits().toFloats(), rows));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void headResultsAddUpToTheAttentionOutput(Architecture architecture) {
        try (var opened = Runs.open(device);
                var model = load(opened, architecture)) {
            var result = new SitePoint(Site.RESULT, 1);
            var raw = new SitePoint(Site.ATTN_RAW, 1);
            var program = Program.captures(List.of(new Capture(result), new Capture(raw)));
            try (var run = model.run(RunRequest.of(ragged(), Logits.NONE).with(program, Bindings.NONE))) {
                float[] parts = run.capture(result).toFloats();
                float[] sum = run.capture(raw).toFloats();
                float[] bias = new RandomTensors(architecture).floats("layers.1.o.bias");
                int width = architecture.modelWidth();
                for (int i = 0; i < sum.length; i++) {
                    double total = bias[i % width];
                    for (int head = 0; head < architecture.heads(); head++) {
                        total += parts[(i / width * architecture.heads() + head) * width + i % width];
                    }
                    assertEquals(total, sum[i], 1e-5 * Math.max(1, Math.abs(total)));
                }
            }
        }
    }

    private static float[][] perRow(Model model, List<Row> rows) {
        try (var run = model.run(RunRequest.of(rows, Logits.ALL))) {
            return split(run.logits().toFloats(), rows);
        }
    }

    private static float[][] split(float[] flat, List<Row> rows) {
        var parts = new float[rows.size()][];
        int begin = 0;
        for (int row = 0; row < parts.length; row++) {
            int length = rows.get(row).length() * 61;
            parts[row] = Arrays.copyOfRange(flat, begin, begin + length);
            begin += length;
        }
        return parts;
    }
}
