package dev.patchbay.model.config;

import dev.patchbay.model.InputException;
import dev.patchbay.model.checkpoint.Mxfp4;
import dev.patchbay.model.checkpoint.WeightMap.Slice;
import dev.patchbay.model.checkpoint.WeightMap.Source;
import dev.patchbay.model.config.Architecture.Mlp;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where the tensors of a layer's experts are.
 *
 * @param width of the model
 * @param stored the names in the checkpoint: blocks are read where it holds them
 * @param sources where they are added
 */
record ExpertMapping(
        TensorNames names, long width, Mlp mlp, Set<String> stored, Set<String> biased, Map<String, Source> sources) {
    private static final String PREFIX = "mlp.experts.";

    /** A stored matrix of every expert, {@code inputs} to {@code outputs}. */
    private record Matrix(String part, String graph, String name, long inputs, long outputs) {}

    /** Adds a part of the experts; {@code graph} ends with its name. */
    void add(String part, String graph, String name) {
        var layer = graph.substring(0, graph.length() - part.length());
        long hidden = mlp.width();
        switch (part) {
            case PREFIX + "gate", PREFIX + "in" -> each(new Matrix(part, layer, name, width, hidden));
            case PREFIX + "out" -> {
                var matrix = new Matrix(part, layer, name, hidden, width);
                if (names.experts() == TensorNames.Experts.STACKED) {
                    stacked(matrix, "out", List.of());
                } else {
                    each(matrix);
                }
            }
            case PREFIX + "gate_up" -> {
                var matrix = new Matrix(part, layer, name, width, 2 * hidden);
                stacked(matrix, "gate", List.of(new Slice(0, hidden, 2)));
                stacked(matrix, "in", List.of(new Slice(1, hidden, 2)));
            }
            default -> throw new IllegalStateException("no part of the graph: " + part);
        }
    }

    private int count() {
        return mlp.experts().orElseThrow().count();
    }

    private void each(Matrix matrix) {
        var kind = matrix.part.substring(PREFIX.length());
        for (int expert = 0; expert < count(); expert++) {
            var name = matrix.name.replace("{expert}", String.valueOf(expert));
            var shape = List.of(matrix.outputs, matrix.inputs);
            sources.put(
                    matrix.graph + PREFIX + expert + "." + kind + ".weight",
                    new Source(name + ".weight", shape, true, List.of()));
        }
    }

    /** Every expert's part {@code kind} of a tensor for all of them. */
    private void stacked(Matrix matrix, String kind, List<Slice> outputs) {
        boolean blocks = stored.contains(matrix.name + "_blocks");
        if (blocks && matrix.inputs % (2 * Mxfp4.BLOCK_BYTES) != 0) {
            throw new InputException("tensor " + matrix.name + "_blocks: expected no MXFP4 weights, as " + matrix.inputs
                    + " inputs are no whole blocks of 32, found them");
        }
        long experts = count();
        for (int expert = 0; expert < experts; expert++) {
            var graph = matrix.graph + PREFIX + expert + "." + kind;
            sources.put(
                    graph + ".weight",
                    blocks
                            ? new Source(
                                    matrix.name + "_blocks",
                                    List.of(experts, matrix.outputs, matrix.inputs / (2 * Mxfp4.BLOCK_BYTES), (long)
                                            Mxfp4.BLOCK_BYTES),
                                    true,
                                    outputs,
                                    expert,
                                    Optional.of(matrix.name + "_scales"))
                            : new Source(
                                    matrix.name,
                                    List.of(experts, matrix.inputs, matrix.outputs),
                                    false,
                                    outputs,
                                    expert,
                                    Optional.empty()));
            if (biased.contains(matrix.part)) {
                var shape = List.of(experts, matrix.outputs);
                sources.put(
                        graph + ".bias",
                        new Source(matrix.name + "_bias", shape, false, outputs, expert, Optional.empty()));
            }
        }
    }
}
