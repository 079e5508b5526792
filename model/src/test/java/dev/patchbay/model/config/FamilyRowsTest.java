package dev.patchbay.model.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.device.Ops.ActivationKind;
import dev.patchbay.model.checkpoint.Golden;
import dev.patchbay.model.config.Architecture.NormPlacement;
import dev.patchbay.model.config.Architecture.Wiring;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the rows of the family table make of a configuration: older keys, usual values, refusals. */
class FamilyRowsTest {
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

    private static final String VALUE = "(\"[^\"]*\"|\\[(?:[^\\[\\]]|\\[(?:[^\\[\\]]|\\[[^\\[\\]]*\\])*\\])*\\]"
            + "|\\{(?:[^{}]|\\{[^{}]*\\})*\\}|[^\\[{,\\s}]+)";

    /** The text with a member set, wherever it stands, or put first where it is new. */
    private static String with(String text, String key, String value) {
        var pattern = Pattern.compile("\"" + key + "\":\\s*" + VALUE);
        var member = "\"" + key + "\": " + value;
        return pattern.matcher(text).find()
                ? pattern.matcher(text).replaceFirst(Matcher.quoteReplacement(member))
                : text.replaceFirst("\\{", Matcher.quoteReplacement("{" + member + ","));
    }

    /** The text without a member. */
    private static String without(String text, String key) {
        return text.replaceFirst("\"" + key + "\":\\s*" + VALUE + ",?", "");
    }

