package dev.patchbay.model.config;

import dev.patchbay.device.Ops.ActivationKind;
import dev.patchbay.device.Ops.NormKind;
import dev.patchbay.device.Ops.RouteKind;
import dev.patchbay.model.checkpoint.Json;
import dev.patchbay.model.config.Architecture.Experts;
import dev.patchbay.model.config.Architecture.Mlp;
import dev.patchbay.model.config.Architecture.QueryKeyNorm;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;

/** Rows of the families with mixtures of experts: those after Llama with a router in front of the MLP. */
final class MixtureFamilies {
    private static final int MOST_EXPERTS = 1 << 12;

    private static final TensorNames MIXTRAL_NAMES = LlamaFamilies.NAMES
            .without(Set.of("mlp.in", "mlp.gate", "mlp.out"))
            .with(Map.of(
                    "mlp.router", "block_sparse_moe.gate",
                    "mlp.experts.gate", "block_sparse_moe.experts.{expert}.w1",
                    "mlp.experts.in", "block_sparse_moe.experts.{expert}.w3",
                    "mlp.experts.out", "block_sparse_moe.experts.{expert}.w2"));

    /** Beside those of the MLPs in layers without experts. */
    private static final TensorNames QWEN_NAMES = LlamaFamilies.NAMES.with(Map.of(
            "mlp.router", "mlp.gate",
            "mlp.experts.gate", "mlp.experts.{expert}.gate_proj",
            "mlp.experts.in", "mlp.experts.{expert}.up_proj",
            "mlp.experts.out", "mlp.experts.{expert}.down_proj",
            "mlp.shared.gate", "mlp.shared_expert.gate_proj",
            "mlp.shared.in", "mlp.shared_expert.up_proj",
            "mlp.shared.out", "mlp.shared_expert.down_proj",
            "mlp.shared_gate", "mlp.shared_expert_gate"));

    private static final TensorNames GPT_OSS_NAMES = LlamaFamilies.NAMES
            .without(Set.of("mlp.in", "mlp.gate", "mlp.out"))
            .with(Map.of(
                    "sinks", "self_attn.sinks",
                    "mlp.router", "mlp.router",
                    "mlp.experts.gate_up", "mlp.experts.gate_up_proj",
                    "mlp.experts.out", "mlp.experts.down_proj"))
            .with(TensorNames.Experts.STACKED);

    private MixtureFamilies() {}

    static List<Family> rows() {
        return List.of(
                new Family("mixtral", MixtureFamilies::mixtral, MIXTRAL_NAMES, _ -> Set.of(), false),
                new Family("qwen2_moe", MixtureFamilies::qwen2, QWEN_NAMES, MixtureFamilies::queryKeyValue, false),
                new Family(
                        "qwen3_moe",
                        MixtureFamilies::qwen3,
                        QWEN_NAMES.with(LlamaFamilies.HEAD_NORMS),
                        LlamaFamilies::attentionBiased,
                        false),
                new Family(
                        "olmoe",
                        MixtureFamilies::olmoe,
                        QWEN_NAMES.with(LlamaFamilies.HEAD_NORMS),
                        LlamaFamilies::attentionBiased,
                        false),
                new Family("gpt_oss", MixtureFamilies::gptOss, GPT_OSS_NAMES, MixtureFamilies::gptOssBiased, false));
    }

    private static Set<String> queryKeyValue(ConfigSection config) {
        return config.flag(true, "qkv_bias") ? Set.of("q", "k", "v") : Set.of();
    }

    private static Set<String> gptOssBiased(ConfigSection config) {
        var biased = new HashSet<>(Set.of("mlp.router", "mlp.experts.gate_up", "mlp.experts.out"));
        if (config.flag(true, "attention_bias")) {
            biased.addAll(Set.of("q", "k", "v", "o"));
        }
        return biased;
    }

    /** Numbers of experts; the key has changed its name. */
    private static Experts experts(ConfigSection config, RouteKind route, int sharedWidth) {
        int count = config.requiredSize(MOST_EXPERTS, "num_local_experts", "num_experts");
        int chosen = config.requiredSize(MOST_EXPERTS, "num_experts_per_tok", "experts_per_token");
        if (chosen > count) {
            throw config.fault("num_experts_per_tok", "at most the " + count + " experts there are", "" + chosen);
        }
        return new Experts(count, chosen, route, sharedWidth);
    }

    private static RouteKind usualRoute(ConfigSection config) {
        return config.flag(false, "norm_topk_prob") ? RouteKind.SHARE_OF_CHOSEN : RouteKind.SHARE_OF_ALL;
    }

    private static ActivationKind activation(ConfigSection config) {
        return Activations.read(config, "silu", "hidden_act");
    }

