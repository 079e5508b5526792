package dev.patchbay.model.checkpoint;

import dev.patchbay.model.config.ModelConfig;
import dev.patchbay.model.graph.GraphBuilder;
import java.util.Set;

/** Configurations, the tensors they ask for, and the graph they make. */
public final class ConfigFuzz {
    /** Larger models are as good as smaller ones here and only take longer. */
    private static final int MOST_LAYERS = 16;

    private ConfigFuzz() {}

    /** One run. */
    public static void fuzzerTestOneInput(byte[] input) {
        FuzzTarget.refused(() -> {
            var config = ModelConfig.parse(input, "a configuration");
            var architecture = config.architecture();
            FuzzTarget.holds(architecture.heads() % architecture.keyValueHeads() == 0, "kv-heads do not divide heads");
            FuzzTarget.holds(architecture.norm().epsilon() >= 0, "epsilon is negative");
            if (architecture.layers() <= MOST_LAYERS) {
                var weights = config.weights(Set.of());
                GraphBuilder.build(architecture, weights.sources().keySet());
                for (var source : weights.sources().values()) {
                    long elements = source.shape().stream().reduce(1L, Math::multiplyExact);
                    FuzzTarget.holds(elements > 0, "a tensor has no elements");
                }
            }
        });
    }
}
