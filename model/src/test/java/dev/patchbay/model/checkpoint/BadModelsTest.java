package dev.patchbay.model.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every golden model folder is accepted or refused as its manifest says, and refused for its own fault. */
class BadModelsTest {
    /** What a refusal must say. */
    private static final Map<String, String> WORDS = Map.ofEntries(
            Map.entry("index-path-traversal", "../_outside/model.safetensors"),
            Map.entry("index-absolute-path", "/nonexistent/model.safetensors"),
            Map.entry("index-backslash-path", "expected a plain file name"),
            Map.entry("index-missing-shard", "is absent"),
            Map.entry("index-ghost-tensor", "no shard has: 1 ("),
            Map.entry("index-tensor-in-two-shards", "stored in two shards: 1 ("),
            Map.entry("index-unlisted-tensor", "does not list there: 1 ("),
            Map.entry("index-wrong-total-size", "total_size: expected 12480"),
            Map.entry("index-duplicate-key", "occurs twice"),
            Map.entry("weights-missing-tensor", "missing: 1 (\"model.layers.1.self_attn.q_proj.weight\")"),
            Map.entry("weights-extra-tensor", "not part of the model: 1 ("),
            Map.entry("weights-wrong-shape", "\"model.norm.weight\": expected shape [16], found [8]"),
            Map.entry("weights-transposed", "expected shape [12, 16], found [16, 12]"),
            Map.entry("weights-nan", "model.layers.1.mlp.down_proj.weight\": element 5 of 192 is NaN"),
            Map.entry("weights-int-dtype", "expected F32, F16, BF16 or F64, found I32"),
            Map.entry("config-heads-not-dividing-hidden", "num_attention_heads: expected a divisor of hidden_size 16"),
            Map.entry("config-kv-not-dividing-heads", "num_key_value_heads: expected a divisor"),
            Map.entry("config-more-layers-than-file", "3 layers, the checkpoint holds 2"),
            Map.entry("config-fewer-layers-than-file", "1 layers, the checkpoint holds 2"),
            Map.entry("config-vocab-mismatch", "vocab_size is 12, found [11, 16]"),
            Map.entry("config-unknown-model-type", "model_type: expected one of ["),
            Map.entry(
                    "config-unknown-rope-type",
                    "rope_type: expected one of [default, linear, llama3, longrope, su, yarn]"),
            Map.entry("config-quantized", "quantization_config"),
            Map.entry("config-rope-conflict", "as rope_parameters says"),
            Map.entry("config-tied-but-other-head", "their values differ"),
            Map.entry("config-not-json", "not JSON"),
            Map.entry("pickle-only", "pytorch_model.bin, a format that is not read"),
            Map.entry("no-weights", "no model.safetensors"));

    static List<Golden.Case> folders() {
        return Golden.cases("models/", "");
    }

    @Test
    void everyRefusedFolderHasItsReason() {
        assertEquals(
                WORDS.keySet(),
                folders().stream()
                        .filter(Golden.Case::isRefused)
                        .map(Golden.Case::name)
                        .collect(Collectors.toSet()));
    }

    @ParameterizedTest
    @MethodSource("folders")
    void isJudgedAsTheManifestSays(Golden.Case folder) {
        var path = Golden.path("bad", "models", folder.name());
        if (folder.isRefused()) {
            var message = Golden.refusal(() -> openAndVerify(path));
            assertTrue(message.contains(WORDS.getOrDefault(folder.name(), "no word")), message);
        } else {
            openAndVerify(path);
        }
    }

    private static void openAndVerify(Path path) {
        try (var model = ModelFolder.open(path)) {
            model.verify();
        }
    }
}
