package dev.patchbay.model.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Objects;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The golden checkpoints of every family open, and every stored number finds its place in the graph. */
class FamiliesLoadTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "families/gpt2",
                "families/gpt2-inv-layer-scale",
                "families/gpt_neox-par",
                "families/gpt_neox-seq",
                "families/llama2",
                "families/llama3-rope-tied",
                "families/llama-linear-rope",
                "families/llama-bias",
                "families/llama-yarn",
                "patching/gpt2_a/model",
                "patching/neox_a/model",
                "patching/llama_a/model"
            })
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

    private static boolean isTiedHead(ModelFolder model, String graphName) {
        var sources = model.weights().sources();
        return graphName.equals("unembed.weight")
                && Objects.requireNonNull(sources.get("embed.weight"))
                        .tensor()
                        .equals(Objects.requireNonNull(sources.get(graphName)).tensor());
    }
}
