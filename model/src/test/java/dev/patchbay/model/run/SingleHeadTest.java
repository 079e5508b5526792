package dev.patchbay.model.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.device.Device;
import dev.patchbay.model.InputException;
import dev.patchbay.model.checkpoint.Golden;
import dev.patchbay.model.checkpoint.ModelFolder;
import dev.patchbay.model.program.Capture;
import dev.patchbay.model.program.Edit;
import dev.patchbay.model.program.Positions;
import dev.patchbay.model.program.Program;
import dev.patchbay.model.program.Source;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.site.SitePoint;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Edits of what single heads read and write, against edits of the sites that they come to. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.patchbay.model.run.Runs#devices")
class SingleHeadTest {
    private static final int LAYER = 1;
    private static final int[] TOKENS = new Random(5).ints(12, 0, 61).toArray();
    private static final int[] OTHERS = new Random(6).ints(12, 0, 61).toArray();

    @Parameter
    private String device = "";

    /** Biases; grouped queries and norms with an offset; no norm before attention; clamps. */
    static Stream<String> models() {
        return Stream.of("random gpt", "gemma", "olmo2", "olmo-clip");
    }

    private void with(String name, Consumer<Model> test) {
        try (Device opened = Runs.open(device);
                var model = load(opened, name)) {
            test.accept(model);
        }
    }

    private static Model load(Device opened, String name) {
        if (name.equals("random gpt")) {
            var architecture = RandomTensors.gptLike(3);
            var tensors = new RandomTensors(architecture);
            return Model.load(opened, architecture, tensors.map(), tensors);
        }
        try (var folder = ModelFolder.open(Golden.path("families", name))) {
            return Model.load(opened, folder);
        }
    }

    private static float[] logits(Model model, Program program, Bindings bindings) {
        try (var run =
                model.run(RunRequest.of(List.of(Row.of(TOKENS)), Logits.ALL).with(program, bindings))) {
            return run.logits().toFloats();
        }
    }

    /** A head whose input comes from another run computes what that run's head computes. */
    @ParameterizedTest
    @MethodSource("models")
    void anEditOfAHeadsInputIsThatOfWhatItComputesFromIt(String name) {
        with(name, model -> {
            float[] plain = logits(model, Program.EMPTY, Bindings.NONE);
            for (var sites : List.of(
                    List.of(Site.Q_INPUT, Site.Q), List.of(Site.K_INPUT, Site.K), List.of(Site.V_INPUT, Site.V))) {
                int head = sites.getFirst().heads(model.architecture()) - 1;
                try (var other = Runs.capture(
                        model,
                        List.of(Row.of(OTHERS)),
                        new SitePoint(sites.getFirst(), LAYER),
                        new SitePoint(sites.getLast(), LAYER))) {
                    float[][] found = new float[2][];
                    for (int i = 0; i < 2; i++) {
                        var edit = Edit.at(sites.get(i))
                                .layers(LAYER)
                                .heads(head)
                                .positions(Positions.of(2, 3, 7))
                                .replace(new Source.Run("other"));
                        found[i] = logits(model, Program.edits(edit), Runs.bind(other));
                    }
                    assertArrayEquals(found[1], found[0], sites.toString());
                    assertFalse(Arrays.equals(plain, found[0]), sites.toString());
                }
            }
        });
    }

    /** Nor another position before it, nor the same prompt beside it. */
    @ParameterizedTest
    @MethodSource("models")
    void oneRowsEditsTouchNoOther(String name) {
        with(name, model -> {
            float[] plain = logits(model, Program.EMPTY, Bindings.NONE);
            var edits = Stream.of(Site.Q_INPUT, Site.K_INPUT, Site.V_INPUT, Site.RESULT)
                    .map(site -> Edit.at(site)
                            .layers(LAYER)
                            .heads(0)
                            .positions(Positions.of(3))
                            .rows(1)
                            .scale(-1))
                    .toList();
            var rows = List.of(Row.of(TOKENS), Row.of(TOKENS), Row.of(TOKENS));
            try (var run = model.run(RunRequest.of(rows, Logits.ALL).with(Program.edits(edits), Bindings.NONE))) {
                float[][] found = Runs.matrix(run.logits().toFloats(), 3);
                assertArrayEquals(plain, found[0]);
                assertFalse(Arrays.equals(plain, found[1]));
                assertArrayEquals(plain, found[2]);
                run.reports().forEach(report -> assertEquals(1, report.fired()));
            }
        });
    }

