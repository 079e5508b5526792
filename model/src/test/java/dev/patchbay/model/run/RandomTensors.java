package dev.patchbay.model.run;

import dev.patchbay.device.Ops.ActivationKind;
import dev.patchbay.device.Ops.NormKind;
import dev.patchbay.device.Ops.RopePairing;
import dev.patchbay.device.Ops.RouteKind;
import dev.patchbay.model.checkpoint.TensorStore;
import dev.patchbay.model.checkpoint.WeightMap;
import dev.patchbay.model.checkpoint.WeightMap.Source;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.config.Architecture.Embedding;
import dev.patchbay.model.config.Architecture.Experts;
import dev.patchbay.model.config.Architecture.Head;
import dev.patchbay.model.config.Architecture.LayerAttention;
import dev.patchbay.model.config.Architecture.Mlp;
import dev.patchbay.model.config.Architecture.MlpKind;
import dev.patchbay.model.config.Architecture.Norm;
import dev.patchbay.model.config.Architecture.NormPlacement;
import dev.patchbay.model.config.Architecture.QueryKeyNorm;
import dev.patchbay.model.config.Architecture.Wiring;
import dev.patchbay.model.config.Rope;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

/** Random weights for a small llama-like, GPT-2-like or mixture architecture, a fixed function of the seed. */
final class RandomTensors implements TensorStore {
    private final Map<String, List<Long>> shapes = new LinkedHashMap<>();
    private final Map<String, float[]> values = new LinkedHashMap<>();
    private final Random random = new Random(7);

    /** Rotary positions, grouped queries, RMS norm, gated MLP. */
    static Architecture llamaLike(int layers) {
        var rope = new Rope(
                RopePairing.HALF,
                16,
                IntStream.range(0, 8).mapToObj(i -> Math.pow(10000, -i / 8.0)).toList(),
                1);
        return architecture(
                layers, 4, 2, NormKind.RMS, Optional.of(rope), new Mlp(MlpKind.GATED, ActivationKind.SILU, 88));
    }

    /** Learned positions, LayerNorm, plain MLP. */
    static Architecture gptLike(int layers) {
        return architecture(
                layers, 4, 4, NormKind.LAYER, Optional.empty(), new Mlp(MlpKind.PLAIN, ActivationKind.GELU_TANH, 128));
    }

    /** A router in front of experts with biases, an expert that every token takes, sinks. */
    static Architecture mixtureLike(int layers) {
        var llama = llamaLike(layers);
        var experts = new Experts(7, 3, RouteKind.SHARE_OF_ALL, 24);
        var attention = llama.attention().stream()
                .map(layer -> new LayerAttention(
                        layer.scale(), layer.window(), layer.softCap(), layer.rope(), layer.alibi(), true))
                .toList();
        var mlp = new Mlp(experts, ActivationKind.CLAMPED_SWIGLU, 18);
        return changed(llama, llama.placement(), attention, Collections.nCopies(layers, mlp));
    }

    /** GPT-2-like, the stream going on from what norms give. */
    static Architecture normStream(int layers) {
        var gpt = gptLike(layers);
        return changed(gpt, NormPlacement.PRE_STREAM, gpt.attention(), gpt.mlp());
    }

    private static Architecture changed(
            Architecture other, NormPlacement placement, List<LayerAttention> attention, List<Mlp> mlp) {
        return new Architecture(
                "random",
                other.layers(),
                other.modelWidth(),
                other.heads(),
                other.keyValueHeads(),
                other.headSize(),
                other.vocabulary(),
                other.maxPositions(),
                other.norm(),
                other.wiring(),
                placement,
                other.embedding(),
                attention,
                other.queryKeyNorm(),
                other.clip(),
                mlp,
                other.residualMultiplier(),
                other.head());
    }

