package dev.patchbay.model.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.device.Ops.ActivationKind;
import dev.patchbay.device.Ops.NormKind;
import dev.patchbay.model.checkpoint.Golden;
import dev.patchbay.model.config.Architecture.Mlp;
import dev.patchbay.model.config.Architecture.MlpKind;
import dev.patchbay.model.config.Architecture.Norm;
import dev.patchbay.model.config.Architecture.Wiring;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelConfigTest {
    private static final String LLAMA = "llama3-rope-tied";
    private static final String NEOX = "gpt_neox-par";

    private static String golden(String family) {
        try {
            return Files.readString(Golden.path("families", family, "config.json"));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static Architecture parse(String text) {
        return ModelConfig.parse(text.getBytes(StandardCharsets.UTF_8), "config.json")
                .architecture();
    }

    /** The text with the value of a key changed; the key must be there once. */
    private static String with(String text, String key, String value) {
        var pattern = Pattern.compile("\"" + key + "\": (\"[^\"]*\"|[^\\[{,\\s]+)");
        var matcher = pattern.matcher(text);
        assertEquals(1, matcher.results().count(), key);
        return matcher.reset().replaceFirst("\"" + key + "\": " + Matcher.quoteReplacement(value));
    }

    /** The text with members put first. */
    private static String plus(String text, String members) {
        return text.replaceFirst("\\{", Matcher.quoteReplacement("{" + members + ","));
    }

    private static String without(String text, String key) {
        return with(text, key, "null");
    }

    @Test
    void gpt2() {
        var architecture = parse(golden("gpt2"));
        assertEquals(Wiring.SEQUENTIAL, architecture.wiring());
        assertEquals(new Norm(NormKind.LAYER, 0.01f, 0), architecture.norm());
        assertTrue(architecture.embedding().learnedPositions());
        assertEquals(64, architecture.maxPositions());
        assertEquals(
                new Mlp(MlpKind.PLAIN, ActivationKind.GELU_TANH, 128),
                architecture.mlp().getLast());
        assertEquals(
                (float) (1 / Math.sqrt(8)), architecture.attention().getLast().scale());
        var inverse = parse(golden("gpt2-inv-layer-scale"));
        assertEquals(
                (float) (1 / Math.sqrt(8) / 3), inverse.attention().getLast().scale());
        var unscaled = parse(with(golden("gpt2"), "scale_attn_weights", "false"));
        assertEquals(1, unscaled.attention().getFirst().scale());
        assertEquals(
                40,
                parse(with(golden("gpt2"), "n_inner", "40")).mlp().getFirst().width());
    }

    @Test
    void neoxReadsOldAndNewKeys() {
        var newer = golden(NEOX);
        var architecture = parse(newer);
        assertEquals(Wiring.PARALLEL, architecture.wiring());
        assertEquals(Wiring.SEQUENTIAL, parse(golden("gpt_neox-seq")).wiring());
        assertEquals(4, architecture.attention().getFirst().rope().orElseThrow().rotary());
        var older = newer.replaceFirst(
                "\"rope_parameters\": \\{[^}]*\\}", "\"rotary_pct\": 0.5, \"rotary_emb_base\": 10000");
        assertFalse(older.contains("rope_parameters"));
        assertEquals(architecture, parse(older));
        assertEquals(architecture, parse(plus(newer, "\"rotary_pct\": 0.5, \"rotary_emb_base\": 10000")));
        var message = Golden.refusal(() -> parse(plus(newer, "\"rotary_pct\": 0.25")));
        assertTrue(message.contains("rotary_pct: expected 0.5 as partial_rotary_factor says, found 0.25"), message);
        Golden.refusal(() -> parse(plus(newer, "\"rotary_emb_base\": 20000")));
        var unsaid = parse(newer.replaceFirst("\"rope_parameters\": \\{[^}]*\\}", "\"rotary_pct\": null"));
        assertEquals(2, unsaid.attention().getFirst().rope().orElseThrow().rotary());
    }

    @Test
    void llamaReadsOldAndNewKeys() {
        var newer = golden(LLAMA);
        var architecture = parse(newer);
        assertEquals(2, architecture.keyValueHeads());
        assertEquals(16, architecture.headSize());
        assertEquals(
                new Mlp(MlpKind.GATED, ActivationKind.SILU, 48),
                architecture.mlp().getFirst());
        var rope = newer.replaceFirst("(?s).*\"rope_parameters\": (\\{[^}]*\\}).*", "$1");
        var older = plus(
                newer.replaceFirst(
                        "\"rope_parameters\": \\{[^}]*\\}",
                        "\"rope_scaling\": "
                                + rope.replace("rope_type", "type").replaceFirst("\"rope_theta\": 500.0,", "")),
                "\"rope_theta\": 500");
        assertFalse(older.contains("rope_parameters") || older.contains("rope_type"));
        assertEquals(architecture, parse(older));
        assertEquals(architecture, parse(plus(newer, "\"rope_scaling\": " + rope)));
        assertEquals(
                architecture,
                parse(plus(newer, "\"rope_scaling\": " + rope.replace("rope_type", "type") + ", \"rope_theta\": 5e2")));
        Golden.refusal(() -> parse(plus(newer, "\"rope_theta\": 10000.0")));
        Golden.refusal(() -> parse(plus(newer, "\"rope_scaling\": {\"type\": \"linear\", \"factor\": 8.0}")));
        Golden.refusal(() -> parse(plus(newer, "\"rope_scaling\": {\"type\": \"llama3\", \"beta_fast\": 8.0}")));
    }

    @Test
    void sizesThatAreLeftOutHaveTheUsualValues() {
        var plain = golden("llama2");
        assertEquals(4, parse(without(plain, "num_key_value_heads")).keyValueHeads());
        assertEquals(8, parse(without(plain, "head_dim")).headSize());
        assertEquals(2048, parse(without(plain, "max_position_embeddings")).maxPositions());
        assertEquals(1e-6f, parse(without(plain, "rms_norm_eps")).norm().epsilon());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "num_hidden_layers|0",
                "num_hidden_layers|1001",
                "num_hidden_layers|-1",
                "num_hidden_layers|2.0",
                "num_hidden_layers|\"3\"",
                "num_hidden_layers|null",
                "hidden_size|0",
                "hidden_size|16777217",
                "hidden_size|99999999999999999999999",
                "num_attention_heads|0",
                "num_attention_heads|true",
                "num_key_value_heads|3",
                "num_key_value_heads|8",
                "head_dim|7",
                "head_dim|65537",
                "intermediate_size|0",
                "vocab_size|4194305",
                "vocab_size|2147483648",
                "vocab_size|null",
                "rms_norm_eps|0",
                "rms_norm_eps|1",
                "rms_norm_eps|-1e-5",
                "rms_norm_eps|1e-400",
                "hidden_act|\"mystery\"",
                "hidden_act|3",
                "rope_theta|0",
                "rope_theta|-1",
                "rope_theta|1e400",
                "rope_type|\"dynamic\"",
                "rope_type|\"longrope\"",
                "factor|0.5",
                "factor|null",
                "low_freq_factor|4.0",
                "original_max_position_embeddings|0",
                "tie_word_embeddings|1",
                "model_type|\"LLAMA\"",
                "model_type|null"
            })
    void valuesOutOfBoundsAreRefusedByName(String key, String value) {
        var text = with(golden(LLAMA), key, value);
        var message = Golden.refusal(() -> ModelConfig.parse(text.getBytes(StandardCharsets.UTF_8), "config.json")
                .weights(Set.of()));
        // The head's size is refused through what it makes of the rotation.
        assertTrue(message.contains(key), message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"quantization_config\": {\"bits\": 4}",
                "\"auto_map\": {\"AutoModel\": \"x.Y\"}",
                "\"hidden_size\": 32",
                "\"rope_scaling\": 3",
                "\"deep\": [[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]",
                "\"x\": NaN",
                "\"x\": \"\\ud800\""
            })
    void additionsThatCannotBeTrustedAreRefused(String members) {
        Golden.refusal(() -> parse(plus(golden(LLAMA), members)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "3", "{", "\ufeff{}", "{}", "{} {}", "{\"model_type\": \"gpt2\"}", "\0"})
    void otherTextsAreRefused(String text) {
        Golden.refusal(() -> parse(text));
    }

    @Test
    void keysThatChangeNothingArePassedOver() {
        assertEquals(
                parse(golden(LLAMA)),
                parse(plus(golden(LLAMA), "\"quantization_config\": null, \"colour\": 3, \"id2label\": {\"0\": [1]}")));
    }

    @Test
    void crossAttentionIsRefused() {
        Golden.refusal(() -> parse(with(golden("gpt2"), "add_cross_attention", "true")));
    }
}
