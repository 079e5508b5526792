package dev.patchbay.model.config;

import dev.patchbay.device.Ops.NormKind;
import dev.patchbay.model.config.Architecture.Norm;
import dev.patchbay.model.config.Architecture.NormPlacement;
import dev.patchbay.model.config.Architecture.QueryKeyNorm;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Rows of the OLMo families: gated MLP; norms without parameters, or only on what the sublayers give. */
final class OlmoFamilies {
    private static final TensorNames PLAIN_NAMES = LlamaFamilies.NAMES.without(Set.of("ln1", "ln2", "ln_final"));
    private static final TensorNames OUTPUT_NAMES = LlamaFamilies.NAMES
            .without(Set.of("ln1", "ln2"))
            .with(LlamaFamilies.HEAD_NORMS)
            .with(Map.of("ln1_post", "post_attention_layernorm", "ln2_post", "post_feedforward_layernorm"));

    private OlmoFamilies() {}

    static List<Family> rows() {
        return List.of(
                new Family("olmo", OlmoFamilies::olmo, PLAIN_NAMES, LlamaFamilies::attentionBiased, false),
                new Family("olmo2", OlmoFamilies::olmo2, OUTPUT_NAMES, LlamaFamilies::attentionBiased, false),
                new Family("olmo3", OlmoFamilies::olmo3, OUTPUT_NAMES, LlamaFamilies::attentionBiased, false));
    }

    private static Architecture olmo(ConfigSection config) {
        var blueprint = Blueprint.usual("olmo", config, new Sizes.Usual(2048));
        return blueprint
                .norm(new Norm(NormKind.LAYER, 1e-5f, 0))
                .rope(RopeReader.read(config, RopeReader.Usual.of(blueprint.sizes)))
                .clip(config.positiveUnlessNull(0, "clip_qkv"))
                .gated()
                .build();
    }

    private static Blueprint later(String family, ConfigSection config) {
        return Blueprint.usual(family, config, new Sizes.Usual(2048))
                .norm(NormKind.RMS, 1e-5, "rms_norm_eps")
                .placement(NormPlacement.OUTPUT)
                .queryKeyNorm(QueryKeyNorm.WHOLE)
                .gated();
    }

    private static Architecture olmo2(ConfigSection config) {
        var blueprint = later("olmo2", config);
        return blueprint
                .rope(RopeReader.read(config, RopeReader.Usual.of(blueprint.sizes)))
                .build();
    }

    private static Architecture olmo3(ConfigSection config) {
        var blueprint = later("olmo3", config);
        var types = LayerTypes.read(
                config,
                blueprint.sizes.layers(),
                config.sizeUnlessNull(4096, "sliding_window"),
                layer -> (layer + 1) % 4 != 0);
        var usual = RopeReader.Usual.of(blueprint.sizes);
        var full = RopeReader.read(config, usual, LayerTypes.FULL, "rope_theta");
        var sliding = RopeReader.read(config, usual, LayerTypes.SLIDING, "rope_theta");
        return blueprint
                .ropes(types.choose(Optional.of(full), Optional.of(sliding)))
                .windows(types::window)
                .build();
    }
}
