package dev.patchbay.model.checkpoint;

import dev.patchbay.device.Ops.ActivationKind;
import dev.patchbay.device.Ops.NormKind;
import dev.patchbay.device.Ops.RopePairing;
import dev.patchbay.model.config.Architecture.MlpKind;
import dev.patchbay.model.config.Architecture.Wiring;
import dev.patchbay.model.config.Rope;
import java.util.Arrays;

/**
 * Runs an opened model in double precision with plain loops, to hold descriptors and weight maps against other people's
 * numbers. Knows what the families of the table use and nothing else.
 */
final class Float64Model {
    private final ModelFolder model;

    Float64Model(ModelFolder model) {
        this.model = model;
    }

    /** Logits {@code [position, vocabulary]}. */
    double[][] logits(long[] tokens) {
        var architecture = model.architecture();
        var words = model.assemble("embed.weight").values();
        int width = architecture.modelWidth();
        var stream = new double[tokens.length][width];
        for (int position = 0; position < tokens.length; position++) {
            for (int unit = 0; unit < width; unit++) {
                stream[position][unit] = words[(int) tokens[position] * width + unit];
                if (architecture.embedding().learnedPositions()) {
                    stream[position][unit] += model.assemble("pos_embed.weight").values()[position * width + unit];
                }
            }
        }
        for (int layer = 0; layer < architecture.layers(); layer++) {
            var attention = attention(layer, norm("layers." + layer + ".ln1", stream));
            boolean parallel = architecture.wiring() == Wiring.PARALLEL;
            var middle = sum(stream, attention);
            var mlp = mlp(layer, norm("layers." + layer + ".ln2", parallel ? stream : middle));
            stream = sum(middle, mlp);
        }
        return linear("unembed", norm("ln_final", stream));
    }

    private double[][] attention(int layer, double[][] input) {
        var architecture = model.architecture();
        var settings = architecture.attention().get(layer);
        int size = architecture.headSize();
        var prefix = "layers." + layer + ".";
        var queries = linear(prefix + "q", input);
        var keys = linear(prefix + "k", input);
        var values = linear(prefix + "v", input);
        settings.rope().ifPresent(rope -> {
            rotate(rope, queries, size);
            rotate(rope, keys, size);
        });
        var joined = new double[input.length][architecture.queryWidth()];
        for (int head = 0; head < architecture.heads(); head++) {
            int own = head * size;
            int shared = head / architecture.groupSize() * size;
            for (int query = 0; query < input.length; query++) {
                var scores = new double[query + 1];
                for (int key = 0; key <= query; key++) {
                    for (int unit = 0; unit < size; unit++) {
                        scores[key] += settings.scale() * queries[query][own + unit] * keys[key][shared + unit];
                    }
                }
                double greatest = Arrays.stream(scores).max().orElseThrow();
                double total = Arrays.stream(scores)
                        .map(score -> Math.exp(score - greatest))
                        .sum();
                for (int key = 0; key <= query; key++) {
                    double share = Math.exp(scores[key] - greatest) / total;
                    for (int unit = 0; unit < size; unit++) {
                        joined[query][own + unit] += share * values[key][shared + unit];
                    }
                }
            }
        }
        return linear(prefix + "o", joined);
    }

    private static void rotate(Rope rope, double[][] rows, int size) {
        int half = rope.rotary() / 2;
        if (rope.pairing() != RopePairing.HALF) {
            throw new IllegalArgumentException("no family of the table turns neighbours");
        }
        for (int position = 0; position < rows.length; position++) {
            for (int head = 0; head < rows[position].length; head += size) {
                for (int index = 0; index < half; index++) {
                    double angle = position * rope.inverseFrequencies().get(index);
                    double cosine = Math.cos(angle) * rope.magnitude();
                    double sine = Math.sin(angle) * rope.magnitude();
                    double first = rows[position][head + index];
                    double second = rows[position][head + index + half];
                    rows[position][head + index] = first * cosine - second * sine;
                    rows[position][head + index + half] = second * cosine + first * sine;
                }
            }
        }
    }

    private double[][] mlp(int layer, double[][] input) {
        var settings = model.architecture().mlp().get(layer);
        var prefix = "layers." + layer + ".mlp.";
        var hidden = linear(prefix + "in", input);
        boolean gated = settings.kind() == MlpKind.GATED;
        var gate = gated ? linear(prefix + "gate", input) : hidden;
        for (int row = 0; row < hidden.length; row++) {
            for (int unit = 0; unit < settings.width(); unit++) {
                double active = activation(settings.activation(), gate[row][unit]);
                hidden[row][unit] = gated ? active * hidden[row][unit] : active;
            }
        }
        return linear(prefix + "out", hidden);
    }

    private static double activation(ActivationKind kind, double x) {
        return switch (kind) {
            case GELU_TANH -> 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
            case SILU -> x / (1 + Math.exp(-x));
            case GELU_ERF -> 0.5 * x * (1 + erf(x / Math.sqrt(2)));
            default -> throw new IllegalArgumentException("no family of the table uses " + kind);
        };
    }

    private static double erf(double x) {
        double term = x;
        double sum = x;
        for (int index = 1; index < 200; index++) {
            term *= 2 * x * x / (2 * index + 1);
            sum += term;
        }
        return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
    }

    private double[][] norm(String name, double[][] rows) {
        var settings = model.architecture().norm();
        boolean centred = settings.kind() == NormKind.LAYER;
        var weight = model.assemble(name + ".weight").values();
        var normalized = new double[rows.length][];
        for (int row = 0; row < rows.length; row++) {
            double mean = centred ? Arrays.stream(rows[row]).average().orElseThrow() : 0;
            double square = Arrays.stream(rows[row])
                    .map(x -> (x - mean) * (x - mean))
                    .average()
                    .orElseThrow();
            double scale = 1 / Math.sqrt(square + settings.epsilon());
            normalized[row] = new double[weight.length];
            for (int unit = 0; unit < weight.length; unit++) {
                normalized[row][unit] = (rows[row][unit] - mean) * scale * (weight[unit] + settings.weightOffset());
            }
        }
        return biased(name, normalized);
    }

    private double[][] linear(String name, double[][] rows) {
        var weight = model.assemble(name + ".weight");
        int inputs = rows[0].length;
        int outputs = weight.values().length / inputs;
        var product = new double[rows.length][outputs];
        for (int row = 0; row < rows.length; row++) {
            for (int output = 0; output < outputs; output++) {
                for (int input = 0; input < inputs; input++) {
                    int at = weight.transposed() ? output * inputs + input : input * outputs + output;
                    product[row][output] += rows[row][input] * weight.values()[at];
                }
            }
        }
        return biased(name, product);
    }

    private double[][] biased(String name, double[][] rows) {
        if (model.weights().sources().containsKey(name + ".bias")) {
            var bias = model.assemble(name + ".bias").values();
            for (var row : rows) {
                for (int unit = 0; unit < row.length; unit++) {
                    row[unit] += bias[unit];
                }
            }
        }
        return rows;
    }

    private static double[][] sum(double[][] a, double[][] b) {
        var sum = new double[a.length][a[0].length];
        for (int row = 0; row < a.length; row++) {
            for (int unit = 0; unit < a[row].length; unit++) {
                sum[row][unit] = a[row][unit] + b[row][unit];
            }
        }
        return sum;
    }
}
