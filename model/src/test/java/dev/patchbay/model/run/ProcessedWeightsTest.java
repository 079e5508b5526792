package dev.patchbay.model.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.device.DeviceOptions;
import dev.patchbay.device.Devices;
import dev.patchbay.device.Ops.NormKind;
import dev.patchbay.model.InputCode;
import dev.patchbay.model.InputException;
import dev.patchbay.model.checkpoint.Golden;
import dev.patchbay.model.checkpoint.ModelFolder;
import dev.patchbay.model.processed.ProcessedModel;
import dev.patchbay.model.zoo.Zoo;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Processing weights as TransformerLens does changes no probability, and gives weights of the form it promises. */
class ProcessedWeightsTest {
    private static final List<Row> ROWS = List.of(Row.of(3, 1, 4, 1, 5, 9, 2, 6), Row.of(65, 0, 35, 8));

    /** Models that cannot be processed, and a word of the reason. */
    private static final Map<String, String> REFUSED = Map.of(
            "opt-post-proj", "behind",
            "olmo2", "behind",
            "olmo3", "behind",
            "gpt_oss", "",
            "mixtral", "",
            "qwen2_moe", "",
            "qwen3_moe", "",
            "olmoe", "");

    static Stream<String> names() throws IOException {
        return GoldenFamiliesTest.names().stream();
    }

    private static ProcessedModel processed(String name, ModelFolder folder) {
        return ProcessedModel.of(name, folder.architecture(), folder.weights(), folder.tensors(), folder::digest);
    }

    @ParameterizedTest
    @MethodSource("names")
    void probabilitiesAreUnchanged(String name) {
        try (var device = Devices.open(DeviceOptions.of("cpu").withThreads(1));
                var folder = ModelFolder.open(Golden.path("families", name))) {
            if (REFUSED.containsKey(name)) {
                var message = Golden.refusal(() -> processed(name, folder));
                assertTrue(message.contains(REFUSED.getOrDefault(name, "")) && message.contains("[E-TL]"), message);
                return;
            }
            var made = processed(name, folder);
            try (var raw = Model.load(device, folder);
                    var model = Model.load(device, folder.architecture(), made)) {
                assertNotEquals(raw.digest(), model.digest());
                float[] expected = logProbabilities(raw);
                float[] found = logProbabilities(model);
                float largest = 0;
                float error = 0;
                for (int at = 0; at < expected.length; at++) {
                    largest = Math.max(largest, Math.abs(expected[at]));
                    error = Math.max(error, Math.abs(expected[at] - found[at]));
                }
                assertTrue(error <= 1e-5f * largest, name + ": " + error + " of " + largest);
            }
        }
    }

    private static float[] logProbabilities(Model model) {
        int vocabulary = model.architecture().vocabulary();
        try (var run = model.run(RunRequest.of(ROWS, Logits.ALL))) {
            var logits = run.logits().toFloats();
            for (int row = 0; row < logits.length; row += vocabulary) {
                double largest = Double.NEGATIVE_INFINITY;
                for (int at = row; at < row + vocabulary; at++) {
                    largest = Math.max(largest, logits[at]);
                }
                double sum = 0;
                for (int at = row; at < row + vocabulary; at++) {
                    sum += Math.exp(logits[at] - largest);
                }
                for (int at = row; at < row + vocabulary; at++) {
                    logits[at] = (float) (logits[at] - largest - Math.log(sum));
                }
            }
            return logits;
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void weightsHaveTheirForm(String name) {
        if (REFUSED.containsKey(name)) {
            return;
        }
        try (var folder = ModelFolder.open(Golden.path("families", name))) {
            var made = processed(name, folder);
            var store = made.store();
            boolean centred = folder.architecture().norm().kind() == NormKind.LAYER;
            for (var tensor : store.names()) {
                assertFalse(tensor.matches(".*(ln1|ln2|ln_final)\\.(weight|bias)|.*\\.v\\.bias"), tensor);
                int columns = Math.toIntExact(store.shape(tensor).getLast());
                if (centred && tensor.matches(".*\\.(o|mlp\\.out)\\.(weight|bias)|(embed|pos_embed)\\.weight")) {
                    assertCentred(store.floats(tensor), columns, 1, tensor);
                }
                if (tensor.startsWith("unembed.")
                        && folder.architecture().head().softCap() == 0) {
                    assertCentred(store.floats(tensor), columns, 1, tensor);
                }
                if (centred && tensor.matches(".*\\.([qkv]|mlp\\.in|mlp\\.gate)\\.weight|unembed\\.weight")) {
                    assertCentred(store.floats(tensor), 1, columns, tensor);
                }
            }
            assertEquals(
                    centred ? 0 : 1,
                    made.notes().stream()
                            .filter(note -> note.contains("RMSNorm"))
                            .count());
        }
    }

    /** Every sum over {@code length} elements {@code stride} apart, or over the rest of a column, is 0. */
    private static void assertCentred(float[] values, int length, int stride, String what) {
        int rows = stride == 1 ? length : values.length / stride;
        int lines = values.length / rows;
        for (int line = 0; line < lines; line++) {
            double sum = 0;
            double size = 1e-30;
            for (int at = 0; at < rows; at++) {
                float value = values[stride == 1 ? line * rows + at : at * stride + line];
                sum += value;
                size += Math.abs(value);
            }
            assertTrue(Math.abs(sum) <= 1e-5 * size, what + ": line " + line + " sums to " + sum);
        }
    }

    /** Folded by hand, in the simplest way: q of GPT-2 for one direction of the stream. */
    @Test
    void aQueryWeightIsTheStoredOneTimesTheNormsLessItsMean() {
        try (var folder = ModelFolder.open(Golden.path("families", "gpt2"))) {
            var store = processed("gpt2", folder).store();
            float[] q = folder.assemble("layers.1.q.weight").values();
            float[] gain = folder.assemble("layers.1.ln1.weight").values();
            float[] shift = folder.assemble("layers.1.ln1.bias").values();
            float[] bias = folder.assemble("layers.1.q.bias").values();
            int width = 32;
            int output = 5;
            double mean = 0;
            double folded = bias[output];
            for (int i = 0; i < width; i++) {
                mean += (double) gain[i] * q[i * width + output] / width;
                folded += (double) shift[i] * q[i * width + output];
            }
            for (int i = 0; i < width; i++) {
                double expected = (double) gain[i] * q[i * width + output] - mean;
                assertEquals(expected, store.floats("layers.1.q.weight")[i * width + output], 1e-7);
            }
            assertEquals(folded, store.floats("layers.1.q.bias")[output], 1e-6);
        }
    }

    @Test
    void aModelWithoutNormsIsRefused() {
        var zoo = Zoo.open("ioi");
        var refusal = assertThrows(
                InputException.class,
                () -> ProcessedModel.of(
                        "zoo:ioi", zoo.architecture(), zoo.weights(), zoo.tensors(), zoo.tensors()::digest));
        assertEquals(InputCode.TL, refusal.code().orElseThrow());
    }
}
