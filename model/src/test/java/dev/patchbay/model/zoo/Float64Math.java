package dev.patchbay.model.zoo;

import dev.patchbay.device.Ops.ActivationKind;
import dev.patchbay.device.Ops.NormKind;
import dev.patchbay.model.config.Architecture;

/** The arithmetic of {@link Float64Forward}: plain loops in double precision. */
final class Float64Math {
    private Float64Math() {}

    /** {@code x · w + bias}, with {@code w} stored {@code [in, out]}. An empty bias adds nothing. */
    static double[][] multiply(double[][] x, double[] w, double[] bias) {
        int in = x[0].length;
        int out = w.length / in;
        var product = new double[x.length][];
        for (int row = 0; row < x.length; row++) {
            var sum = bias.length == 0 ? new double[out] : bias.clone();
            for (int k = 0; k < in; k++) {
                double factor = x[row][k];
                if (factor == 0) {
                    continue; // one-hot streams are mostly zeros
                }
                for (int column = 0; column < out; column++) {
                    sum[column] += factor * w[k * out + column];
                }
            }
            product[row] = sum;
        }
        return product;
    }

    /** Normalises every row; an empty weight is all ones, an empty bias all zeros. */
    static double[][] norm(Architecture.Norm norm, double[][] x, double[] weight, double[] bias) {
        var normalized = new double[x.length][];
        for (int row = 0; row < x.length; row++) {
            normalized[row] = norm.kind() == NormKind.IDENTITY ? x[row].clone() : normRow(norm, x[row], weight, bias);
        }
        return normalized;
    }

    private static double[] normRow(Architecture.Norm norm, double[] x, double[] weight, double[] bias) {
        double mean = 0;
        if (norm.kind() == NormKind.LAYER) {
            for (double element : x) {
                mean += element / x.length;
            }
        }
        double square = 0;
        for (double element : x) {
            square += (element - mean) * (element - mean) / x.length;
        }
        double scale = 1 / Math.sqrt(square + norm.epsilon());
        var normalized = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            double factor = weight.length == 0 ? 1 : weight[i] + norm.weightOffset();
            normalized[i] = (x[i] - mean) * scale * factor + (bias.length == 0 ? 0 : bias[i]);
        }
        return normalized;
    }

    /** Softmax of {@code scores}, in place; −∞ gives exactly 0. */
    static void softmax(double[] scores) {
        double greatest = Double.NEGATIVE_INFINITY;
        for (double score : scores) {
            greatest = Math.max(greatest, score);
        }
        double total = 0;
        for (int i = 0; i < scores.length; i++) {
            scores[i] = Math.exp(scores[i] - greatest);
            total += scores[i];
        }
        for (int i = 0; i < scores.length; i++) {
            scores[i] /= total;
        }
    }

    static double activation(ActivationKind kind, double x) {
        return switch (kind) {
            case GELU_ERF -> 0.5 * x * (1 + erf(x / Math.sqrt(2)));
            case GELU_TANH -> 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
            case RELU -> Math.max(x, 0);
            case SILU -> x / (1 + Math.exp(-x));
            case QUICK_GELU -> x / (1 + Math.exp(-1.702 * x));
            case IDENTITY -> x;
            case SIGMOID -> 1 / (1 + Math.exp(-x));
            case CLAMPED_SWIGLU -> throw new IllegalArgumentException("no fixture model has it");
        };
    }

    /** The error function: {@code 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (1·3·…·(2n+1))}, all terms of one sign. */
    static double erf(double x) {
        if (Math.abs(x) > 6) {
            return Math.signum(x);
        }
        double term = x;
        double sum = x;
        for (int n = 1; n < 200; n++) {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
    }

    /** {@code cap · tanh(x / cap)}, or x where there is no cap. */
    static double softCap(double x, double cap) {
        return cap == 0 ? x : cap * Math.tanh(x / cap);
    }
}
