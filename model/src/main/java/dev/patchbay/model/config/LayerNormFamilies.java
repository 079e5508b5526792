package dev.patchbay.model.config;

import dev.patchbay.device.Ops.NormKind;
import dev.patchbay.device.Ops.RopePairing;
import dev.patchbay.model.config.Architecture.Head;
import dev.patchbay.model.config.Architecture.Mlp;
import dev.patchbay.model.config.Architecture.MlpKind;
import dev.patchbay.model.config.Architecture.QueryKeyNorm;
import dev.patchbay.model.config.Architecture.Wiring;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Rows of the families that name their tensors as Llama does and normalise with layer norm. */
final class LayerNormFamilies {
    private static final TensorNames PHI_NAMES = LlamaFamilies.NAMES
            .without(Set.of("ln2", "mlp.gate"))
            .withOnce(Map.of("ln_final", "final_layernorm"))
            .with(Map.of(
                    "o", "self_attn.dense",
                    "q_norm", "self_attn.q_layernorm",
                    "k_norm", "self_attn.k_layernorm",
                    "mlp.in", "mlp.fc1",
                    "mlp.out", "mlp.fc2"));

    private static final TensorNames STARCODER_NAMES =
            LlamaFamilies.NAMES.without(Set.of("mlp.gate")).with(Map.of("mlp.in", "mlp.c_fc", "mlp.out", "mlp.c_proj"));

    private static final Set<String> NORMS = Set.of("ln1", "ln2", "ln_final", "q_norm", "k_norm");

    private LayerNormFamilies() {}

    static List<Family> rows() {
        return List.of(
                new Family(
                        "phi",
                        LayerNormFamilies::phi,
                        PHI_NAMES,
                        _ -> normsAnd(true, "q", "k", "v", "o", "mlp.in", "mlp.out", "unembed"),
                        false),
                new Family(
                        "stablelm",
                        LayerNormFamilies::stableLm,
                        LlamaFamilies.NAMES.with(Map.of(
                                "q_norm", "self_attn.q_layernorm.norms.{head}",
                                "k_norm", "self_attn.k_layernorm.norms.{head}")),
                        config -> normsAnd(config.flag(false, "use_qkv_bias"), "q", "k", "v"),
                        false),
                new Family(
                        "starcoder2",
                        LayerNormFamilies::starcoder2,
                        STARCODER_NAMES,
                        config -> normsAnd(config.flag(true, "use_bias"), "q", "k", "v", "o", "mlp.in", "mlp.out"),
                        true),
                new Family(
                        "cohere",
                        LayerNormFamilies::cohere,
                        LlamaFamilies.NAMES.with(LlamaFamilies.HEAD_NORMS),
                        LlamaFamilies::attentionBiased,
                        true));
    }

    private static Set<String> normsAnd(boolean others, String... parts) {
        var biased = new HashSet<>(NORMS);
        if (others) {
            biased.addAll(Set.of(parts));
        }
        return biased;
    }

    private static Architecture phi(ConfigSection config) {
        var blueprint = Blueprint.usual("phi", config, new Sizes.Usual(2048));
        var activation = Activations.read(config, "gelu_new", "hidden_act");
        return blueprint
                .norm(NormKind.LAYER, 1e-5, "layer_norm_eps")
                .wiring(Wiring.PARALLEL_ONE_NORM)
                .queryKeyNorm(config.flag(false, "qk_layernorm") ? QueryKeyNorm.PER_HEAD : QueryKeyNorm.NONE)
                .rope(RopeReader.read(
                        config, RopeReader.Usual.of(blueprint.sizes).fraction(0.5)))
                .mlp(new Mlp(MlpKind.PLAIN, activation, blueprint.intermediate()))
                .build();
    }

    private static Architecture stableLm(ConfigSection config) {
        var blueprint = Blueprint.usual("stablelm", config, new Sizes.Usual(4096, 0, 32));
        return blueprint
                .norm(NormKind.LAYER, 1e-5, "layer_norm_eps")
                .wiring(config.flag(false, "use_parallel_residual") ? Wiring.PARALLEL_ONE_NORM : Wiring.SEQUENTIAL)
                .queryKeyNorm(config.flag(false, "qk_layernorm") ? QueryKeyNorm.PER_HEAD_SEPARATE : QueryKeyNorm.NONE)
                .rope(RopeReader.read(
                        config, RopeReader.Usual.of(blueprint.sizes).fraction(0.25)))
                .gated()
                .build();
    }

    private static Architecture starcoder2(ConfigSection config) {
        var blueprint = Blueprint.usual("starcoder2", config, new Sizes.Usual(4096, 0, 2));
        var types = LayerTypes.uniform(
                config, blueprint.sizes.layers(), config.size(ConfigSection.LARGEST_SIZE, "sliding_window"));
        var activation = Activations.read(config, "gelu_pytorch_tanh", "hidden_act");
        return blueprint
                .norm(NormKind.LAYER, 1e-5, "norm_epsilon")
                .rope(RopeReader.read(config, RopeReader.Usual.of(blueprint.sizes)))
                .windows(types::window)
                .mlp(new Mlp(MlpKind.PLAIN, activation, blueprint.intermediate()))
                .build();
    }

    private static Architecture cohere(ConfigSection config) {
        var blueprint = Blueprint.usual("cohere", config, new Sizes.Usual(8192));
        return blueprint
                .norm(NormKind.LAYER, 1e-5, "layer_norm_eps")
                .wiring(Wiring.PARALLEL_ONE_NORM)
                .queryKeyNorm(config.flag(false, "use_qk_norm") ? QueryKeyNorm.PER_HEAD_SEPARATE : QueryKeyNorm.NONE)
                .rope(RopeReader.read(
                        config, RopeReader.Usual.of(blueprint.sizes).pairing(RopePairing.PAIR)))
                .head(new Head(true, (float) config.between(0, 1e9, 0.0625, "logit_scale"), 0))
                .gated()
                .build();
    }
}
