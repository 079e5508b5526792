package dev.patchbay.model.config;

import dev.patchbay.device.Ops.ActivationKind;
import dev.patchbay.device.Ops.NormKind;
import dev.patchbay.device.Ops.RouteKind;
import java.util.List;
import java.util.Optional;

/**
 * The descriptor of a decoder-only model: everything the graph needs to know, and nothing that is a number of the
 * checkpoint. A family is a way to fill in this record plus a weight-name map; no code above the configuration asks for a
 * family's name.
 *
 * @param family the row of the family table, as {@code model_type} says it
 * @param layers number of blocks
 * @param modelWidth width of the residual stream, d_model
 * @param heads query heads of a layer
 * @param keyValueHeads key/value heads; query head h reads {@code h / (heads / keyValueHeads)}
 * @param headSize d_head, free of {@code modelWidth / heads}
 * @param vocabulary rows of the embedding
 * @param maxPositions longest sequence the positions allow: a hard limit where positions are learned, else advice
 * @param norm the norm of every block and of the end
 * @param wiring how attention and MLP join the residual stream
 * @param placement where the norms of a block sit
 * @param embedding what happens before the first block
 * @param attention one entry per layer
 * @param queryKeyNorm norm of queries and keys before rotation
 * @param clip queries, keys and values are clamped to ±clip after projection and a norm of the whole vector, 0 for no clamp
 * @param mlp one entry per layer
 * @param residualMultiplier factor of every sublayer's output
 * @param head what happens after the last block
 */
