package dev.patchbay.model.config;

import dev.patchbay.device.Ops.ActivationKind;
import dev.patchbay.device.Ops.NormKind;
import dev.patchbay.model.checkpoint.Json;
import dev.patchbay.model.config.Architecture.Head;
import dev.patchbay.model.config.Architecture.Mlp;
import dev.patchbay.model.config.Architecture.MlpKind;
import dev.patchbay.model.config.Architecture.NormPlacement;
import dev.patchbay.model.config.Architecture.QueryKeyNorm;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Rows of the Gemma families: RMS norms that store w − 1, a scaled embedding, gated MLP with the tanh form of GELU. */
final class GemmaFamilies {
    private static final TensorNames SANDWICH_NAMES = LlamaFamilies.NAMES.with(Map.of(
            "ln1_post", "post_attention_layernorm",
            "ln2", "pre_feedforward_layernorm",
            "ln2_post", "post_feedforward_layernorm"));

    private static final String BIDIRECTIONAL = "only attention to earlier positions is supported";

    private static final TensorNames WITH_VISION_NAMES = SANDWICH_NAMES
            .with(LlamaFamilies.HEAD_NORMS)
            .within(
                    List.of("language_model.model.", "model.language_model."),
                    List.of("language_model.lm_head", "lm_head"),
                    List.of(
                            "vision_tower.",
                            "multi_modal_projector.",
                            "model.vision_tower.",
                            "model.multi_modal_projector."));

    private GemmaFamilies() {}

    static List<Family> rows() {
        return List.of(
                new Family("gemma", GemmaFamilies::gemma, LlamaFamilies.NAMES, LlamaFamilies::attentionBiased, true),
                new Family("gemma2", GemmaFamilies::gemma2, SANDWICH_NAMES, LlamaFamilies::attentionBiased, true),
                new Family(
                        "gemma3_text",
                        GemmaFamilies::gemma3,
                        SANDWICH_NAMES.with(LlamaFamilies.HEAD_NORMS),
                        LlamaFamilies::attentionBiased,
                        true),
                new Family(
                        "gemma3",
                        GemmaFamilies::gemma3,
                        _ -> WITH_VISION_NAMES,
                        LlamaFamilies::attentionBiased,
                        true,
                        GemmaFamilies::text));
    }

    /** The text part of a model that also sees pictures; published files leave out what is as in the smallest one. */
    private static ConfigSection text(ConfigSection config) {
        var text = config.section("text_config")
                .orElseThrow(() -> config.fault("text_config", "an object, as a gemma3 has", "nothing"));
        return text.orElse(Map.of(
                "vocab_size", new Json.Numeral("262208"),
                "num_attention_heads", new Json.Numeral("8"),
                "num_key_value_heads", new Json.Numeral("4")));
    }

    private static Blueprint usual(String family, ConfigSection config, Sizes.Usual usual) {
        config.only(false, "use_bidirectional_attention", BIDIRECTIONAL);
        var blueprint = Blueprint.usual(family, config, usual);
        return blueprint
                .norm(NormKind.RMS, 1e-6, "rms_norm_eps", 1)
                .embeddingMultiplier(Math.sqrt(blueprint.sizes.width()))
                .mlp(new Mlp(MlpKind.GATED, activation(config), blueprint.intermediate()));
    }

    /** {@code hidden_activation}, or else {@code hidden_act}, whose {@code gelu} has always meant the tanh form here. */
    private static ActivationKind activation(ConfigSection config) {
        if (config.has("hidden_activation")) {
            return Activations.read(config, "", "hidden_activation");
        }
        var kind = Activations.read(config, "gelu_pytorch_tanh", "hidden_act");
        return kind == ActivationKind.GELU_ERF ? ActivationKind.GELU_TANH : kind;
    }

    private static Architecture gemma(ConfigSection config) {
        var blueprint = usual("gemma", config, new Sizes.Usual(8192, 256, 16));
        return blueprint
                .rope(RopeReader.read(config, RopeReader.Usual.of(blueprint.sizes)))
                .build();
    }

    /** Norms around each sublayer, scores scaled by a number of their own, soft-capped logits. */
    private static Blueprint sandwich(Blueprint blueprint, double usualLogitCap) {
        var config = blueprint.config;
        double scale = 1 / Math.sqrt(config.between(0, 1e9, 256, "query_pre_attn_scalar"));
        return blueprint
                .placement(NormPlacement.SANDWICH)
                .scale(_ -> scale)
                .head(new Head(true, 1, config.positiveUnlessNull(usualLogitCap, "final_logit_softcapping")));
    }

    private static Architecture gemma2(ConfigSection config) {
        var blueprint = usual("gemma2", config, new Sizes.Usual(8192, 256, 4));
        var types = LayerTypes.read(
                config,
                blueprint.sizes.layers(),
                config.sizeUnlessNull(4096, "sliding_window"),
                layer -> layer % 2 == 0);
        return sandwich(blueprint, 30)
                .rope(RopeReader.read(config, RopeReader.Usual.of(blueprint.sizes)))
                .windows(types::window)
                .scoreCap(config.positiveUnlessNull(50, "attn_logit_softcapping"))
                .build();
    }

    private static Architecture gemma3(ConfigSection config) {
        config.absent("attn_logit_softcapping", "the reference stores the key and does not use it");
        var blueprint = usual("gemma3_text", config, new Sizes.Usual(131_072, 256, 4));
        int period = config.size(ConfigSection.LARGEST_SIZE, "sliding_window_pattern", "_sliding_window_pattern")
                .orElse(6);
        var types = LayerTypes.read(
                config,
                blueprint.sizes.layers(),
                config.sizeUnlessNull(4096, "sliding_window"),
                layer -> (layer + 1) % period != 0);
        var usual = RopeReader.Usual.of(blueprint.sizes);
        var full = RopeReader.read(config, usual.theta(1e6), LayerTypes.FULL, "rope_theta");
        var sliding = RopeReader.read(config, usual, LayerTypes.SLIDING, "rope_local_base_freq");
        return sandwich(blueprint, 0)
                .queryKeyNorm(QueryKeyNorm.PER_HEAD)
                .ropes(types.choose(Optional.of(full), Optional.of(sliding)))
                .windows(types::window)
                .build();
    }
}
