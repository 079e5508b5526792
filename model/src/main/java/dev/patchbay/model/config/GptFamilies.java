package dev.patchbay.model.config;

import dev.patchbay.device.Ops.NormKind;
import dev.patchbay.device.Ops.RopePairing;
import dev.patchbay.model.checkpoint.Json;
import dev.patchbay.model.config.Architecture.Embedding;
import dev.patchbay.model.config.Architecture.Head;
import dev.patchbay.model.config.Architecture.Mlp;
import dev.patchbay.model.config.Architecture.MlpKind;
import dev.patchbay.model.config.Architecture.Norm;
import dev.patchbay.model.config.Architecture.NormPlacement;
import dev.patchbay.model.config.Architecture.Wiring;
import dev.patchbay.model.config.TensorNames.Fused;
import dev.patchbay.model.config.TensorNames.Storage;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Rows of the families after GPT-2 with learned positions, and GPT-J: layer norm with bias, plain MLP. */
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

    private static final TensorNames NEO_NAMES = new TensorNames(
            List.of("transformer."),
            "h.",
            Map.of("embed", "wte", "pos_embed", "wpe", "ln_final", "ln_f"),
            Map.of(
                    "ln1", "ln_1",
                    "q", "attn.attention.q_proj",
                    "k", "attn.attention.k_proj",
                    "v", "attn.attention.v_proj",
                    "o", "attn.attention.out_proj",
                    "ln2", "ln_2",
                    "mlp.in", "mlp.c_fc",
                    "mlp.out", "mlp.c_proj"),
            List.of("lm_head"),
            Storage.LINEAR,
            Fused.BLOCKS,
            List.of("attn.attention.bias", "attn.attention.masked_bias"));

    private static final TensorNames GPTJ_NAMES = new TensorNames(
            List.of("transformer."),
            "h.",
            Map.of("embed", "wte", "ln_final", "ln_f"),
            Map.of(
                    "ln1", "ln_1",
                    "q", "attn.q_proj",
                    "k", "attn.k_proj",
                    "v", "attn.v_proj",
                    "o", "attn.out_proj",
                    "mlp.in", "mlp.fc_in",
                    "mlp.out", "mlp.fc_out"),
            List.of("lm_head"),
            Storage.LINEAR,
            Fused.BLOCKS,
            List.of("attn.bias", "attn.masked_bias"));

    private static final TensorNames OPT_NAMES = new TensorNames(
            List.of("model.decoder.", "decoder."),
            "layers.",
            Map.of(
                    "embed", "embed_tokens",
                    "embed_project", "project_in",
                    "pos_embed", "embed_positions",
                    "ln_final", "final_layer_norm",
                    "unembed_project", "project_out"),
            Map.of(
                    "ln1", "self_attn_layer_norm",
                    "ln1_post", "self_attn_layer_norm",
                    "q", "self_attn.q_proj",
                    "k", "self_attn.k_proj",
                    "v", "self_attn.v_proj",
                    "o", "self_attn.out_proj",
                    "ln2", "final_layer_norm",
                    "ln2_post", "final_layer_norm",
                    "mlp.in", "fc1",
                    "mlp.out", "fc2"),
            List.of("lm_head"),
            Storage.LINEAR,
            Fused.BLOCKS,
            List.of());

    private static final Sizes.Keys SHORT_KEYS = new Sizes.Keys("n_embd", "n_layer", "n_head", "n_positions");

    private GptFamilies() {}

    static List<Family> rows() {
        return List.of(
                new Family("gpt2", GptFamilies::gpt2, GPT2_NAMES, _ -> biased("qkv", "o"), true),
                new Family("gpt_neo", GptFamilies::gptNeo, NEO_NAMES, _ -> biased("o"), true),
                new Family("gptj", GptFamilies::gptJ, GPTJ_NAMES, _ -> biased("unembed"), false),
                new Family(
                        "opt",
                        GptFamilies::opt,
                        OPT_NAMES,
                        config -> config.flag(true, "enable_bias")
                                ? biased("q", "k", "v", "o", "ln1_post", "ln2_post")
                                : Set.of("ln1", "ln2", "ln1_post", "ln2_post", "ln_final"),
                        true));
    }

    /** The parts that have a bias everywhere, and these. */
    private static Set<String> biased(String... parts) {
        var biased = new HashSet<>(Set.of("ln1", "ln2", "ln_final", "mlp.in", "mlp.out"));
        biased.addAll(Set.of(parts));
        return biased;
    }

    private static Mlp plain(ConfigSection config, String usualActivation, int inner) {
        return new Mlp(MlpKind.PLAIN, Activations.read(config, usualActivation, "activation_function"), inner);
    }

    private static Architecture gpt2(ConfigSection config) {
        config.only(false, "add_cross_attention", "only decoders without an encoder are supported");
        var sizes = Sizes.read(config, SHORT_KEYS.or(Sizes.Keys.USUAL), new Sizes.Usual(1024));
        boolean scaled = config.flag(true, "scale_attn_weights");
        boolean byLayer = config.flag(false, "scale_attn_by_inverse_layer_idx");
        int inner = config.size(ConfigSection.LARGEST_SIZE, "n_inner").orElse(4 * sizes.width());
        return new Blueprint("gpt2", config, sizes)
                .norm(NormKind.LAYER, 1e-5, "layer_norm_epsilon")
                .learnedPositions()
                .scale(layer -> (scaled ? 1 / Math.sqrt(sizes.headSize()) : 1) / (byLayer ? layer + 1 : 1))
                .mlp(plain(config, "gelu_new", inner))
                .build();
    }

    private static Architecture gptNeo(ConfigSection config) {
        var keys = new Sizes.Keys("hidden_size", "num_layers", "num_heads", "max_position_embeddings");
        var sizes = Sizes.read(config, keys.or(Sizes.Keys.USUAL), new Sizes.Usual(2048));
        int inner = config.size(ConfigSection.LARGEST_SIZE, "intermediate_size").orElse(4 * sizes.width());
        int window = config.size(ConfigSection.LARGEST_SIZE, "window_size").orElse(256);
        var types = NeoLayers.read(config, sizes.layers());
        return new Blueprint("gpt_neo", config, sizes)
                .norm(NormKind.LAYER, 1e-5, "layer_norm_epsilon")
                .learnedPositions()
                .scale(_ -> 1.0)
                .windows(layer -> types.get(layer) ? window : 0)
                .mlp(plain(config, "gelu_new", inner))
                .build();
    }

    private static Architecture gptJ(ConfigSection config) {
        var sizes = Sizes.read(config, SHORT_KEYS.or(Sizes.Keys.USUAL), new Sizes.Usual(2048));
        int rotary = config.requiredSize(sizes.headSize(), "rotary_dim");
        if (rotary % 2 != 0) {
            throw config.fault("rotary_dim", "an even number", String.valueOf(rotary));
        }
        config.only(new Json.Numeral("10000"), "rope_theta", "the base of gptj is fixed");
        for (var key : List.of("rope_parameters", "rope_scaling")) {
            config.absent(key, "the rotation of gptj is fixed but for rotary_dim");
        }
        int inner = config.size(ConfigSection.LARGEST_SIZE, "n_inner").orElse(4 * sizes.width());
        return new Blueprint("gptj", config, sizes)
                .norm(NormKind.LAYER, 1e-5, "layer_norm_epsilon")
                .wiring(Wiring.PARALLEL_ONE_NORM)
                .rope(Ropes.of(RopePairing.PAIR, rotary, 10_000, new RopeScaling.None()))
                .mlp(plain(config, "gelu_new", inner))
                .build();
    }

    private static Architecture opt(ConfigSection config) {
        config.only(true, "layer_norm_elementwise_affine", "norms without parameters are not supported in opt");
        var sizes = Sizes.read(config, Sizes.Keys.USUAL, new Sizes.Usual(2048));
        boolean before = config.flag(true, "do_layer_norm_before");
        boolean last = before && !config.flag(false, "_remove_final_layer_norm");
        int table =
                config.size(ConfigSection.LARGEST_SIZE, "word_embed_proj_dim").orElse(sizes.width());
        boolean projected = table != sizes.width();
        return new Blueprint("opt", config, sizes)
                .norm(new Norm(NormKind.LAYER, 1e-5f, 0))
                .placement(before ? NormPlacement.PRE : NormPlacement.POST)
                .embedding(new Embedding(1, true, 2, false, projected, projected ? table : 0))
                .mlp(plain(config, "relu", config.requiredSize(ConfigSection.LARGEST_SIZE, "ffn_dim")))
                .head(new Head(last, 1, 0))
                .build();
    }
}
