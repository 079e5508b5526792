package dev.patchbay.model.config;

import dev.patchbay.device.Ops.NormKind;
import dev.patchbay.model.config.Architecture.Embedding;
import dev.patchbay.model.config.Architecture.Head;
import dev.patchbay.model.config.Architecture.LayerAttention;
import dev.patchbay.model.config.Architecture.Mlp;
import dev.patchbay.model.config.Architecture.MlpKind;
import dev.patchbay.model.config.Architecture.Norm;
import dev.patchbay.model.config.Architecture.NormPlacement;
import dev.patchbay.model.config.Architecture.QueryKeyNorm;
import dev.patchbay.model.config.Architecture.Wiring;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/** An architecture in the making: the sizes that every family has, and for the rest the usual values until a row sets others. */
final class Blueprint {
    final ConfigSection config;
    final Sizes sizes;
    private final String family;

    private Norm norm = new Norm(NormKind.LAYER, 1e-5f, 0);
    private Wiring wiring = Wiring.SEQUENTIAL;
    private NormPlacement placement = NormPlacement.PRE;
    private Embedding embedding = new Embedding(1, false, 0, false, false);
    private IntFunction<Optional<Rope>> rope = _ -> Optional.empty();
    private IntFunction<Double> scale;
    private IntUnaryOperator window = _ -> 0;
    private float scoreCap;
    private List<Float> alibi = List.of();
    private QueryKeyNorm queryKeyNorm = QueryKeyNorm.NONE;
    private float clip;
    private IntFunction<Mlp> mlp = _ -> Mlp.NONE;
    private boolean sinks;
    private boolean alibiRounded;
    private float residualMultiplier = 1;
    private Head head = new Head(true, 1, 0);

    Blueprint(String family, ConfigSection config, Sizes sizes) {
        this.family = family;
        this.config = config;
        this.sizes = sizes;
        double usualScale = 1 / Math.sqrt(sizes.headSize());
        scale = _ -> usualScale;
    }

    /** A family whose sizes have the usual keys. */
    static Blueprint usual(String family, ConfigSection config, Sizes.Usual usual) {
        return new Blueprint(family, config, Sizes.read(config, Sizes.Keys.USUAL, usual));
    }

    Blueprint norm(NormKind kind, double usualEpsilon, String epsilonKey) {
        return norm(kind, usualEpsilon, epsilonKey, 0);
    }

    Blueprint norm(NormKind kind, double usualEpsilon, String epsilonKey, float weightOffset) {
        return norm(new Norm(kind, (float) config.between(0, 1, usualEpsilon, epsilonKey), weightOffset));
    }

    Blueprint norm(Norm chosen) {
        norm = chosen;
        return this;
    }

    Blueprint wiring(Wiring chosen) {
        wiring = chosen;
        return this;
    }

    Blueprint placement(NormPlacement chosen) {
        placement = chosen;
        return this;
    }

    Blueprint embedding(Embedding chosen) {
        embedding = chosen;
        return this;
    }

    Blueprint embeddingMultiplier(double factor) {
        return embedding(new Embedding((float) factor, false, 0, false, false));
    }

    Blueprint learnedPositions() {
        return embedding(new Embedding(1, true, 0, false, false));
    }

    /** The same rotation in every layer. */
    Blueprint rope(Rope rotation) {
        return ropes(_ -> Optional.of(rotation));
    }

    /** The rotation, by layer. */
    Blueprint ropes(IntFunction<Optional<Rope>> ofLayer) {
        rope = ofLayer;
        return this;
    }

    /** The scale of the scores, by layer. */
    Blueprint scale(IntFunction<Double> ofLayer) {
        scale = ofLayer;
        return this;
    }

    /** The window, by layer, 0 for none. */
    Blueprint windows(IntUnaryOperator ofLayer) {
        window = ofLayer;
        return this;
    }

    Blueprint scoreCap(float cap) {
        scoreCap = cap;
        return this;
    }

    Blueprint alibi(List<Float> slopes) {
        alibi = slopes;
        return this;
    }

    /** Slopes whose products with positions are rounded to bfloat16, and scaled as the scores are. */
    Blueprint alibiRounded(List<Float> slopes) {
        alibiRounded = true;
        return alibi(slopes);
    }

    Blueprint queryKeyNorm(QueryKeyNorm chosen) {
        queryKeyNorm = chosen;
        return this;
    }

    Blueprint clip(float limit) {
        clip = limit;
        return this;
    }

    Blueprint mlp(Mlp everywhere) {
        return mlps(_ -> everywhere);
    }

    /** The MLP, by layer. */
    Blueprint mlps(IntFunction<Mlp> ofLayer) {
        mlp = ofLayer;
        return this;
    }

    /** A learned sink score in every softmax. */
    Blueprint sinks() {
        sinks = true;
        return this;
    }

    /** A gated MLP in every layer, its width and activation under the usual keys. */
    Blueprint gated() {
        return mlp(gatedMlp());
    }

    /** A gated MLP, its width and activation under the usual keys. */
    Mlp gatedMlp() {
        return new Mlp(MlpKind.GATED, Activations.read(config, "silu", "hidden_act"), intermediate());
    }

    /** The hidden width of the MLPs, which the usual key must give. */
    int intermediate() {
        return config.requiredSize(ConfigSection.LARGEST_SIZE, "intermediate_size");
    }

    Blueprint residualMultiplier(double factor) {
        residualMultiplier = (float) factor;
        return this;
    }

    Blueprint head(Head chosen) {
        head = chosen;
        return this;
    }

    Architecture build() {
        int layers = sizes.layers();
        var attention = IntStream.range(0, layers)
                .mapToObj(layer -> new LayerAttention(
                        scale.apply(layer).floatValue(),
                        window.applyAsInt(layer),
                        scoreCap,
                        rope.apply(layer),
                        alibi,
                        sinks,
                        alibiRounded))
                .toList();
        return new Architecture(
                family,
                layers,
                sizes.width(),
                sizes.heads(),
                sizes.keyValueHeads(),
                sizes.headSize(),
                sizes.vocabulary(),
                sizes.maxPositions(),
                norm,
                wiring,
                placement,
                embedding,
                attention,
                queryKeyNorm,
                clip,
                IntStream.range(0, layers).mapToObj(mlp).toList(),
                residualMultiplier,
                head);
    }
}
