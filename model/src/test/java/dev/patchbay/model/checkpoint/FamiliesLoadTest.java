package dev.patchbay.model.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The golden checkpoints of every family open, every stored number finds its place in the graph, and that place is right. */
class FamiliesLoadTest {
    static Stream<String> models() throws IOException {
        try (var folders = Files.list(Golden.path("families"))) {
            var families = folders.map(folder -> "families/" + folder.getFileName())
                    .sorted()
                    .toList();
            return Stream.concat(
                    families.stream(),
                    Stream.of("patching/gpt2_a/model", "patching/neox_a/model", "patching/llama_a/model"));
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void everyStoredElementIsUsedOnce(String name) {
        try (var model = ModelFolder.open(Golden.path(name))) {
            model.verify();
            var used = new TreeSet<String>();
            long elements = 0;
            for (var source : model.weights().sources().entrySet()) {
                used.add(source.getValue().tensor());
                var tensor = model.assemble(source.getKey());
                assertEquals(
                        tensor.values().length,
                        tensor.shape().stream().reduce(1L, Math::multiplyExact).intValue());
                elements += isTiedHead(model, source.getKey()) ? 0 : tensor.values().length;
            }
            assertEquals(model.tensors().names(), used);
            long stored = model.tensors().names().stream()
                    .mapToLong(tensor -> model.tensors().tensor(tensor).elements())
                    .sum();
            assertEquals(stored, elements);
            assertTrue(model.digest().matches("[0-9a-f]{64}"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gpt2",
                "gpt2-inv-layer-scale",
                "gpt_neox-par",
                "gpt_neox-seq",
                "llama2",
                "llama3-rope-tied",
                "llama-linear-rope",
                "llama-bias",
                "llama-yarn"
            })
    void logitsAreThoseOfTheReference(String family) {
        var folder = Golden.path("families", family);
        try (var model = ModelFolder.open(folder);
                var expected = SafetensorsFile.open(folder.resolve("expected.safetensors"))) {
            var tokens = expected.integers("input_ids");
            var logits = expected.floats("logits");
            int length = expected.tensor("input_ids").shape().getLast().intValue();
            int vocabulary = model.architecture().vocabulary();
            double greatest = 0;
            for (float logit : logits) {
                greatest = Math.max(greatest, Math.abs(logit));
            }
            for (int row = 0; row < tokens.length / length; row++) {
                var found =
                        new Float64Model(model).logits(Arrays.copyOfRange(tokens, row * length, (row + 1) * length));
                for (int at = 0; at < length * vocabulary; at++) {
                    double reference = logits[row * length * vocabulary + at];
                    assertEquals(reference, found[at / vocabulary][at % vocabulary], 1e-5 * greatest);
                }
            }
        }
    }

    private static boolean isTiedHead(ModelFolder model, String graphName) {
        var sources = model.weights().sources();
        return graphName.equals("unembed.weight")
                && Objects.requireNonNull(sources.get("embed.weight"))
                        .tensor()
                        .equals(Objects.requireNonNull(sources.get(graphName)).tensor());
    }
}
