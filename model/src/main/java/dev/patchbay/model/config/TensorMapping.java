package dev.patchbay.model.config;

import dev.patchbay.model.checkpoint.WeightMap;
import dev.patchbay.model.checkpoint.WeightMap.Slice;
import dev.patchbay.model.checkpoint.WeightMap.Source;
import dev.patchbay.model.config.Architecture.Mlp;
import dev.patchbay.model.config.Architecture.NormPlacement;
import dev.patchbay.model.config.Architecture.QueryKeyNorm;
import dev.patchbay.model.config.Architecture.Wiring;
import dev.patchbay.model.config.TensorNames.Storage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;

/** Works out where the tensors of one model are from the names of its family: once per model, then done with. */
final class TensorMapping {
    private final TensorNames names;
    private final Architecture architecture;
    private final Set<String> biased;
    private final Set<String> stored;
    private final String root;
    private final Map<String, Source> sources = new HashMap<>();

    TensorMapping(TensorNames names, Architecture architecture, Set<String> biased, Set<String> stored) {
        this.names = names;
        this.architecture = architecture;
        this.biased = biased;
        this.stored = stored;
        root = names.root(stored);
    }

    WeightMap map(boolean tied) {
        var ignored = new ArrayList<String>();
        names.once().forEach((part, name) -> add(part, 0, part, root + name));
        for (int index = 0; index < architecture.layers(); index++) {
            int layer = index;
            var graph = "layers." + layer + ".";
            var prefix = root + names.layers() + layer + ".";
            names.perLayer().forEach((part, name) -> add(part, layer, graph + part, prefix + name));
            names.buffers().forEach(buffer -> ignored.add(prefix + buffer));
        }
        stored.stream()
                .filter(name -> names.others().stream().anyMatch(name::startsWith))
                .forEach(ignored::add);
        return new WeightMap(sources, ignored, unembed(tied));
    }

    /** Adds the unembedding; returns the head that must be a copy of the embedding. */
    private Map<String, String> unembed(boolean tied) {
        var head = names.heads().stream()
                .filter(name -> stored.contains(name + ".weight"))
                .findFirst()
                .orElse(names.heads().getFirst());
        var embedding = root + names.once().get("embed") + ".weight";
        var shape = List.of((long) architecture.vocabulary(), (long) architecture.embeddingWidth());
        sources.put("unembed.weight", new Source(tied ? embedding : head + ".weight", shape, true, List.of()));
        if (biased.contains("unembed")) {
            vector("unembed.bias", head + ".bias", architecture.vocabulary(), List.of());
        }
        return tied ? Map.of(head + ".weight", embedding) : Map.of();
    }

    /** Whether the descriptor has a part that the names know. */
    private boolean has(String part, int layer) {
        var mlp = architecture.mlp().get(Math.min(layer, architecture.layers() - 1));
        var placement = architecture.placement();
        boolean before = placement.isBefore();
        return switch (part) {
            case "pos_embed" -> architecture.embedding().learnedPositions();
            case "embed_norm" -> architecture.embedding().norm();
            case "embed_project", "unembed_project" -> architecture.embedding().projected();
            case "ln1" -> before;
            case "ln2" -> before && architecture.wiring() != Wiring.PARALLEL_ONE_NORM;
            case "ln1_post", "ln2_post" -> placement != NormPlacement.PRE && placement != NormPlacement.PRE_STREAM;
            case "q_norm", "k_norm" -> architecture.queryKeyNorm() != QueryKeyNorm.NONE;
            case "ln_final" -> architecture.head().norm();
            case "sinks" -> architecture.attention().get(layer).sinks();
            case "mlp.in", "mlp.gate", "mlp.gate_up", "mlp.out" -> mlp.experts().isEmpty();
            case "mlp.shared.in", "mlp.shared.gate", "mlp.shared.out", "mlp.shared_gate" ->
                mlp.experts().map(experts -> experts.sharedWidth() > 0).orElse(false);
            default -> !part.startsWith("mlp.") || mlp.experts().isPresent();
        };
    }

    private void add(String part, int layer, String graph, String name) {
        if (!has(part, layer)) {
            return;
        }
        if (part.startsWith("mlp.")) {
            mlp(part, architecture.mlp().get(layer), graph, name);
            return;
        }
        long width = architecture.modelWidth();
        long narrow = architecture.embeddingWidth();
        switch (part) {
            case "embed" -> table(graph, name, architecture.vocabulary(), narrow);
            case "pos_embed" -> {
                int rows =
                        architecture.maxPositions() + architecture.embedding().positionOffset();
                table(graph, name, rows, width);
            }
            case "embed_project" -> linear(part, graph, name, narrow, width);
            case "unembed_project" -> linear(part, graph, name, width, narrow);
            case "embed_norm", "ln1", "ln2", "ln1_post", "ln2_post", "ln_final" -> norm(part, graph, name, width);
            case "q_norm" -> headNorm(part, graph, name, architecture.heads());
            case "k_norm" -> headNorm(part, graph, name, architecture.keyValueHeads());
            case "q" -> linear(part, graph, name, width, architecture.queryWidth());
            case "k", "v" -> linear(part, graph, name, width, architecture.keyValueWidth());
            case "qkv" -> fused(graph, name);
            case "o" -> linear(part, graph, name, architecture.queryWidth(), width);
            case "sinks" -> vector(graph, name, architecture.heads(), List.of());
            default -> throw new IllegalStateException("no part of the graph: " + part);
        }
    }

