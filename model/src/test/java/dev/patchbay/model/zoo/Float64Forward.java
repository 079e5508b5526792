package dev.patchbay.model.zoo;

import dev.patchbay.model.checkpoint.TensorStore;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.zoo.Float64Hooks.Projection;
import java.util.HashMap;
import java.util.Map;

/**
 * An independent forward pass in double precision: the oracle of the tests. It reads graph names, matrices
 * {@code [in, out]}, and knows sequential pre-norm blocks with RMS, layer or no norm, grouped queries, learned or no
 * positions, windows, soft-caps, biases, and plain or gated MLPs. It refuses any other architecture.
 */
public final class Float64Forward {
    private final Architecture architecture;
    private final Map<String, double[]> tensors = new HashMap<>();

    /** The model made of {@code tensors}. */
    public Float64Forward(Architecture architecture, TensorStore tensors) {
        this.architecture = architecture;
        check(architecture);
        for (var name : tensors.names()) {
            var stored = tensors.floats(name);
            var widened = new double[stored.length];
            for (int i = 0; i < stored.length; i++) {
                widened[i] = stored[i];
            }
            this.tensors.put(name, widened);
        }
    }

    private static void check(Architecture a) {
        boolean known = a.wiring() == Architecture.Wiring.SEQUENTIAL
                && a.placement() == Architecture.NormPlacement.PRE
                && a.queryKeyNorm() == Architecture.QueryKeyNorm.NONE
                && a.clip() == 0
                && !a.embedding().norm()
                && !a.embedding().projected()
                && a.attention().stream()
                        .allMatch(
                                layer -> layer.rope().isEmpty() && layer.alibi().isEmpty() && !layer.sinks());
        if (!known) {
            throw new IllegalArgumentException("the float64 forward knows sequential pre-norm models: " + a);
        }
    }

    /** Runs the model. */
    public Float64Run run(int... tokens) {
        return run(tokens, Float64Hooks.none());
    }

    /** Runs the model with changes. */
    public Float64Run run(int[] tokens, Float64Hooks hooks) {
        var run = new Float64Run(this, architecture.layers());
        var stream = embed(tokens);
        for (int layer = 0; layer < architecture.layers(); layer++) {
            run.residualBefore[layer] = copy(stream);
            attend(layer, stream, run, hooks);
            if (architecture.mlp().get(layer).kind() != Architecture.MlpKind.NONE) {
                addTo(stream, mlp(layer, norm("layers." + layer + ".ln2", stream)));
            }
        }
        run.residualAfter = copy(stream);
        var last = architecture.head().norm() ? norm("ln_final", stream) : stream;
        run.logits = linear("unembed", last);
        for (var row : run.logits) {
            for (int token = 0; token < row.length; token++) {
                row[token] = Float64Math.softCap(
                        row[token] * architecture.head().multiplier(),
                        architecture.head().softCap());
            }
        }
        return run;
    }

    /** z · W_O of one head. */
    double[] result(int layer, int head, double[] z) {
        int width = architecture.modelWidth();
        var output = tensor("layers." + layer + ".o.weight");
        var result = new double[width];
        for (int k = 0; k < z.length; k++) {
            int row = head * architecture.headSize() + k;
            for (int column = 0; column < width; column++) {
                result[column] += z[k] * output[row * width + column];
            }
        }
        return result;
    }

    private double[][] embed(int[] tokens) {
        int width = architecture.modelWidth();
        var embedding = architecture.embedding();
        var words = tensor("embed.weight");
        var positions = tensor("pos_embed.weight");
        var stream = new double[tokens.length][width];
        for (int position = 0; position < tokens.length; position++) {
            for (int i = 0; i < width; i++) {
                stream[position][i] = embedding.multiplier() * words[tokens[position] * width + i];
                if (embedding.learnedPositions()) {
                    stream[position][i] += positions[(position + embedding.positionOffset()) * width + i];
                }
            }
        }
        return stream;
    }

