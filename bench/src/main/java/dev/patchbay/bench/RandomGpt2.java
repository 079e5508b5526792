package dev.patchbay.bench;

import dev.patchbay.device.Ops.ActivationKind;
import dev.patchbay.device.Ops.NormKind;
import dev.patchbay.model.checkpoint.TensorStore;
import dev.patchbay.model.checkpoint.WeightMap;
import dev.patchbay.model.checkpoint.WeightMap.Source;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.config.Architecture.Embedding;
import dev.patchbay.model.config.Architecture.Head;
import dev.patchbay.model.config.Architecture.LayerAttention;
import dev.patchbay.model.config.Architecture.Mlp;
import dev.patchbay.model.config.Architecture.MlpKind;
import dev.patchbay.model.config.Architecture.Norm;
import dev.patchbay.model.config.Architecture.NormPlacement;
import dev.patchbay.model.config.Architecture.QueryKeyNorm;
import dev.patchbay.model.config.Architecture.Wiring;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/** The shape of GPT-2 small with random weights: what a forward pass costs does not depend on their values. */
public final class RandomGpt2 implements TensorStore {
    private static final int HEAD = 64;
    private static final int POSITIONS = 1024;

    private final int layers;
    private final int width;
    private final int vocabulary;

    private final Map<String, Source> sources = new LinkedHashMap<>();

    /** The real size. */
    public RandomGpt2() {
        this(12, 12, 50257);
    }

    /** Its wiring in another size, with {@code heads} heads of 64. */
    public RandomGpt2(int layers, int heads, int vocabulary) {
        this.layers = layers;
        this.width = heads * HEAD;
        this.vocabulary = vocabulary;
        declare();
    }

    /** What {@code config.json} would say. */
    public Architecture architecture() {
        var attention = new LayerAttention(0.125f, 0, 0, Optional.empty(), List.of(), false);
        return new Architecture(
                "gpt2",
                layers,
                width,
                width / HEAD,
                width / HEAD,
                HEAD,
                vocabulary,
                POSITIONS,
                new Norm(NormKind.LAYER, 1e-5f, 0),
                Wiring.SEQUENTIAL,
                NormPlacement.PRE,
                new Embedding(1, true, 0, false, false),
                Collections.nCopies(layers, attention),
                QueryKeyNorm.NONE,
                0,
                Collections.nCopies(layers, new Mlp(MlpKind.PLAIN, ActivationKind.GELU_TANH, 4 * width)),
                1,
                new Head(true, 1, 0));
    }

    private void declare() {
        matrix("embed.weight", vocabulary, width, false);
        matrix("pos_embed.weight", POSITIONS, width, false);
        for (int layer = 0; layer < layers; layer++) {
            String prefix = "layers." + layer + ".";
            for (String norm : List.of("ln1", "ln2")) {
                vector(prefix + norm + ".weight", width);
                vector(prefix + norm + ".bias", width);
            }
            for (String projection : List.of("q", "k", "v", "o")) {
                matrix(prefix + projection + ".weight", width, width, false);
                vector(prefix + projection + ".bias", width);
            }
            matrix(prefix + "mlp.in.weight", width, 4L * width, false);
            vector(prefix + "mlp.in.bias", 4L * width);
            matrix(prefix + "mlp.out.weight", 4L * width, width, false);
            vector(prefix + "mlp.out.bias", width);
        }
        vector("ln_final.weight", width);
        vector("ln_final.bias", width);
        sources.put(
                "unembed.weight",
                new Source("embed.weight", List.of((long) vocabulary, (long) width), true, List.of()));
    }

    private void matrix(String name, long rows, long columns, boolean transposed) {
        sources.put(name, new Source(name, List.of(rows, columns), transposed, List.of()));
    }

    private void vector(String name, long size) {
        sources.put(name, new Source(name, List.of(size), false, List.of()));
    }

    /** Where each weight is. */
    public WeightMap map() {
        return new WeightMap(sources, List.of());
    }

    @Override
    public Set<String> names() {
        return sources.keySet();
    }

    @Override
    public List<Long> shape(String name) {
        return Objects.requireNonNull(sources.get(name)).shape();
    }

    @Override
    public float[] floats(String name) {
        var shape = shape(name);
        var random = new SplittableRandom(name.hashCode());
        float[] values = new float[Math.toIntExact(shape.stream().reduce(1L, Math::multiplyExact))];
        double size = shape.size() > 1 ? 1 / Math.sqrt(width) : 1;
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (size * (random.nextDouble() * 2 - 1));
        }
        return values;
    }

    @Override
    public String digest() {
        return "random";
    }

    @Override
    public void close() {}
}