    private void mlp(String part, Mlp mlp, String graph, String name) {
        long width = architecture.modelWidth();
        long shared = mlp.experts().map(Architecture.Experts::sharedWidth).orElse(0);
        switch (part) {
            case "mlp.in", "mlp.gate" -> linear(part, graph, name, width, mlp.width());
            case "mlp.gate_up" -> gateAndLinear(graph, name, mlp.width());
            case "mlp.out" -> linear(part, graph, name, mlp.width(), width);
            case "mlp.router" ->
                linear(part, graph, name, width, mlp.experts().orElseThrow().count());
            case "mlp.shared.in", "mlp.shared.gate" -> linear(part, graph, name, width, shared);
            case "mlp.shared.out" -> linear(part, graph, name, shared, width);
            case "mlp.shared_gate" -> linear(part, graph, name, width, 1);
            default -> new ExpertMapping(names, width, mlp, stored, biased, sources).add(part, graph, name);
        }
    }

    private void table(String graph, String name, long rows, long columns) {
        sources.put(graph + ".weight", new Source(name + ".weight", List.of(rows, columns), false, List.of()));
    }

    private void norm(String part, String graph, String name, long width) {
        vector(graph + ".weight", name + ".weight", width, List.of());
        if (biased.contains(part)) {
            vector(graph + ".bias", name + ".bias", width, List.of());
        }
    }

    /** The norm of queries or of keys: one weight, one for each head, or one for the whole vector. */
    private void headNorm(String part, String graph, String name, long heads) {
        long size = architecture.headSize();
        switch (architecture.queryKeyNorm()) {
            case PER_HEAD -> norm(part, graph, name, size);
            case PER_HEAD_SEPARATE -> {
                if (name.contains("{head}")) {
                    for (int head = 0; head < heads; head++) {
                        var own = name.replace("{head}", String.valueOf(head));
                        vector(graph + "." + head + ".weight", own + ".weight", size, List.of());
                    }
                } else {
                    table(graph, name, heads, size);
                }
            }
            case WHOLE -> norm(part, graph, name, heads * size);
            case NONE -> {}
        }
    }

    private void vector(String graph, String name, long length, List<Slice> slices) {
        sources.put(graph, new Source(name, List.of(length), false, slices));
    }

    private void linear(String part, String graph, String name, long inputs, long outputs) {
        part(part, graph, name, inputs, outputs, List.of());
    }

    /** Some or all outputs of a stored projection, and its bias where {@code part} has one. */
    private void part(String part, String graph, String name, long inputs, long outputs, List<Slice> slices) {
        boolean transposed = names.storage() == Storage.LINEAR;
        var shape = transposed ? List.of(outputs, inputs) : List.of(inputs, outputs);
        sources.put(graph + ".weight", new Source(name + ".weight", shape, transposed, slices));
        if (biased.contains(part)) {
            vector(graph + ".bias", name + ".bias", outputs, slices);
        }
    }

    private void fused(String graph, String name) {
        long outputs = architecture.queryWidth() + 2L * architecture.keyValueWidth();
        var prefix = graph.substring(0, graph.length() - "qkv".length());
        for (var kind : List.of("q", "k", "v")) {
            part("qkv", prefix + kind, name, architecture.modelWidth(), outputs, slices(kind));
        }
    }

    private void gateAndLinear(String graph, String name, long width) {
        var prefix = graph.substring(0, graph.length() - "gate_up".length());
        var gate = List.of(new Slice(0, width));
        var linear = List.of(new Slice(width, width));
        part("mlp.gate_up", prefix + "gate", name, architecture.modelWidth(), 2 * width, gate);
        part("mlp.gate_up", prefix + "in", name, architecture.modelWidth(), 2 * width, linear);
    }

    private List<Slice> slices(String kind) {
        long size = architecture.headSize();
        return switch (names.fused()) {
            case BLOCKS -> {
                long queries = architecture.queryWidth();
                long others = architecture.keyValueWidth();
                yield List.of(
                        switch (kind) {
                            case "q" -> new Slice(0, queries);
                            case "k" -> new Slice(queries, others);
                            default -> new Slice(queries + others, others);
                        });
            }
            case GROUPS -> {
                long queries = architecture.groupSize() * size;
                yield LongStream.range(0, architecture.keyValueHeads())
                        .map(group -> group * (queries + 2 * size))
                        .mapToObj(begin -> switch (kind) {
                            case "q" -> new Slice(begin, queries);
                            case "k" -> new Slice(begin + queries, size);
                            default -> new Slice(begin + queries + size, size);
                        })
                        .toList();
            }
        };
    }
}