    private static Architecture mixtral(ConfigSection config) {
        var blueprint = Blueprint.usual("mixtral", config, new Sizes.Usual(131_072, 0, 8));
        var types = LayerTypes.uniform(
                config, blueprint.sizes.layers(), config.size(ConfigSection.LARGEST_SIZE, "sliding_window"));
        return blueprint
                .norm(NormKind.RMS, 1e-5, "rms_norm_eps")
                .rope(RopeReader.read(
                        config, RopeReader.Usual.of(blueprint.sizes).theta(1e6)))
                .windows(types::window)
                .mlp(new Mlp(
                        experts(config, RouteKind.SHARE_OF_CHOSEN, 0), activation(config), blueprint.intermediate()))
                .build();
    }

    /** Experts in every {@code decoder_sparse_step}-th layer but those of {@code mlp_only_layers}. */
    private static IntFunction<Mlp> qwenLayers(ConfigSection config, Blueprint blueprint, int sharedWidth) {
        int width = config.requiredSize(ConfigSection.LARGEST_SIZE, "moe_intermediate_size");
        var sparse = new Mlp(experts(config, usualRoute(config), sharedWidth), activation(config), width);
        int step =
                config.size(ConfigSection.LARGEST_SIZE, "decoder_sparse_step").orElse(1);
        var only = denseLayers(config, blueprint.sizes.layers());
        IntPredicate isDense = layer -> only.contains(layer) || (layer + 1) % step != 0;
        var layers = new HashMap<Integer, Mlp>();
        for (int layer = 0; layer < blueprint.sizes.layers(); layer++) {
            layers.put(layer, isDense.test(layer) ? blueprint.gatedMlp() : sparse);
        }
        return layer -> layers.getOrDefault(layer, sparse);
    }

    private static Set<Integer> denseLayers(ConfigSection config, int layers) {
        var only = new HashSet<Integer>();
        for (var entry : config.array("mlp_only_layers").orElse(List.of())) {
            if (!(entry instanceof Json.Numeral number)
                    || !number.isInteger()
                    || number.value() < 0
                    || number.value() >= layers) {
                throw config.fault("mlp_only_layers", "layers from 0 to " + (layers - 1), entry.kind());
            }
            only.add((int) number.value());
        }
        return only;
    }

    private static Architecture qwen2(ConfigSection config) {
        var blueprint = LlamaFamilies.qwenAttention("qwen2_moe", config, new Sizes.Usual(32_768, 0, 16));
        int shared = config.requiredSize(ConfigSection.LARGEST_SIZE, "shared_expert_intermediate_size");
        return blueprint.mlps(qwenLayers(config, blueprint, shared)).build();
    }

    private static Architecture qwen3(ConfigSection config) {
        var blueprint = Blueprint.usual("qwen3_moe", config, new Sizes.Usual(32_768, 0, 4));
        var window = config.flag(false, "use_sliding_window")
                ? config.sizeUnlessNull(4096, "sliding_window")
                : java.util.OptionalInt.empty();
        var types = LayerTypes.uniform(config, blueprint.sizes.layers(), window);
        return blueprint
                .norm(NormKind.RMS, 1e-6, "rms_norm_eps")
                .rope(RopeReader.read(config, RopeReader.Usual.of(blueprint.sizes)))
                .queryKeyNorm(QueryKeyNorm.PER_HEAD)
                .windows(types::window)
                .mlps(qwenLayers(config, blueprint, 0))
                .build();
    }

    private static Architecture olmoe(ConfigSection config) {
        var blueprint = Blueprint.usual("olmoe", config, new Sizes.Usual(4096));
        return blueprint
                .norm(NormKind.RMS, 1e-5, "rms_norm_eps")
                .rope(RopeReader.read(config, RopeReader.Usual.of(blueprint.sizes)))
                .queryKeyNorm(QueryKeyNorm.WHOLE)
                .clip(config.positiveUnlessNull(0, "clip_qkv"))
                .mlp(new Mlp(experts(config, usualRoute(config), 0), activation(config), blueprint.intermediate()))
                .build();
    }

    private static Architecture gptOss(ConfigSection config) {
        if (!config.has("rope_parameters") && !config.has("rope_scaling")) {
            throw config.fault("rope_parameters", "the yarn parameters of a gpt_oss", "nothing");
        }
        config.only(new Json.Numeral("7.0"), "swiglu_limit", "the reference clamps at 7 whatever the key says");
        config.only(new Json.Text("silu"), "hidden_act", "the reference has its own activation whatever the key says");
        var blueprint = Blueprint.usual("gpt_oss", config, new Sizes.Usual(131_072, 64, 8));
        var types = LayerTypes.read(
                config,
                blueprint.sizes.layers(),
                config.sizeUnlessNull(128, "sliding_window"),
                layer -> layer % 2 == 0);
        return blueprint
                .norm(NormKind.RMS, 1e-5, "rms_norm_eps")
                .rope(RopeReader.read(
                        config, RopeReader.Usual.of(blueprint.sizes).theta(150_000)))
                .windows(types::window)
                .sinks()
                .mlp(new Mlp(
                        experts(config, RouteKind.SHARE_OF_CHOSEN, 0),
                        ActivationKind.CLAMPED_SWIGLU,
                        blueprint.intermediate()))
                .build();
    }
}
