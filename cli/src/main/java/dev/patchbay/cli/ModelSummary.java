package dev.patchbay.cli;

import dev.patchbay.device.Numerics;
import dev.patchbay.model.checkpoint.WeightMap.Source;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.config.Architecture.Mlp;
import dev.patchbay.model.graph.GraphBuilder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A model in words and numbers: its descriptor, its size and the memory it needs. */
final class ModelSummary {
    private static final int FLOAT = 4;
    private final LoadedModel model;
    private final Architecture architecture;

    ModelSummary(LoadedModel model) {
        this.model = model;
        architecture = model.architecture();
    }

    /** Facts by name, in the order of presentation. */
    Map<String, Object> facts() {
        var facts = new LinkedHashMap<String, Object>();
        facts.put("family", architecture.family());
        facts.put("descriptor", descriptor());
        facts.put("layers", architecture.layers());
        facts.put("model_width", architecture.modelWidth());
        facts.put("heads", architecture.heads());
        facts.put("kv_heads", architecture.keyValueHeads());
        facts.put("head_size", architecture.headSize());
        facts.put("query_to_kv", queryToKeyValue());
        facts.put("mlp", mlp());
        facts.put("positions", positions());
        facts.put("vocabulary", architecture.vocabulary());
        facts.put("max_positions", architecture.maxPositions());
        facts.put("parameters", parameters());
        if (architecture.mlp().stream().anyMatch(mlp -> mlp.experts().isPresent())) {
            facts.put("active_parameters", activeParameters());
        }
        return facts;
    }

    /** Elements of all stored tensors that the model uses, a tied one once. */
    long parameters() {
        return model.weights().sources().values().stream()
                .collect(Collectors.toMap(Source::tensor, Source::storedValues, (first, _) -> first))
                .values()
                .stream()
                .reduce(0L, Math::addExact);
    }

    /** Those that one token uses: of the experts only as many as it takes. */
    long activeParameters() {
        long idle = 0;
        for (int layer = 0; layer < architecture.layers(); layer++) {
            var experts = architecture.mlp().get(layer).experts();
            String prefix = "layers." + layer + ".mlp.experts.";
            for (var source : model.weights().sources().entrySet()) {
                boolean first = source.getKey().startsWith(prefix + "0.");
                idle += first
                        ? source.getValue().values()
                                * experts.map(e -> e.count() - e.chosen()).orElse(0)
                        : 0;
            }
        }
        return parameters() - idle;
    }

    /** Bytes by what they are for, in each numerics profile. */
    Map<String, Map<String, Long>> memory() {
        var memory = new LinkedHashMap<String, Map<String, Long>>();
        for (var profile : Numerics.values()) {
            memory.put(profile.label(), memory(profile));
        }
        return memory;
    }

    private Map<String, Long> memory(Numerics profile) {
        var memory = new LinkedHashMap<String, Long>();
        memory.put("weights", weights(profile));
        memory.put("keys_and_values_per_token", 2L * FLOAT * architecture.layers() * architecture.keyValueWidth());
        memory.put("activations_per_token", activations());
        memory.put("logits_per_token", (long) FLOAT * architecture.vocabulary());
        return memory;
    }

    /**
     * What weights take on the device. Matrices of products are packed, and their float32 elements given back: in float32, in
     * bfloat16, or in three parts of bfloat16. A head that is looked up or of which single logits are asked keeps both.
     */
    private long weights(Numerics profile) {
        long bytes = 0;
        long packed = switch (profile) {
            case EXACT, TF32 -> FLOAT;
            case BF16 -> 2;
            case FAST32 -> 6;
        };
        var sources = model.weights().sources();
        boolean tied = sources.containsKey("unembed.weight")
                && sources.containsKey("embed.weight")
                && source(sources, "unembed.weight")
                        .tensor()
                        .equals(source(sources, "embed.weight").tensor());
        for (var entry : sources.entrySet()) {
            var source = entry.getValue();
            long parts = source.values();
            boolean lookedUp =
                    entry.getKey().equals("embed.weight") || entry.getKey().equals("pos_embed.weight");
            boolean expert = entry.getKey().contains(".mlp.experts.");
            boolean product = source.valueShape().size() == 2 && !lookedUp;
            boolean head = entry.getKey().equals("unembed.weight");
            boolean elsewhere = tied && entry.getKey().equals("embed.weight");
            boolean both = head && (tied || (profile != Numerics.EXACT && profile != Numerics.TF32));
            long size = product && !(expert && profile != Numerics.EXACT) ? packed + (both ? FLOAT : 0) : FLOAT;
            bytes = Math.addExact(bytes, elsewhere ? 0 : Math.multiplyExact(parts, size));
        }
        return bytes;
    }

