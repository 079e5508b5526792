package dev.patchbay.model.config;

import dev.patchbay.device.Ops.ActivationKind;
import dev.patchbay.device.Ops.NormKind;
import dev.patchbay.model.config.Architecture.Embedding;
import dev.patchbay.model.config.Architecture.Mlp;
import dev.patchbay.model.config.Architecture.MlpKind;
import dev.patchbay.model.config.Architecture.NormPlacement;
import dev.patchbay.model.config.Architecture.Wiring;
import dev.patchbay.model.config.TensorNames.Fused;
import dev.patchbay.model.config.TensorNames.Storage;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Rows of the families with a fused projection of queries, keys and values, layer norm and plain MLP. */
final class FusedFamilies {
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

    private static final TensorNames BLOOM_NAMES = new TensorNames(
            List.of("transformer.", ""),
            "h.",
            Map.of("embed", "word_embeddings", "embed_norm", "word_embeddings_layernorm", "ln_final", "ln_f"),
            Map.of(
                    "ln1", "input_layernorm",
                    "qkv", "self_attention.query_key_value",
                    "o", "self_attention.dense",
                    "ln2", "post_attention_layernorm",
                    "mlp.in", "mlp.dense_h_to_4h",
                    "mlp.out", "mlp.dense_4h_to_h"),
            List.of("lm_head"),
            Storage.LINEAR,
            Fused.GROUPS,
            List.of());

    private static final TensorNames MPT_NAMES = new TensorNames(
            List.of("transformer."),
            "blocks.",
            Map.of("embed", "wte", "ln_final", "norm_f"),
            Map.of(
                    "ln1", "norm_1",
                    "qkv", "attn.Wqkv",
                    "o", "attn.out_proj",
                    "ln2", "norm_2",
                    "mlp.in", "ffn.up_proj",
                    "mlp.out", "ffn.down_proj"),
            List.of("lm_head"),
            Storage.LINEAR,
            Fused.BLOCKS,
            List.of());

    private FusedFamilies() {}

    static List<Family> rows() {
        return List.of(
                new Family(
                        "gpt_neox",
                        FusedFamilies::gptNeoX,
                        NEOX_NAMES,
                        config -> biased(true, config.flag(true, "attention_bias")),
                        false),
                new Family("bloom", FusedFamilies::bloom, BLOOM_NAMES, _ -> biased(true, true), true),
                new Family(
                        "falcon",
                        FusedFamilies::falcon,
                        FusedFamilies::falconNames,
                        config -> biased(config.flag(false, "bias"), config.flag(false, "bias")),
                        true),
                new Family("mpt", FusedFamilies::mpt, MPT_NAMES, _ -> Set.of(), true));
    }

    /** Norms have a bias; MLP and attention where the configuration says so. */
    private static Set<String> biased(boolean mlp, boolean attention) {
        var biased = new HashSet<>(Set.of("ln1", "ln2", "ln_final", "embed_norm"));
        if (mlp) {
            biased.addAll(Set.of("mlp.in", "mlp.out"));
        }
        if (attention) {
            biased.addAll(Set.of("qkv", "o"));
        }
        return biased;
    }

    private static Architecture gptNeoX(ConfigSection config) {
        var blueprint = Blueprint.usual("gpt_neox", config, new Sizes.Usual(2048));
        var activation = Activations.read(config, "gelu", "hidden_act");
        return blueprint
                .norm(NormKind.LAYER, 1e-5, "layer_norm_eps")
                .wiring(config.flag(true, "use_parallel_residual") ? Wiring.PARALLEL : Wiring.SEQUENTIAL)
                .rope(RopeReader.read(
                        config, RopeReader.Usual.of(blueprint.sizes).fraction(0.25)))
                .mlp(new Mlp(MlpKind.PLAIN, activation, blueprint.intermediate()))
                .build();
    }