    private void attend(int layer, double[][] stream, Float64Run run, Float64Hooks hooks) {
        String name = "layers." + layer + ".";
        var input = norm(name + "ln1", stream);
        run.attentionInput[layer] = input;
        var queries = linear(name + "q", hooks.input(layer, Projection.QUERY, input));
        var keys = linear(name + "k", hooks.input(layer, Projection.KEY, input));
        var values = linear(name + "v", hooks.input(layer, Projection.VALUE, input));
        int size = architecture.headSize();
        run.patterns[layer] = new double[architecture.heads()][][];
        run.z[layer] = new double[architecture.heads()][][];
        var joined = new double[stream.length][architecture.queryWidth()];
        for (int head = 0; head < architecture.heads(); head++) {
            int keyValueBegin = head / architecture.groupSize() * size;
            var pattern = pattern(architecture.attention().get(layer), queries, head * size, keys, keyValueBegin);
            var z = hooks.z(layer, head).orElse(mix(pattern, values, keyValueBegin));
            z = z.length == 0 ? new double[stream.length][size] : z;
            for (int position = 0; position < stream.length; position++) {
                System.arraycopy(z[position], 0, joined[position], head * size, size);
            }
            run.patterns[layer][head] = pattern;
            run.z[layer][head] = z;
        }
        addTo(stream, linear(name + "o", joined));
    }

    private double[][] pattern(
            Architecture.LayerAttention attention, double[][] queries, int queryBegin, double[][] keys, int keyBegin) {
        var pattern = new double[queries.length][queries.length];
        for (int query = 0; query < queries.length; query++) {
            for (int key = 0; key < queries.length; key++) {
                boolean visible = key <= query && (attention.window() == 0 || key > query - attention.window());
                double score = 0;
                for (int i = 0; i < architecture.headSize(); i++) {
                    score += queries[query][queryBegin + i] * keys[key][keyBegin + i];
                }
                pattern[query][key] = visible
                        ? Float64Math.softCap(score * attention.scale(), attention.softCap())
                        : Double.NEGATIVE_INFINITY;
            }
            Float64Math.softmax(pattern[query]);
        }
        return pattern;
    }

    private double[][] mix(double[][] pattern, double[][] values, int valueBegin) {
        var z = new double[pattern.length][architecture.headSize()];
        for (int query = 0; query < pattern.length; query++) {
            for (int key = 0; key <= query; key++) {
                for (int i = 0; i < z[query].length; i++) {
                    z[query][i] += pattern[query][key] * values[key][valueBegin + i];
                }
            }
        }
        return z;
    }

    private double[][] mlp(int layer, double[][] input) {
        String name = "layers." + layer + ".mlp.";
        var mlp = architecture.mlp().get(layer);
        boolean gated = mlp.kind() == Architecture.MlpKind.GATED;
        var hidden = linear(name + "in", input);
        var gate = gated ? linear(name + "gate", input) : hidden;
        for (int row = 0; row < hidden.length; row++) {
            for (int unit = 0; unit < mlp.width(); unit++) {
                double active = Float64Math.activation(mlp.activation(), gate[row][unit]);
                hidden[row][unit] = gated ? active * hidden[row][unit] : active;
            }
        }
        return linear(name + "out", hidden);
    }

    private double[][] linear(String name, double[][] x) {
        return Float64Math.multiply(x, tensor(name + ".weight"), tensor(name + ".bias"));
    }

    private double[][] norm(String name, double[][] x) {
        return Float64Math.norm(architecture.norm(), x, tensor(name + ".weight"), tensor(name + ".bias"));
    }

    /** A tensor, or nothing where the model does not have it. */
    private double[] tensor(String name) {
        return tensors.getOrDefault(name, new double[0]);
    }

    private void addTo(double[][] stream, double[][] addend) {
        for (int row = 0; row < stream.length; row++) {
            for (int i = 0; i < stream[row].length; i++) {
                stream[row][i] += architecture.residualMultiplier() * addend[row][i];
            }
        }
    }

    private static double[][] copy(double[][] rows) {
        var copy = new double[rows.length][];
        for (int row = 0; row < rows.length; row++) {
            copy[row] = rows[row].clone();
        }
        return copy;
    }
}