public record Architecture(
        String family,
        int layers,
        int modelWidth,
        int heads,
        int keyValueHeads,
        int headSize,
        int vocabulary,
        int maxPositions,
        Norm norm,
        Wiring wiring,
        NormPlacement placement,
        Embedding embedding,
        List<LayerAttention> attention,
        QueryKeyNorm queryKeyNorm,
        float clip,
        List<Mlp> mlp,
        float residualMultiplier,
        Head head) {

    /** Copies the lists and checks that they fit. */
    public Architecture {
        attention = List.copyOf(attention);
        mlp = List.copyOf(mlp);
        if (attention.size() != layers || mlp.size() != layers || heads % keyValueHeads != 0) {
            throw new IllegalArgumentException(
                    "architecture of " + layers + " layers with " + attention.size() + " attention and " + mlp.size()
                            + " MLP entries, " + heads + " heads, " + keyValueHeads + " kv-heads");
        }
    }

    /**
     * The norm used in every place.
     *
     * @param weightOffset added to every norm weight (Gemma stores w − 1) */
    public record Norm(NormKind kind, float epsilon, float weightOffset) {}

    /** How attention and MLP join the residual stream. */
    public enum Wiring {
        /** x + attention, then + MLP of the sum. */
        SEQUENTIAL,
        /** x + attention(norm1 x) + MLP(norm2 x). */
        PARALLEL,
        /** x + attention(norm x) + MLP(norm x), one norm. */
        PARALLEL_ONE_NORM
    }

    /** Where the norms of a block sit. */
    public enum NormPlacement {
        /** Before each sublayer. */
        PRE,
        /** Before each sublayer, and the stream goes on from what the norm gives (BLOOM, where the configuration says so). */
        PRE_STREAM,
        /** After each residual addition (OPT-350m, no norm at the end). */
        POST,
        /** Before each sublayer and on its output (Gemma 2 and 3). */
        SANDWICH,
        /** Only on each sublayer's output (OLMo 2 and 3). */
        OUTPUT;

        /** Whether each sublayer reads what a norm gives. */
        public boolean isBefore() {
            return this == PRE || this == PRE_STREAM || this == SANDWICH;
        }
    }

    /**
     * What happens before the first block.
     *
     * @param multiplier of the token embedding
     * @param learnedPositions whether a learned position embedding is added
     * @param positionOffset added to the position before the look-up (OPT: 2)
     * @param norm whether the sum goes through a norm (BLOOM)
     * @param projected whether a projection to {@code modelWidth} follows, and one back comes before the unembedding (OPT-350m)
     * @param tableWidth columns of the table where it is projected, else 0
     */
    public record Embedding(
            float multiplier,
            boolean learnedPositions,
            int positionOffset,
            boolean norm,
            boolean projected,
            int tableWidth) {
        public Embedding {
            if (projected != (tableWidth > 0)) {
                throw new IllegalArgumentException("embedding of width " + tableWidth + ", projected: " + projected);
            }
        }

        /** The same with another multiplier. */
        public Embedding times(float other) {
            return new Embedding(other, learnedPositions, positionOffset, norm, projected, tableWidth);
        }

        /** An embedding as wide as the model. */
        public Embedding(
                float multiplier, boolean learnedPositions, int positionOffset, boolean norm, boolean projected) {
            this(multiplier, learnedPositions, positionOffset, norm, projected, 0);
        }
    }

    /**
     * Attention of one layer.
     *
     * @param scale of the scores
     * @param window keys {@code j > i − window} are visible, 0 for all
     * @param softCap of the scores, 0 for none
     * @param rope rotary positions, empty for none
     * @param alibi ALiBi slopes, one a query head, empty for none
     * @param sinks whether a learned sink score joins every softmax
     * @param alibiRounded whether a score gains scale · (slope · key), product and key rounded to bfloat16 (Falcon), instead
     *     of slope · (key − query)
     */
    public record LayerAttention(
            float scale,
            int window,
            float softCap,
            Optional<Rope> rope,
            List<Float> alibi,
            boolean sinks,
            boolean alibiRounded) {
        public LayerAttention {
            alibi = List.copyOf(alibi);
        }

        /** Without rounding. */
        public LayerAttention(
                float scale, int window, float softCap, Optional<Rope> rope, List<Float> alibi, boolean sinks) {
            this(scale, window, softCap, rope, alibi, sinks, false);
        }
    }

    /** Norm of queries and keys before rotation. */
    public enum QueryKeyNorm {
        NONE,
        /** One weight for every head, over d_head. */
        PER_HEAD,
        /** A weight of its own for every head, over d_head. */
        PER_HEAD_SEPARATE,
        /** Over the whole vector of all heads. */
        WHOLE
    }

    /**
     * The MLP of one layer.
     *
     * @param width hidden width, of an expert where there are several, 0 where there is no MLP
     * @param experts what a mixture of experts is made of, there for that kind alone
     */
    public record Mlp(MlpKind kind, ActivationKind activation, int width, Optional<Experts> experts) {
        public Mlp {
            if (experts.isPresent() != (kind == MlpKind.EXPERTS)) {
                throw new IllegalArgumentException("MLP of kind " + kind + " with experts: " + experts);
            }
        }

        /** An MLP without experts. */
        public Mlp(MlpKind kind, ActivationKind activation, int width) {
            this(kind, activation, width, Optional.empty());
        }

        /** A mixture of experts. */
        public Mlp(Experts experts, ActivationKind activation, int width) {
            this(MlpKind.EXPERTS, activation, width, Optional.of(experts));
        }

        /** A block without MLP. */
        public static final Mlp NONE = new Mlp(MlpKind.NONE, ActivationKind.IDENTITY, 0);
    }

    /** Kinds of MLP. */
    public enum MlpKind {
        NONE,
        /** out(act(in x)). */
        PLAIN,
        /** out(act(gate x) · in x). */
        GATED,
        /** Several gated ones, of which a router chooses some for each token. */
        EXPERTS
    }

    /**
     * The experts of a layer.
     *
     * @param count how many there are
     * @param chosen how many a token takes
     * @param route how those are weighed
     * @param sharedWidth hidden width of an expert that every token takes besides, weighed by the sigmoid of a number of its own
     *     (silu-gated, as Qwen2-MoE's), 0 for none
     */
    public record Experts(int count, int chosen, RouteKind route, int sharedWidth) {
        public Experts {
            if (chosen < 1 || chosen > count || sharedWidth < 0) {
                throw new IllegalArgumentException(chosen + " of " + count + " experts, shared width " + sharedWidth);
            }
        }
    }

    /**
     * What happens after the last block.
     *
     * @param norm whether a final norm precedes the unembedding
     * @param multiplier of the logits
     * @param softCap of the logits, 0 for none
     */
    public record Head(boolean norm, float multiplier, float softCap) {}

    /** The same with another embedding. */
    public Architecture with(Embedding other) {
        return new Architecture(
                family,
                layers,
                modelWidth,
                heads,
                keyValueHeads,
                headSize,
                vocabulary,
                maxPositions,
                norm,
                wiring,
                placement,
                other,
                attention,
                queryKeyNorm,
                clip,
                mlp,
                residualMultiplier,
                head);
    }

    /** Columns of the token embedding: {@code modelWidth} but where it is projected. */
    public int embeddingWidth() {
        return embedding.projected() ? embedding.tableWidth() : modelWidth;
    }

    /** Query heads that read one key/value head. */
    public int groupSize() {
        return heads / keyValueHeads;
    }

    /** Width of queries and of z: {@code heads · headSize}. */
    public int queryWidth() {
        return Math.multiplyExact(heads, headSize);
    }

    /** Width of keys and of values: {@code keyValueHeads · headSize}. */
    public int keyValueWidth() {
        return Math.multiplyExact(keyValueHeads, headSize);
    }
}
