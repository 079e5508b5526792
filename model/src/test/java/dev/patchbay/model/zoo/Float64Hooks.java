package dev.patchbay.model.zoo;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Changes made during a {@link Float64Forward} run. */
public final class Float64Hooks {
    /** What an attention layer computes from its normalised input. */
    public enum Projection {
        QUERY,
        KEY,
        VALUE
    }

    private record Head(int layer, int head) {}

    private record Input(int layer, Projection projection) {}

    private final Map<Head, double[][]> z = new HashMap<>();
    private final Map<Input, double[][]> inputs = new HashMap<>();

    private Float64Hooks() {}

    /** No changes yet. */
    public static Float64Hooks none() {
        return new Float64Hooks();
    }

    /** Sets z of a head to zero at every position. */
    public Float64Hooks zero(int layer, int head) {
        return replace(layer, head, new double[0][]);
    }

    /** Replaces z of a head, {@code [position, d_head]}. */
    public Float64Hooks replace(int layer, int head, double[][] value) {
        z.put(new Head(layer, head), value);
        return this;
    }

    /** Replaces what one projection of a layer reads: the normalised residual stream, {@code [position, d_model]}. */
    public Float64Hooks replaceInput(int layer, Projection projection, double[][] value) {
        inputs.put(new Input(layer, projection), value);
        return this;
    }

    double[][] input(int layer, Projection projection, double[][] computed) {
        return inputs.getOrDefault(new Input(layer, projection), computed);
    }

    Optional<double[][]> z(int layer, int head) {
        return Optional.ofNullable(z.get(new Head(layer, head)));
    }
}