    private static List<Integer> windows(Architecture architecture) {
        return architecture.attention().stream()
                .map(Architecture.LayerAttention::window)
                .toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gpt_neo|attention_types|[[[\"global\", \"local\"], 2]]",
                "gpt_neo|attention_types|[[[\"global\", \"far\"], 1], [[\"global\"], 1]]",
                "gpt_neo|attention_types|[[[\"global\"], 3]]",
                "gpt_neo|attention_types|[[[\"global\"], 1e9]]",
                "gpt_neo|window_size|0",
                "mixtral|num_experts_per_tok|5",
                "mixtral|num_experts|8",
                "mixtral|quantization_config|{\"quant_method\": \"mxfp4\"}",
                "qwen2_moe|mlp_only_layers|[3]",
                "qwen2_moe|mlp_only_layers|[\"0\"]",
                "qwen2_moe|shared_expert_intermediate_size|0",
                "gpt_oss|swiglu_limit|6.0",
                "gpt_oss|hidden_act|\"gelu\"",
                "gpt_oss|rope_parameters|null",
                "gpt_oss|quantization_config|{\"quant_method\": \"fp8\"}",
                "gptj|rotary_dim|null",
                "gptj|rotary_dim|3",
                "gptj|rotary_dim|10",
                "gptj|rope_scaling|{\"type\": \"linear\", \"factor\": 2.0}",
                "gptj|rope_theta|500000",
                "opt-pre|layer_norm_elementwise_affine|false",
                "opt-pre|word_embed_proj_dim|0",
                "falcon-7b|num_ln_in_parallel_attn|2",
                "falcon-40b|parallel_attn|false",
                "falcon-40b|apply_residual_connection_post_layernorm|true",
                "falcon-40b|num_kv_heads|3",
                "mpt|expansion_ratio|2",
                "mpt|no_bias|false",
                "mpt|logit_scale|0.5",
                "mpt|alibi|false",
                "mpt|alibi_bias_max|16",
                "mpt|qk_ln|true",
                "mpt|prefix_lm|true",
                "mpt|attn_type|\"multiquery_attention\"",
                "mpt|clip_qkv|-1",
                "mistral-sw5|sliding_window|0",
                "mistral-sw5|layer_types|[\"full_attention\", \"sliding_attention\", \"sliding_attention\"]",
                "qwen2-sw|layer_types|[\"full_attention\"]",
                "qwen2-sw|layer_types|[\"full_attention\", \"wide\", \"full_attention\"]",
                "qwen2-sw|layer_types|[\"full_attention\", 3, \"full_attention\"]",
                "qwen2-sw|sliding_window|null",
                "gemma|use_bidirectional_attention|true",
                "gemma2|sliding_window|null",
                "gemma2|attn_logit_softcapping|-3",
                "gemma2|query_pre_attn_scalar|0",
                "gemma3|attn_logit_softcapping|50.0",
                "gemma3|rope_parameters|{\"rope_theta\": 10000.0, \"rope_type\": \"default\"}",
                "phi3-longrope-long|short_factor|[1.0, 1.1, 1.2]",
                "phi3-longrope-long|long_factor|[1.0, 1.1, 1.2, 0.0]",
                "phi3-longrope-long|long_factor|[1.0, 1.1, 1.2, \"1\"]",
                "phi3-longrope-long|rope_type|\"yarn\"",
                "phi3-longrope-long|rope_type|\"dynamic\"",
                "granite|logits_scaling|0",
                "smollm3|no_rope_layers|[1, 1, 1]",
                "smollm3|no_rope_layers|[1, 1, 1, 2, 1]",
            })
    void whatIsNotComputedIsRefusedByName(String family, String key, String value) {
        var message = Golden.refusal(() -> parse(with(golden(family), key, value)));
        boolean named = message.contains(key) || message.contains("attention_layers") || message.contains("rope_type");
        boolean byLayers = message.contains("layer_types") || message.contains("sliding_attention");
        assertTrue(named || byLayers || message.contains("long_factor"), message);
    }

    @Test
    void windowsFollowLayerTypesOrTheFamilysHabit() {
        assertEquals(List.of(5, 0, 5), windows(parse(without(golden("gemma2"), "layer_types"))));
        assertEquals(List.of(5, 5, 5, 5, 5, 0, 5), windows(parse(without(golden("gemma3"), "layer_types"))));
        assertEquals(List.of(5, 5, 5, 0, 5), windows(parse(without(golden("olmo3"), "layer_types"))));
        assertEquals(List.of(0, 5, 5), windows(parse(without(golden("qwen2-sw"), "layer_types"))));
        assertEquals(List.of(0, 5, 0), windows(parse(golden("gpt_neo"))));
        assertEquals(List.of(0, 5, 0), windows(parse(without(golden("gpt_neo"), "attention_layers"))));
        assertEquals(List.of(0, 0, 0), windows(parse(with(golden("mistral-sw5"), "sliding_window", "null"))));
        assertEquals(List.of(4096, 4096, 4096), windows(parse(without(golden("mistral-sw5"), "sliding_window"))));
        assertEquals(List.of(0, 0, 0), windows(parse(without(golden("phi3-sw"), "sliding_window"))));
    }

    @Test
    void capsThatAreNullAreNoneAndThoseLeftOutAreTheUsualOnes() {
        var none = parse(with(golden("gemma2"), "attn_logit_softcapping", "null"));
        assertEquals(0, none.attention().getFirst().softCap());
        var usual = parse(without(without(golden("gemma2"), "attn_logit_softcapping"), "final_logit_softcapping"));
        assertEquals(50, usual.attention().getFirst().softCap());
        assertEquals(30, usual.head().softCap());
    }

    @Test
    void geluMeansTheTanhFormInGemmaAlone() {
        var gemma = parse(with(golden("gemma"), "hidden_act", "\"gelu\""));
        assertEquals(ActivationKind.GELU_TANH, gemma.mlp().getFirst().activation());
        var both = with(with(golden("gemma"), "hidden_act", "\"relu\""), "hidden_activation", "\"silu\"");
        assertEquals(ActivationKind.SILU, parse(both).mlp().getFirst().activation());
    }

    @Test
    void olderKeysMeanTheSame() {
        var falcon = golden("falcon-40b");
        var older = with(
                with(
                        with(without(without(falcon, "num_hidden_layers"), "num_attention_heads"), "n_layer", "3"),
                        "n_head",
                        "4"),
                "num_kv_heads",
                "2");
        assertEquals(parse(falcon), parse(older));
        var gemma = golden("gemma3");
        var keys = with(
                with(without(gemma, "rope_parameters"), "rope_theta", "1000000.0"), "rope_local_base_freq", "10000.0");
        assertEquals(parse(gemma), parse(with(keys, "rope_scaling", "{\"factor\": 8.0, \"rope_type\": \"linear\"}")));
        var olmo = golden("olmo3");
        assertEquals(parse(olmo), parse(with(without(olmo, "rope_parameters"), "rope_theta", "500000.0")));
        var phi = golden("phi3-longrope-long");
        assertEquals(parse(phi), parse(with(phi, "rope_type", "\"su\"")));
        var bloom = golden("bloom");
        assertEquals(parse(bloom), parse(with(without(bloom, "hidden_size"), "n_embed", "32")));
        Golden.refusal(() -> parse(with(bloom, "n_embed", "64")));
    }

    @Test
    void wiringsAndPlacements() {
        assertEquals(Wiring.PARALLEL_ONE_NORM, parse(golden("falcon-7b")).wiring());
        assertEquals(Wiring.PARALLEL, parse(golden("falcon-40b")).wiring());
        var oneNorm = parse(with(golden("falcon-40b"), "num_ln_in_parallel_attn", "1"));
        assertEquals(Wiring.PARALLEL_ONE_NORM, oneNorm.wiring());
        assertEquals(
                Wiring.SEQUENTIAL,
                parse(with(golden("falcon-7b"), "parallel_attn", "false")).wiring());
        assertEquals(1, parse(golden("falcon-7b")).keyValueHeads());
        assertEquals(NormPlacement.POST, parse(golden("opt-post-proj")).placement());
        assertEquals(20, parse(golden("opt-post-proj")).embeddingWidth());
        var bare = parse(with(golden("opt-pre"), "_remove_final_layer_norm", "true"));
        assertNotEquals(parse(golden("opt-pre")).head(), bare.head());
    }

    @Test
    void layersWithoutPositions() {
        var given = parse(golden("smollm3"));
        assertEquals(given, parse(without(golden("smollm3"), "no_rope_layers")));
        var none =
                given.attention().stream().map(layer -> layer.rope().isEmpty()).toList();
        assertEquals(List.of(false, false, false, true, false), none);
    }

    @Test
    void alibiSlopes() {
        var twelve = Alibi.bloom(12);
        assertEquals(twelve, Alibi.bloom(12));
        for (int head = 0; head < 8; head++) {
            assertEquals((float) Math.pow(2, -head - 1), twelve.get(head));
        }
        var rest = new double[] {0.707107, 0.353553, 0.176777, 0.088388};
        for (int head = 0; head < 4; head++) {
            assertEquals(rest[head], twelve.get(8 + head), 1e-6);
            assertEquals(rest[head], Alibi.mpt(12).get(8 + head), 1e-6);
        }
        var many = Alibi.bloom(71);
        assertEquals(0.917004, many.get(0), 1e-6);
        assertEquals(0.840896, many.get(1), 1e-6);
        assertEquals(0.569394, many.get(70), 1e-3);
        assertEquals(List.of(1f / 256), Alibi.mpt(1));
        assertEquals(List.of(1f / 256), Alibi.bloom(1));
        assertEquals(Alibi.bloom(16), Alibi.mpt(16));
    }
}
