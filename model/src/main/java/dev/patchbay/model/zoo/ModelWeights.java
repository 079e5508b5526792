package dev.patchbay.model.zoo;

import dev.patchbay.device.Ops.ActivationKind;
import dev.patchbay.model.checkpoint.WeightMap;
import dev.patchbay.model.config.Architecture;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The weights of a zoo model while they are being written: one-hot embeddings, heads, an MLP. */
final class ModelWeights {
    private final Shape shape;
    private final Map<String, Matrix> matrices = new HashMap<>();
    private final Map<String, String> roles = new LinkedHashMap<>();
    private final List<Architecture.Mlp> mlps;

    /**
     * The sizes of a model.
     *
     * @param positions longest sequence
     * @param learnedPositions whether a position embedding is added
     */
    record Shape(
            String family,
            int layers,
            int modelWidth,
            int heads,
            int keyValueHeads,
            int headSize,
            int vocabulary,
            int positions,
            boolean learnedPositions) {}

    ModelWeights(Shape shape) {
        this.shape = shape;
        this.mlps = new ArrayList<>(Collections.nCopies(shape.layers(), Architecture.Mlp.NONE));
        put("embed.weight", Matrix.of(shape.vocabulary(), shape.modelWidth()));
        put("unembed.weight", Matrix.of(shape.modelWidth(), shape.vocabulary()));
        if (shape.learnedPositions()) {
            put("pos_embed.weight", Matrix.of(shape.positions(), shape.modelWidth()));
        }
        int queryWidth = shape.heads() * shape.headSize();
        int keyValueWidth = shape.keyValueHeads() * shape.headSize();
        for (int layer = 0; layer < shape.layers(); layer++) {
            put("layers." + layer + ".q.weight", Matrix.of(shape.modelWidth(), queryWidth));
            put("layers." + layer + ".k.weight", Matrix.of(shape.modelWidth(), keyValueWidth));
            put("layers." + layer + ".v.weight", Matrix.of(shape.modelWidth(), keyValueWidth));
            put("layers." + layer + ".o.weight", Matrix.of(queryWidth, shape.modelWidth()));
        }
    }

    private void put(String name, Matrix matrix) {
        matrices.put(name, matrix);
    }

    Matrix matrix(String name) {
        var matrix = matrices.get(name);
        if (matrix == null) {
            throw new IllegalArgumentException("no matrix " + name);
        }
        return matrix;
    }

    /** Token v sets dimension v of {@code block}. */
    ModelWeights embedTokens(Block block) {
        for (int token = 0; token < shape.vocabulary(); token++) {
            matrix("embed.weight").set(token, block.at(token), 1);
        }
        return this;
    }

    /** Every token of {@code tokens} sets {@code dimension}. */
    ModelWeights embedFlag(TokenSet tokens, int dimension) {
        tokens.tokens().forEach(token -> matrix("embed.weight").set(token, dimension, 1));
        return this;
    }

    /** Position i sets dimension {@code first + i} of {@code block}. */
    ModelWeights embedPositions(Block block, int first) {
        for (int position = 0; position < shape.positions(); position++) {
            matrix("pos_embed.weight").set(position, block.at(first + position), 1);
        }
        return this;
    }

    /** The logit of token v is dimension v of {@code block}. */
    ModelWeights unembed(Block block) {
        for (int token = 0; token < block.size(); token++) {
            matrix("unembed.weight").set(block.at(token), token, 1);
        }
        return this;
    }

    /** Adds {@code logit} to every token of {@code tokens}. */
    ModelWeights unembedBias(TokenSet tokens, double logit) {
        var bias = Matrix.vector(shape.vocabulary());
        tokens.tokens().forEach(token -> bias.set(0, token, logit));
        put("unembed.bias", bias);
        return this;
    }

    /** A head that has keys and values of its own, with what it is for. */
    HeadWeights head(int layer, int head, String role) {
        return head(layer, head, head, role);
    }

    /** A query head that reads key/value head {@code keyValueHead}, with what it is for. */
    HeadWeights head(int layer, int queryHead, int keyValueHead, String role) {
        roles.put(layer + "." + queryHead, role);
        return new HeadWeights(this, layer, queryHead, keyValueHead, shape.headSize());
    }

    /** Gives a layer a ReLU MLP of {@code width} units, all weights zero. */
    ModelWeights reluMlp(int layer, int width) {
        mlps.set(layer, new Architecture.Mlp(Architecture.MlpKind.PLAIN, ActivationKind.RELU, width));
        put("layers." + layer + ".mlp.in.weight", Matrix.of(shape.modelWidth(), width));
        put("layers." + layer + ".mlp.in.bias", Matrix.vector(width));
        put("layers." + layer + ".mlp.out.weight", Matrix.of(width, shape.modelWidth()));
        return this;
    }

    /** The model, run as {@code norm} says. */
    ZooModel build(String name, String description, NormVariant norm, List<String> tokenNames) {
        var stored = norm.apply(matrices, shape.modelWidth(), shape.layers());
        var architecture = new Architecture(
                shape.family(),
                shape.layers(),
                norm.width(shape.modelWidth()),
                shape.heads(),
                shape.keyValueHeads(),
                shape.headSize(),
                shape.vocabulary(),
                shape.positions(),
                norm.norm(),
                Architecture.Wiring.SEQUENTIAL,
                Architecture.NormPlacement.PRE,
                new Architecture.Embedding(1f, shape.learnedPositions(), 0, false, false),
                Collections.nCopies(
                        shape.layers(), new Architecture.LayerAttention(1f, 0, 0f, Optional.empty(), List.of(), false)),
                Architecture.QueryKeyNorm.NONE,
                0f,
                mlps,
                1f,
                new Architecture.Head(norm.isNorm(), 1f, 0f));
        return new ZooModel(
                name, description, architecture, identity(stored), new MemoryTensorStore(stored), roles, tokenNames);
    }

    private static WeightMap identity(Map<String, Matrix> stored) {
        var sources = new HashMap<String, WeightMap.Source>();
        stored.forEach(
                (name, matrix) -> sources.put(name, new WeightMap.Source(name, matrix.shape(), false, List.of())));
        return new WeightMap(sources, List.of());
    }
}
