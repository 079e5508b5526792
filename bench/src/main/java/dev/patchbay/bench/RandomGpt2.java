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
final class RandomGpt2 implements TensorStore {
    private static final int WIDTH = 768;
    private static final int LAYERS = 12;
    private static final int VOCABULARY = 50257;
    private static final int POSITIONS = 1024;

    private final Map<String, Source> sources = new LinkedHashMap<>();

    static Architecture architecture() {
        var attention = new LayerAttention(0.125f, 0, 0, Optional.empty(), List.of(), false);
        return new Architecture(
                "gpt2",
                LAYERS,
                WIDTH,
                12,
                12,
                64,
                VOCABULARY,
                POSITIONS,
                new Norm(NormKind.LAYER, 1e-5f, 0),
                Wiring.SEQUENTIAL,
                NormPlacement.PRE,
                new Embedding(1, true, 0, false, false),
                Collections.nCopies(LAYERS, attention),
                QueryKeyNorm.NONE,
                0,
                Collections.nCopies(LAYERS, new Mlp(MlpKind.PLAIN, ActivationKind.GELU_TANH, 4 * WIDTH)),
                1,
                new Head(true, 1, 0));
    }

    RandomGpt2() {
        matrix("embed.weight", VOCABULARY, WIDTH, false);
        matrix("pos_embed.weight", POSITIONS, WIDTH, false);
        for (int layer = 0; layer < LAYERS; layer++) {
            String prefix = "layers." + layer + ".";
            for (String norm : List.of("ln1", "ln2")) {
                vector(prefix + norm + ".weight", WIDTH);
                vector(prefix + norm + ".bias", WIDTH);
            }
            for (String projection : List.of("q", "k", "v", "o")) {
                matrix(prefix + projection + ".weight", WIDTH, WIDTH, false);
                vector(prefix + projection + ".bias", WIDTH);
            }
            matrix(prefix + "mlp.in.weight", WIDTH, 4 * WIDTH, false);
            vector(prefix + "mlp.in.bias", 4 * WIDTH);
            matrix(prefix + "mlp.out.weight", 4 * WIDTH, WIDTH, false);
            vector(prefix + "mlp.out.bias", WIDTH);
        }
        vector("ln_final.weight", WIDTH);
        vector("ln_final.bias", WIDTH);
        sources.put(
                "unembed.weight",
                new Source("embed.weight", List.of((long) VOCABULARY, (long) WIDTH), true, List.of()));
    }

    private void matrix(String name, long rows, long columns, boolean transposed) {
        sources.put(name, new Source(name, List.of(rows, columns), transposed, List.of()));
    }

    private void vector(String name, long size) {
        sources.put(name, new Source(name, List.of(size), false, List.of()));
    }

    WeightMap map() {
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
        double size = shape.size() > 1 ? 1 / Math.sqrt(WIDTH) : 1;
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
