package dev.patchbay.model.config;

import dev.patchbay.device.Ops.NormKind;
import dev.patchbay.device.Ops.RopePairing;
import dev.patchbay.model.config.Architecture.Mlp;
import dev.patchbay.model.config.Architecture.MlpKind;
import dev.patchbay.model.config.Architecture.Wiring;
import dev.patchbay.model.config.Blueprint.SizeKeys;
import dev.patchbay.model.config.TensorNames.Fused;
import dev.patchbay.model.config.TensorNames.Storage;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Rows of the families after GPT-2: layer norm with bias, plain MLP. */
final class GptFamilies {
    private static final TensorNames GPT2_NAMES = new TensorNames(
            List.of("transformer.", ""),
            "h.",
            Map.of("embed", "wte", "pos_embed", "wpe", "ln_final", "ln_f"),
            Map.of(
                    "ln1", "ln_1",
                    "qkv", "attn.c_attn",
                    "o", "attn.c_proj",
                    "ln2", "ln_2",
                    "mlp.in", "mlp.c_fc",
                    "mlp.out", "mlp.c_proj"),
            List.of("lm_head"),
            Storage.CONVOLUTION,
            Fused.BLOCKS,
            List.of("attn.bias", "attn.masked_bias"));

    private static final TensorNames NEOX_NAMES = new TensorNames(
            List.of("gpt_neox."),
            "layers.",
            Map.of("embed", "embed_in", "ln_final", "final_layer_norm"),
            Map.of(
                    "ln1", "input_layernorm",
                    "qkv", "attention.query_key_value",
                    "o", "attention.dense",
                    "ln2", "post_attention_layernorm",
                    "mlp.in", "mlp.dense_h_to_4h",
                    "mlp.out", "mlp.dense_4h_to_h"),
            List.of("embed_out", "lm_head"),
            Storage.LINEAR,
            Fused.GROUPS,
            List.of("attention.bias", "attention.masked_bias", "attention.rotary_emb.inv_freq"));

    private GptFamilies() {}

    static List<Family> rows() {
        return List.of(
                new Family("gpt2", GptFamilies::gpt2, GPT2_NAMES, _ -> biased(true), true),
                new Family(
                        "gpt_neox",
                        GptFamilies::gptNeoX,
                        NEOX_NAMES,
                        config -> biased(config.flag(true, "attention_bias")),
                        false));
    }

    /** Everything has a bias, but attention only where the configuration says so. */
    private static Set<String> biased(boolean attention) {
        var biased = new HashSet<>(Set.of("ln1", "ln2", "ln_final", "mlp.in", "mlp.out"));
        if (attention) {
            biased.addAll(Set.of("qkv", "o"));
        }
        return biased;
    }

    private static Architecture gpt2(ConfigSection config) {
        if (config.flag(false, "add_cross_attention")) {
            throw config.fault("add_cross_attention", "false: only decoders without an encoder are supported", "true");
        }
        var blueprint = new Blueprint("gpt2", config, new SizeKeys("n_embd", "n_layer", "n_head", "n_positions"), 1024);
        boolean scaled = config.flag(true, "scale_attn_weights");
        boolean byLayer = config.flag(false, "scale_attn_by_inverse_layer_idx");
        var activation = Activations.read(config, "gelu_new", "activation_function");
        int inner = config.size(ConfigSection.LARGEST_SIZE, "n_inner").orElse(4 * blueprint.width);
        return blueprint
                .norm(NormKind.LAYER, 1e-5, "layer_norm_epsilon")
                .learnedPositions()
                .scale(layer -> (scaled ? 1 / Math.sqrt(blueprint.headSize) : 1) / (byLayer ? layer + 1 : 1))
                .mlp(new Mlp(MlpKind.PLAIN, activation, inner))
                .build();
    }

    private static Architecture gptNeoX(ConfigSection config) {
        var blueprint = new Blueprint("gpt_neox", config, SizeKeys.USUAL, 2048);
        var activation = Activations.read(config, "gelu", "hidden_act");
        int inner = config.requiredSize(ConfigSection.LARGEST_SIZE, "intermediate_size");
        return blueprint
                .norm(NormKind.LAYER, 1e-5, "layer_norm_eps")
                .wiring(config.flag(true, "use_parallel_residual") ? Wiring.PARALLEL : Wiring.SEQUENTIAL)
                .rope(RopeReader.read(config, RopePairing.HALF, blueprint.headSize, 0.25, blueprint.maxPositions))
                .mlp(new Mlp(MlpKind.PLAIN, activation, inner))
                .build();
    }
}