    private static Architecture architecture(
            int layers, int heads, int keyValueHeads, NormKind norm, Optional<Rope> rope, Mlp mlp) {
        return new Architecture(
                "random",
                layers,
                40,
                heads,
                keyValueHeads,
                16,
                61,
                128,
                new Norm(norm, 1e-5f, 0),
                Wiring.SEQUENTIAL,
                NormPlacement.PRE,
                new Embedding(1, rope.isEmpty(), 0, false, false),
                Collections.nCopies(layers, new LayerAttention(0.25f, 0, 0, rope, List.of(), false)),
                QueryKeyNorm.NONE,
                0,
                Collections.nCopies(layers, mlp),
                1,
                new Head(true, 1, 0));
    }

    RandomTensors(Architecture architecture) {
        int width = architecture.modelWidth();
        add("embed.weight", 1, architecture.vocabulary(), width);
        if (architecture.embedding().learnedPositions()) {
            add("pos_embed.weight", 1, architecture.maxPositions(), width);
        }
        for (int layer = 0; layer < architecture.layers(); layer++) {
            String prefix = "layers." + layer + ".";
            add(prefix + "ln1.weight", 1, width);
            add(prefix + "ln2.weight", 1, width);
            add(prefix + "q.weight", 0.3, width, architecture.queryWidth());
            add(prefix + "q.bias", 0.3, architecture.queryWidth());
            add(prefix + "k.weight", 0.3, width, architecture.keyValueWidth());
            add(prefix + "v.weight", 0.3, width, architecture.keyValueWidth());
            add(prefix + "o.weight", 0.3, architecture.queryWidth(), width);
            add(prefix + "o.bias", 0.3, width);
            var mlp = architecture.mlp().get(layer);
            if (architecture.attention().get(layer).sinks()) {
                add(prefix + "sinks", 1, architecture.heads());
            }
            if (mlp.experts().isPresent()) {
                addExperts(prefix + "mlp.", width, mlp, mlp.experts().get());
                continue;
            }
            add(prefix + "mlp.in.weight", 0.3, width, mlp.width());
            if (mlp.kind() == MlpKind.GATED) {
                add(prefix + "mlp.gate.weight", 0.3, width, mlp.width());
            }
            add(prefix + "mlp.out.weight", 0.3, mlp.width(), width);
        }
        add("ln_final.weight", 1, width);
        add("unembed.weight", 0.3, width, architecture.vocabulary());
    }

    private void addExperts(String prefix, int width, Mlp mlp, Experts experts) {
        add(prefix + "router.weight", 0.3, width, experts.count());
        for (int expert = 0; expert < experts.count(); expert++) {
            String own = prefix + "experts." + expert;
            add(own + ".gate.weight", 0.3, width, mlp.width());
            add(own + ".gate.bias", 0.3, mlp.width());
            add(own + ".in.weight", 0.3, width, mlp.width());
            add(own + ".in.bias", 0.3, mlp.width());
            add(own + ".out.weight", 0.3, mlp.width(), width);
            add(own + ".out.bias", 0.3, width);
        }
        add(prefix + "shared.gate.weight", 0.3, width, experts.sharedWidth());
        add(prefix + "shared.in.weight", 0.3, width, experts.sharedWidth());
        add(prefix + "shared.out.weight", 0.3, experts.sharedWidth(), width);
        add(prefix + "shared_gate.weight", 0.3, width, 1);
    }

    private void add(String name, double size, int... shape) {
        int count = IntStream.of(shape).reduce(1, (a, b) -> a * b);
        float[] elements = new float[count];
        for (int i = 0; i < count; i++) {
            elements[i] = (float) (size * random.nextGaussian());
        }
        values.put(name, elements);
        shapes.put(name, IntStream.of(shape).mapToObj(size1 -> (long) size1).toList());
    }

    WeightMap map() {
        var sources = new LinkedHashMap<String, Source>();
        shapes.forEach((name, shape) -> sources.put(name, new Source(name, shape, false, List.of())));
        return new WeightMap(sources, List.of());
    }

    @Override
    public Set<String> names() {
        return values.keySet();
    }

    @Override
    public List<Long> shape(String name) {
        return java.util.Objects.requireNonNull(shapes.get(name));
    }

    @Override
    public float[] floats(String name) {
        return java.util.Objects.requireNonNull(values.get(name)).clone();
    }

    @Override
    public String digest() {
        return "random";
    }

    @Override
    public void close() {}
}