    private static Source source(Map<String, Source> sources, String name) {
        return Objects.requireNonNull(sources.get(name), name);
    }

    /** The largest sum of values alive at once: what a token needs while it passes through the blocks. */
    private long activations() {
        var graph = GraphBuilder.build(architecture, model.weights().sources().keySet());
        long most = 0;
        for (int step = 0; step < graph.headBegin(); step++) {
            long alive = 0;
            for (var value : graph.values()) {
                alive += graph.definition(value) <= step && step <= graph.lastUse(value) ? value.width() : 0;
            }
            most = Math.max(most, alive);
        }
        return most * FLOAT;
    }

    /** Which query heads read which kv-head, in words. */
    String queryToKeyValue() {
        int group = architecture.groupSize();
        if (group == 1) {
            return "every query head has a kv-head of its own";
        }
        if (architecture.keyValueHeads() == 1) {
            return "all " + architecture.heads() + " query heads read the one kv-head";
        }
        return IntStream.range(0, architecture.keyValueHeads())
                .mapToObj(kv -> "query heads " + kv * group + " to " + ((kv + 1) * group - 1) + " read kv-head " + kv)
                .collect(Collectors.joining("; "));
    }

    private String descriptor() {
        String norm = switch (architecture.norm().kind()) {
            case LAYER -> "LayerNorm";
            case RMS -> "RMSNorm";
            case IDENTITY -> "no norm";
        };
        String wiring = switch (architecture.wiring()) {
            case SEQUENTIAL -> "attention, then MLP";
            case PARALLEL -> "attention and MLP in parallel";
            case PARALLEL_ONE_NORM -> "attention and MLP in parallel behind one norm";
        };
        String placement = switch (architecture.placement()) {
            case PRE -> "before each sublayer";
            case PRE_STREAM -> "before each sublayer, the stream going on from it";
            case POST -> "after each residual addition";
            case SANDWICH -> "before each sublayer and on its output";
            case OUTPUT -> "on each sublayer's output";
        };
        return norm.equals("no norm") ? wiring + ", no norm" : wiring + "; " + norm + " " + placement;
    }

    private String mlp() {
        List<Mlp> kinds = architecture.mlp().stream().distinct().toList();
        return kinds.stream()
                .map(mlp -> switch (mlp.kind()) {
                    case NONE -> "none";
                    case PLAIN, GATED ->
                        mlp.kind().name().toLowerCase(Locale.ROOT) + ", "
                                + mlp.activation().name().toLowerCase(Locale.ROOT) + ", " + mlp.width() + " neurons";
                    case EXPERTS -> experts(mlp);
                })
                .collect(Collectors.joining("; "));
    }

    private static String experts(Mlp mlp) {
        var experts = mlp.experts().orElseThrow();
        return experts.count() + " experts, each token takes " + experts.chosen()
                + (experts.sharedWidth() == 0 ? "" : " and one of " + experts.sharedWidth() + " neurons that all share")
                + "; gated, " + mlp.activation().name().toLowerCase(Locale.ROOT) + ", " + mlp.width()
                + " neurons each";
    }

    private String positions() {
        if (architecture.embedding().learnedPositions()) {
            return "learned";
        }
        var layer = architecture.attention().getFirst();
        if (layer.rope().isPresent()) {
            int rotary = layer.rope().get().rotary();
            return "rotary, "
                    + (rotary == architecture.headSize()
                            ? "the whole head"
                            : rotary + " of " + architecture.headSize() + " elements of a head");
        }
        return layer.alibi().isEmpty() ? "none" : "ALiBi";
    }
}