    private static Architecture bloom(ConfigSection config) {
        boolean fromNorms = config.flag(false, "apply_residual_connection_post_layernorm");
        var keys = Sizes.Keys.USUAL.or(new Sizes.Keys("n_embed", "n_layer", "n_head", "seq_length"));
        var sizes = Sizes.read(config, keys, new Sizes.Usual(2048));
        return new Blueprint("bloom", config, sizes)
                .norm(NormKind.LAYER, 1e-5, "layer_norm_epsilon")
                .placement(fromNorms ? NormPlacement.PRE_STREAM : NormPlacement.PRE)
                .embedding(new Embedding(1, false, 0, true, false))
                .alibi(Alibi.bloom(sizes.heads()))
                .mlp(new Mlp(MlpKind.PLAIN, ActivationKind.GELU_TANH, 4 * sizes.width()))
                .build();
    }

    private static Architecture falcon(ConfigSection config) {
        config.only(false, "apply_residual_connection_post_layernorm", "the reference ignores the key");
        var keys = Sizes.Keys.USUAL.or(new Sizes.Keys(
                "n_embed", "n_layer", "n_head", Sizes.Keys.USUAL.positions().getFirst()));
        var sizes = Sizes.read(config, keys, new Sizes.Usual(2048));
        boolean newer = config.flag(false, "new_decoder_architecture");
        boolean parallel = config.flag(true, "parallel_attn");
        int shared = newer || !config.flag(true, "multi_query")
                ? config.size(sizes.heads(), "num_kv_heads", "n_head_kv").orElse(sizes.heads())
                : 1;
        if (sizes.heads() % shared != 0) {
            throw config.fault("num_kv_heads", "a divisor of " + sizes.heads() + " heads", String.valueOf(shared));
        }
        if (newer && !parallel) {
            throw config.fault("parallel_attn", "true, as new_decoder_architecture says", "false");
        }
        int norms = config.size(2, "num_ln_in_parallel_attn").orElse(newer ? 2 : 1);
        if (norms == 2 && !newer) {
            throw config.fault("num_ln_in_parallel_attn", "1, as new_decoder_architecture is false", "2");
        }
        var activation = Activations.read(config, "gelu", "activation");
        int inner = config.size(ConfigSection.LARGEST_SIZE, "ffn_hidden_size").orElse(4 * sizes.width());
        var together = norms == 2 ? Wiring.PARALLEL : Wiring.PARALLEL_ONE_NORM;
        var blueprint = new Blueprint("falcon", config, sizes.withKeyValueHeads(shared));
        var placed = config.flag(false, "alibi")
                ? blueprint.alibiRounded(Alibi.bloom(sizes.heads()))
                : blueprint.rope(RopeReader.read(config, RopeReader.Usual.of(sizes)));
        return placed.norm(NormKind.LAYER, 1e-5, "layer_norm_epsilon")
                .wiring(parallel ? together : Wiring.SEQUENTIAL)
                .mlp(new Mlp(MlpKind.PLAIN, activation, inner))
                .build();
    }

    /** Where attention and MLP have norms of their own in parallel, they are called after them. */
    private static TensorNames falconNames(Architecture architecture) {
        var usual = BLOOM_NAMES.without(Set.of("embed_norm"));
        return architecture.wiring() == Wiring.PARALLEL ? usual.with(Map.of("ln1", "ln_attn", "ln2", "ln_mlp")) : usual;
    }

    private static Architecture mpt(ConfigSection config) {
        var sizes = Sizes.read(
                config,
                new Sizes.Keys("d_model", "n_layers", "n_heads", "max_seq_len").or(Sizes.Keys.USUAL),
                new Sizes.Usual(2048));
        MptChecks.run(config);
        var attention = config.section("attn_config");
        double usualScale = 1 / Math.sqrt(sizes.headSize());
        double scale = attention
                .map(section -> section.between(0, 1e9, usualScale, "softmax_scale"))
                .orElse(usualScale);
        double clip =
                attention.map(section -> section.between(0, 1e9, 0, "clip_qkv")).orElse(0.0);
        return new Blueprint("mpt", config, sizes)
                .norm(NormKind.LAYER, 1e-5, "layer_norm_epsilon")
                .scale(_ -> scale)
                .clip((float) clip)
                .alibi(Alibi.mpt(sizes.heads()))
                .mlp(new Mlp(MlpKind.PLAIN, ActivationKind.GELU_ERF, 4 * sizes.width()))
                .build();
    }
}