    /** Taking away a head's result is taking away its z; what is kept of an edited run is what it ran with. */
    @ParameterizedTest
    @MethodSource("models")
    void anEditOfAResultChangesTheSumByAsMuch(String name) {
        with(name, model -> {
            int last = model.architecture().heads() - 1;
            var result = new SitePoint(Site.RESULT, LAYER);
            var raw = new SitePoint(Site.ATTN_RAW, LAYER);
            var captures = List.of(new Capture(result), new Capture(raw));
            float[][] before = kept(model, new Program(List.of(), captures), result, raw);
            var zero = Edit.at(Site.RESULT)
                    .layers(LAYER)
                    .heads(0, last)
                    .positions(Positions.of(4))
                    .zero();
            var twice = Edit.at(Site.RESULT)
                    .layers(LAYER)
                    .heads(last)
                    .positions(Positions.of(5))
                    .scale(2);
            var program = new Program(List.of(zero, twice), captures);
            float[][] after = kept(model, program, result, raw);
            int width = model.architecture().modelWidth();
            int heads = model.architecture().heads();
            for (int token = 0; token < TOKENS.length; token++) {
                for (int i = 0; i < width; i++) {
                    double change = 0;
                    for (int head = 0; head < heads; head++) {
                        int place = (token * heads + head) * width + i;
                        boolean gone = token == 4 && (head == 0 || head == last);
                        float factor = token == 5 && head == last ? 2 : 1;
                        assertEquals(gone ? 0 : factor * before[0][place], after[0][place]);
                        change += (double) after[0][place] - before[0][place];
                    }
                    double sum = before[1][token * width + i] + change;
                    assertEquals(sum, after[1][token * width + i], 1e-5 * Math.max(1, Math.abs(sum)));
                }
            }
            var ofZ = Edit.at(Site.Z)
                    .layers(LAYER)
                    .heads(0, last)
                    .positions(Positions.of(4))
                    .zero();
            float[] expected = logits(model, Program.edits(ofZ), Bindings.NONE);
            float[] found = logits(model, Program.edits(zero), Bindings.NONE);
            double largest = 0;
            double difference = 0;
            for (int i = 0; i < expected.length; i++) {
                largest = Math.max(largest, Math.abs(expected[i]));
                difference = Math.max(difference, Math.abs(expected[i] - found[i]));
            }
            assertTrue(difference <= 1e-5 * largest, difference + " of " + largest);
        });
    }

    private static float[][] kept(Model model, Program program, SitePoint... points) {
        try (var run =
                model.run(RunRequest.of(List.of(Row.of(TOKENS)), Logits.NONE).with(program, Bindings.NONE))) {
            return Arrays.stream(points)
                    .map(point -> run.capture(point).toFloats())
                    .toArray(float[][]::new);
        }
    }

    /** Kept inputs are the edited ones, also where no later step is asked for. */
    @ParameterizedTest
    @MethodSource("models")
    void keptInputsAreTheEditedOnes(String name) {
        with(name, model -> {
            var point = new SitePoint(Site.K_INPUT, LAYER);
            var captures = List.of(new Capture(point));
            float[] before = kept(model, new Program(List.of(), captures), point)[0];
            var edit = Edit.at(Site.K_INPUT)
                    .layers(LAYER)
                    .heads(0)
                    .positions(Positions.of(6))
                    .scale(3);
            float[] after = kept(model, new Program(List.of(edit), captures), point)[0];
            int width = model.architecture().modelWidth();
            int heads = model.architecture().keyValueHeads();
            for (int i = 0; i < before.length; i++) {
                boolean edited = i / (width * heads) == 6 && i / width % heads == 0;
                assertEquals(edited ? 3 * before[i] : before[i], after[i]);
            }
        });
    }

    /** The norm's output is one for all heads: it cannot be edited where single heads read something else. */
    @ParameterizedTest
    @MethodSource("models")
    void theSharedNormCannotBeEditedAtTheSamePosition(String name) {
        with(name, model -> {
            if (Site.LN1_NORMALIZED.absence(model.architecture(), LAYER).isPresent()) {
                return;
            }
            var input = Edit.at(Site.V_INPUT)
                    .layers(LAYER)
                    .heads(0)
                    .positions(Positions.of(3))
                    .zero();
            var same = Edit.at(Site.LN1_NORMALIZED)
                    .layers(LAYER)
                    .positions(Positions.of(3))
                    .scale(2);
            var next = Edit.at(Site.LN1_NORMALIZED)
                    .layers(LAYER)
                    .positions(Positions.of(4))
                    .scale(2);
            var refused =
                    assertThrows(InputException.class, () -> logits(model, Program.edits(input, same), Bindings.NONE));
            assertTrue(String.valueOf(refused.getMessage()).contains("v_input.1 and ln1_normalized.1"));
            logits(model, Program.edits(input, next), Bindings.NONE);
        });
    }
}
