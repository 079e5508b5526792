package dev.patchbay.model.config;

import dev.patchbay.device.Ops.NormKind;
import dev.patchbay.device.Ops.RopePairing;
import dev.patchbay.model.config.Architecture.Mlp;
import dev.patchbay.model.config.Architecture.MlpKind;
import dev.patchbay.model.config.Blueprint.SizeKeys;
import dev.patchbay.model.config.TensorNames.Fused;
import dev.patchbay.model.config.TensorNames.Storage;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Rows of the families after Llama: RMS norm, rotary positions, gated MLP. */
final class LlamaFamilies {
    private static final TensorNames NAMES = new TensorNames(
            List.of("model."),
            "layers.",
            Map.of("embed", "embed_tokens", "ln_final", "norm"),
            Map.of(
                    "ln1", "input_layernorm",
                    "q", "self_attn.q_proj",
                    "k", "self_attn.k_proj",
                    "v", "self_attn.v_proj",
                    "o", "self_attn.o_proj",
                    "ln2", "post_attention_layernorm",
                    "mlp.in", "mlp.up_proj",
                    "mlp.gate", "mlp.gate_proj",
                    "mlp.out", "mlp.down_proj"),
            List.of("lm_head"),
            Storage.LINEAR,
            Fused.BLOCKS,
            List.of("self_attn.rotary_emb.inv_freq"));

    private LlamaFamilies() {}

    static List<Family> rows() {
        return List.of(new Family("llama", LlamaFamilies::llama, NAMES, LlamaFamilies::biased, false));
    }

    private static Architecture llama(ConfigSection config) {
        var blueprint = new Blueprint("llama", config, SizeKeys.USUAL, 2048);
        var activation = Activations.read(config, "silu", "hidden_act");
        int inner = config.requiredSize(ConfigSection.LARGEST_SIZE, "intermediate_size");
        return blueprint
                .norm(NormKind.RMS, 1e-6, "rms_norm_eps")
                .rope(RopeReader.read(config, RopePairing.HALF, blueprint.headSize, 1, blueprint.maxPositions))
                .mlp(new Mlp(MlpKind.GATED, activation, inner))
                .build();
    }

    private static Set<String> biased(ConfigSection config) {
        var biased = new HashSet<String>();
        if (config.flag(false, "attention_bias")) {
            biased.addAll(List.of("q", "k", "v", "o"));
        }
        if (config.flag(false, "mlp_bias")) {
            biased.addAll(List.of("mlp.in", "mlp.gate", "mlp.out"));
        }
        return biased;
    }
}
