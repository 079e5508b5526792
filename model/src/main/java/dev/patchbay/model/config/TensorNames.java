package dev.patchbay.model.config;

import dev.patchbay.model.checkpoint.WeightMap;
import dev.patchbay.model.checkpoint.WeightMap.Slice;
import dev.patchbay.model.checkpoint.WeightMap.Source;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * What a family calls its tensors: from the parts of the graph ({@link WeightMap}) to stored names, without the root and
 * without {@code .weight} and {@code .bias}. The part {@code qkv} stands for a fused projection.
 *
 * @param roots prefixes of everything but the head that files use, the usual one first
 * @param layers what stands between the root and the layer's number
 * @param once parts outside of the layers
 * @param perLayer parts of a layer
 * @param heads names of the unembedding, the usual one first
 * @param storage how matrices are stored
 * @param fused how the outputs of a fused projection are arranged
 * @param buffers names in a layer that some files have and nobody needs
 */
record TensorNames(
        List<String> roots,
        String layers,
        Map<String, String> once,
        Map<String, String> perLayer,
        List<String> heads,
        Storage storage,
        Fused fused,
        List<String> buffers) {

    /** How matrices are stored. */
    enum Storage {
        /** {@code [out, in]}, {@code torch.nn.Linear}. */
        LINEAR,
        /** {@code [in, out]}, GPT-2's {@code Conv1D}. */
        CONVOLUTION
    }

    /** How the outputs of a fused projection are arranged. */
    enum Fused {
        /** All queries, all keys, all values. */
        BLOCKS,
        /** For each kv-head its queries, its key, its value. */
        GROUPS
    }

    /**
     * The sources of an architecture's tensors.
     *
     * @param biased the parts that have a bias
     * @param tied whether the unembedding is the embedding
     * @param stored the names in the checkpoint, which decide between spellings
     */
    WeightMap map(Architecture architecture, Set<String> biased, boolean tied, Set<String> stored) {
        return new Mapping(architecture, biased, stored).map(tied);
    }

    private String root(Set<String> stored) {
        return roots.stream()
                .filter(root -> stored.contains(root + once.get("embed") + ".weight"))
                .findFirst()
                .orElse(roots.getFirst());
    }

    private final class Mapping {
        private final Architecture architecture;
        private final Set<String> biased;
        private final Set<String> stored;
        private final String root;
        private final Map<String, Source> sources = new HashMap<>();

        Mapping(Architecture architecture, Set<String> biased, Set<String> stored) {
            this.architecture = architecture;
            this.biased = biased;
            this.stored = stored;
            root = root(stored);
        }

        WeightMap map(boolean tied) {
            var ignored = new ArrayList<String>();
            once.forEach((part, name) -> add(part, part, root + name));
            for (int layer = 0; layer < architecture.layers(); layer++) {
                var graph = "layers." + layer + ".";
                var prefix = root + layers + layer + ".";
                perLayer.forEach((part, name) -> add(part, graph + part, prefix + name));
                buffers.forEach(buffer -> ignored.add(prefix + buffer));
            }
            return new WeightMap(sources, ignored, unembed(tied));
        }

        /** Adds the unembedding; returns the head that must be a copy of the embedding. */
        private Map<String, String> unembed(boolean tied) {
            var head = heads.stream()
                    .map(name -> name + ".weight")
                    .filter(stored::contains)
                    .findFirst()
                    .orElse(heads.getFirst() + ".weight");
            var embedding = root + once.get("embed") + ".weight";
            var shape = List.of((long) architecture.vocabulary(), (long) architecture.modelWidth());
            sources.put("unembed.weight", new Source(tied ? embedding : head, shape, true, List.of()));
            return tied ? Map.of(head, embedding) : Map.of();
        }

        private void add(String part, String graph, String name) {
            long width = architecture.modelWidth();
            switch (part) {
                case "embed" -> table(graph, name, architecture.vocabulary());
                case "pos_embed" -> table(graph, name, architecture.maxPositions());
                case "ln1", "ln2", "ln_final" -> norm(part, graph, name);
                case "q" -> linear(part, graph, name, width, architecture.queryWidth());
                case "k", "v" -> linear(part, graph, name, width, architecture.keyValueWidth());
                case "qkv" -> fused(graph, name);
                case "o" -> linear(part, graph, name, architecture.queryWidth(), width);
                case "mlp.in", "mlp.gate" -> linear(part, graph, name, width, mlpWidth());
                case "mlp.out" -> linear(part, graph, name, mlpWidth(), width);
                default -> throw new IllegalStateException("no part of the graph: " + part);
            }
        }

        private long mlpWidth() {
            return architecture.mlp().getFirst().width();
        }

        private void table(String graph, String name, long rows) {
            var shape = List.of(rows, (long) architecture.modelWidth());
            sources.put(graph + ".weight", new Source(name + ".weight", shape, false, List.of()));
        }

        private void norm(String part, String graph, String name) {
            vector(graph + ".weight", name + ".weight", architecture.modelWidth(), List.of());
            if (biased.contains(part)) {
                vector(graph + ".bias", name + ".bias", architecture.modelWidth(), List.of());
            }
        }

        private void vector(String graph, String name, long length, List<Slice> slices) {
            sources.put(graph, new Source(name, List.of(length), false, slices));
        }

        private void linear(String part, String graph, String name, long inputs, long outputs) {
            matrix(graph, name, inputs, outputs, List.of());
            if (biased.contains(part)) {
                vector(graph + ".bias", name + ".bias", outputs, List.of());
            }
        }

        private void matrix(String graph, String name, long inputs, long outputs, List<Slice> slices) {
            boolean transposed = storage == Storage.LINEAR;
            var shape = transposed ? List.of(outputs, inputs) : List.of(inputs, outputs);
            sources.put(graph + ".weight", new Source(name + ".weight", shape, transposed, slices));
        }

        private void fused(String graph, String name) {
            long outputs = architecture.queryWidth() + 2L * architecture.keyValueWidth();
            var prefix = graph.substring(0, graph.length() - "qkv".length());
            for (var kind : List.of("q", "k", "v")) {
                var slices = slices(kind);
                matrix(prefix + kind, name, architecture.modelWidth(), outputs, slices);
                if (biased.contains("qkv")) {
                    vector(prefix + kind + ".bias", name + ".bias", outputs, slices);
                }
            }
        }

        private List<Slice> slices(String kind) {
            long size = architecture.headSize();
            return switch (fused) {
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
}
