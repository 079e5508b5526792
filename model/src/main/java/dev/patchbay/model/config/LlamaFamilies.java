package dev.patchbay.model.config;

import dev.patchbay.device.Ops.NormKind;
import dev.patchbay.model.config.Architecture.Head;
import dev.patchbay.model.config.Architecture.QueryKeyNorm;
import dev.patchbay.model.config.TensorNames.Fused;
import dev.patchbay.model.config.TensorNames.Storage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/** Rows of the families after Llama: RMS norm, rotary positions, gated MLP. */
final class LlamaFamilies {
    /** What Llama calls its tensors, and many families after it. */
    static final TensorNames NAMES = new TensorNames(
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

    /** Norms of queries and keys. */
    static final Map<String, String> HEAD_NORMS = Map.of("q_norm", "self_attn.q_norm", "k_norm", "self_attn.k_norm");

    private static final TensorNames FUSED_NAMES = NAMES.without(Set.of("q", "k", "v", "mlp.in", "mlp.gate"))
            .with(Map.of("qkv", "self_attn.qkv_proj", "mlp.gate_up", "mlp.gate_up_proj"));

    private LlamaFamilies() {}

    static List<Family> rows() {
        return List.of(
                new Family("llama", LlamaFamilies::llama, NAMES, LlamaFamilies::biased, false),
                new Family("mistral", LlamaFamilies::mistral, NAMES, _ -> Set.of(), false),
                new Family("qwen2", LlamaFamilies::qwen2, NAMES, _ -> Set.of("q", "k", "v"), false),
                new Family(
                        "qwen3", LlamaFamilies::qwen3, NAMES.with(HEAD_NORMS), LlamaFamilies::attentionBiased, false),
                new Family("phi3", LlamaFamilies::phi3, FUSED_NAMES, _ -> Set.of(), false),
                new Family("granite", LlamaFamilies::granite, NAMES, LlamaFamilies::biased, false),
                new Family("smollm3", LlamaFamilies::smollm3, NAMES, LlamaFamilies::biased, true));
    }

    /** Attention has a bias where the configuration says so. */
    static Set<String> attentionBiased(ConfigSection config) {
        return config.flag(false, "attention_bias") ? Set.of("q", "k", "v", "o") : Set.of();
    }

    private static Set<String> biased(ConfigSection config) {
        var biased = new HashSet<>(attentionBiased(config));
        if (config.flag(false, "mlp_bias")) {
            biased.addAll(List.of("mlp.in", "mlp.gate", "mlp.out"));
        }
        return biased;
    }

    private static Blueprint usual(String family, ConfigSection config, Sizes.Usual usual) {
        return attention(family, config, usual).gated();
    }

    private static Blueprint attention(String family, ConfigSection config, Sizes.Usual usual) {
        var blueprint = Blueprint.usual(family, config, usual);
        return blueprint
                .norm(NormKind.RMS, 1e-6, "rms_norm_eps")
                .rope(RopeReader.read(config, RopeReader.Usual.of(blueprint.sizes)));
    }

    private static Architecture llama(ConfigSection config) {
        return usual("llama", config, new Sizes.Usual(2048)).build();
    }

    private static Architecture mistral(ConfigSection config) {
        var blueprint = usual("mistral", config, new Sizes.Usual(131_072, 0, 8));
        var window = config.sizeUnlessNull(4096, "sliding_window");
        var types = LayerTypes.uniform(config, blueprint.sizes.layers(), window);
        return blueprint.windows(types::window).build();
    }

    private static Architecture qwen2(ConfigSection config) {
        return qwen("qwen2", config, 0).build();
    }

    private static Architecture qwen3(ConfigSection config) {
        return qwen("qwen3", config, 128).queryKeyNorm(QueryKeyNorm.PER_HEAD).build();
    }

    private static Blueprint qwen(String family, ConfigSection config, int usualHeadSize) {
        return qwenAttention(family, config, new Sizes.Usual(32_768, usualHeadSize, 32))
                .gated();
    }

    /** Qwen2 and what follows it, without MLP: a window on the later layers, where asked for. */
    static Blueprint qwenAttention(String family, ConfigSection config, Sizes.Usual usual) {
        var blueprint = attention(family, config, usual);
        var window = config.flag(false, "use_sliding_window")
                ? config.sizeUnlessNull(4096, "sliding_window")
                : OptionalInt.empty();
        double first = config.between(-1, 1e9, 28, "max_window_layers");
        var types = LayerTypes.read(
                config, blueprint.sizes.layers(), window, layer -> window.isPresent() && layer >= first);
        return blueprint.windows(types::window);
    }

    private static Architecture phi3(ConfigSection config) {
        var blueprint = Blueprint.usual("phi3", config, new Sizes.Usual(4096));
        var types = LayerTypes.uniform(
                config, blueprint.sizes.layers(), config.size(ConfigSection.LARGEST_SIZE, "sliding_window"));
        return blueprint
                .norm(NormKind.RMS, 1e-5, "rms_norm_eps")
                .rope(RopeReader.read(config, RopeReader.Usual.of(blueprint.sizes)))
                .windows(types::window)
                .gated()
                .build();
    }

    private static Architecture granite(ConfigSection config) {
        double attention = config.between(0, 1e9, 1, "attention_multiplier");
        double logits = config.between(0, 1e9, 1, "logits_scaling");
        return usual("granite", config, new Sizes.Usual(2048))
                .embeddingMultiplier(config.between(0, 1e9, 1, "embedding_multiplier"))
                .scale(_ -> attention)
                .residualMultiplier(config.between(0, 1e9, 1, "residual_multiplier"))
                .head(new Head(true, (float) (1 / logits), 0))
                .build();
    }

    private static Architecture smollm3(ConfigSection config) {
        var blueprint = Blueprint.usual("smollm3", config, new Sizes.Usual(32_768, 0, 4));
        int layers = blueprint.sizes.layers();
        var turning = turningLayers(config, layers);
        var rope = RopeReader.read(config, RopeReader.Usual.of(blueprint.sizes).theta(2e6));
        var window = config.flag(false, "use_sliding_window")
                ? config.size(ConfigSection.LARGEST_SIZE, "sliding_window")
                : OptionalInt.empty();
        var types = LayerTypes.read(config, layers, window, layer -> window.isPresent() && !turning.get(layer));
        return blueprint
                .norm(NormKind.RMS, 1e-6, "rms_norm_eps")
                .ropes(layer -> turning.get(layer) ? Optional.of(rope) : Optional.empty())
                .windows(types::window)
                .gated()
                .build();
    }

    /** {@code no_rope_layers}: 1 where a layer has rotary positions; usually all but every fourth. */
    private static List<Boolean> turningLayers(ConfigSection config, int layers) {
        var given = config.array("no_rope_layers");
        int interval = config.size(ConfigSection.LARGEST_SIZE, "no_rope_layer_interval")
                .orElse(4);
        if (given.isEmpty()) {
            return IntStream.rangeClosed(1, layers)
                    .mapToObj(layer -> layer % interval != 0)
                    .toList();
        }
        var turning = new ArrayList<Boolean>();
        for (var flag : given.get()) {
            switch (flag.kind()) {
                case "0" -> turning.add(false);
                case "1" -> turning.add(true);
                default -> throw config.fault("no_rope_layers", "0 or 1", flag.kind());
            }
        }
        if (turning.size() != layers) {
            throw config.fault("no_rope_layers", layers + " entries, one a layer", String.valueOf(turning.size()));
        }
        return turning;
    }
}
