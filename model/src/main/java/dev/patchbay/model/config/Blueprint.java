package dev.patchbay.model.config;

import dev.patchbay.device.Ops.NormKind;
import dev.patchbay.model.config.Architecture.Embedding;
import dev.patchbay.model.config.Architecture.Head;
import dev.patchbay.model.config.Architecture.LayerAttention;
import dev.patchbay.model.config.Architecture.Mlp;
import dev.patchbay.model.config.Architecture.Norm;
import dev.patchbay.model.config.Architecture.NormPlacement;
import dev.patchbay.model.config.Architecture.QueryKeyNorm;
import dev.patchbay.model.config.Architecture.Wiring;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** An architecture in the making: the sizes that every family has, and for the rest the usual values until a row sets others. */
final class Blueprint {
    private static final int MOST_LAYERS = 1000;
    private static final int LARGEST_VOCABULARY = 1 << 22;
    private static final int LARGEST_HEAD = 1 << 16;

    /** The keys of a family's sizes. */
    record SizeKeys(String width, String layers, String heads, String positions) {
        /** What most families call them. */
        static final SizeKeys USUAL =
                new SizeKeys("hidden_size", "num_hidden_layers", "num_attention_heads", "max_position_embeddings");
    }

    final ConfigSection config;
    final int layers;
    final int width;
    final int heads;
    final int keyValueHeads;
    final int headSize;
    final int maxPositions;
    private final String family;
    private final int vocabulary;

    private Norm norm = new Norm(NormKind.LAYER, 1e-5f, 0);
    private Wiring wiring = Wiring.SEQUENTIAL;
    private boolean learnedPositions;
    private Optional<Rope> rope = Optional.empty();
    private IntFunction<Double> scale;
    private Mlp mlp = Mlp.NONE;

    Blueprint(String family, ConfigSection config, SizeKeys keys, int usualPositions) {
        this.family = family;
        this.config = config;
        layers = config.requiredSize(MOST_LAYERS, keys.layers());
        width = config.requiredSize(ConfigSection.LARGEST_SIZE, keys.width());
        heads = config.requiredSize(ConfigSection.LARGEST_SIZE, keys.heads());
        keyValueHeads = config.size(heads, "num_key_value_heads").orElse(heads);
        if (heads % keyValueHeads != 0) {
            throw config.fault(
                    "num_key_value_heads", "a divisor of " + keys.heads() + " " + heads, String.valueOf(keyValueHeads));
        }
        var size = config.size(LARGEST_HEAD, "head_dim");
        if (size.isEmpty() && (width % heads != 0 || width / heads > LARGEST_HEAD)) {
            throw config.fault(
                    keys.heads(),
                    "a divisor of " + keys.width() + " " + width + ", as no head_dim is given",
                    "" + heads);
        }
        headSize = size.orElse(width / heads);
        if ((long) heads * headSize > ConfigSection.LARGEST_SIZE) {
            throw config.fault(
                    "head_dim", "at most " + ConfigSection.LARGEST_SIZE + " elements in all heads", "" + headSize);
        }
        vocabulary = config.requiredSize(LARGEST_VOCABULARY, "vocab_size");
        maxPositions = config.size(ConfigSection.LARGEST_SIZE, keys.positions()).orElse(usualPositions);
        double usualScale = 1 / Math.sqrt(headSize);
        scale = _ -> usualScale;
    }

    Blueprint norm(NormKind kind, double usualEpsilon, String epsilonKey) {
        norm = new Norm(kind, (float) config.between(0, 1, usualEpsilon, epsilonKey), 0);
        return this;
    }

    Blueprint wiring(Wiring chosen) {
        wiring = chosen;
        return this;
    }

    Blueprint learnedPositions() {
        learnedPositions = true;
        return this;
    }

    Blueprint rope(Rope rotation) {
        rope = Optional.of(rotation);
        return this;
    }

    /** The scale of the scores, by layer. */
    Blueprint scale(IntFunction<Double> ofLayer) {
        scale = ofLayer;
        return this;
    }

    Blueprint mlp(Mlp everywhere) {
        mlp = everywhere;
        return this;
    }

    Architecture build() {
        var attention = IntStream.range(0, layers)
                .mapToObj(layer -> new LayerAttention(scale.apply(layer).floatValue(), 0, 0, rope, List.of(), false))
                .toList();
        return new Architecture(
                family,
                layers,
                width,
                heads,
                keyValueHeads,
                headSize,
                vocabulary,
                maxPositions,
                norm,
                wiring,
                NormPlacement.PRE,
                new Embedding(1, learnedPositions, 0, false, false),
                attention,
                QueryKeyNorm.NONE,
                0,
                IntStream.range(0, layers).mapToObj(_ -> mlp).toList(),
                1,
                new Head(true, 1, 0));
    }
}
