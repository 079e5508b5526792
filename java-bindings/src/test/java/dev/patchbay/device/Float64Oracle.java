package dev.patchbay.device;

import dev.patchbay.device.Ops.ActivationKind;
import dev.patchbay.device.Ops.NormKind;
import dev.patchbay.device.Ops.RopePairing;
import dev.patchbay.device.TableEntry.EditEntry;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The operations but attention in double precision, written from their formulas; matrices are row-major arrays. */
final class Float64Oracle {
    private static final double SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);

    private Float64Oracle() {}

    static double[] gemm(float[] x, float[] w, float @Nullable [] bias, int rows, int inner, int columns) {
        double[] out = new double[rows * columns];
        for (int r = 0; r < rows; r++) {
            for (int n = 0; n < columns; n++) {
                double sum = 0;
                for (int k = 0; k < inner; k++) {
                    sum += (double) x[r * inner + k] * w[k * columns + n];
                }
                out[r * columns + n] = sum + (bias == null ? 0 : bias[n]);
            }
        }
        return out;
    }

    /** Returns the normalised rows and writes the divisors to {@code scale}, {@code [rows, groups]}. */
    static double[] norm(
            NormKind kind,
            double epsilon,
            double weightOffset,
            int groups,
            float[] x,
            float @Nullable [] weight,
            float @Nullable [] bias,
            double[] scale) {
        int rows = scale.length / groups;
        int columns = x.length / rows;
        int width = columns / groups;
        double[] out = new double[rows * columns];
        for (int group = 0; group < rows * groups; group++) {
            double mean = 0;
            for (int i = 0; i < width && kind == NormKind.LAYER; i++) {
                mean += x[group * width + i] / (double) width;
            }
            double squares = 0;
            for (int i = 0; i < width; i++) {
                squares += (x[group * width + i] - mean) * (x[group * width + i] - mean) / width;
            }
            scale[group] = kind == NormKind.IDENTITY ? 1 : Math.sqrt(squares + epsilon);
            for (int i = 0; i < width; i++) {
                double value = x[group * width + i];
                if (kind != NormKind.IDENTITY) {
                    value = (value - mean) / scale[group] * parameter(weight, group % groups, i, width, 1, weightOffset)
                            + parameter(bias, group % groups, i, width, 0, 0);
                }
                out[group * width + i] = value;
            }
        }
        return out;
    }

    private static double parameter(
            float @Nullable [] values, int group, int index, int width, double absent, double offset) {
        if (values == null) {
            return absent;
        }
        return offset + values[values.length > width ? group * width + index : index];
    }

    static double[] rope(
            RopePairing pairing, int heads, int rotary, float[] x, float[] cosine, float[] sine, int[] positions) {
        int columns = x.length / positions.length;
        int headSize = columns / heads;
        int half = rotary / 2;
        double[] out = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            out[i] = x[i];
        }
        for (int head = 0; head < positions.length * heads; head++) {
            int position = positions[head / heads];
            for (int pair = 0; pair < half; pair++) {
                int first = head * headSize + (pairing == RopePairing.HALF ? pair : 2 * pair);
                int second = pairing == RopePairing.HALF ? first + half : first + 1;
                double cos = cosine[position * half + pair];
                double sin = sine[position * half + pair];
                out[first] = x[first] * cos - x[second] * sin;
                out[second] = x[second] * cos + x[first] * sin;
            }
        }
        return out;
    }

    static double activation(ActivationKind kind, double x) {
        return switch (kind) {
            case GELU_ERF -> x * 0.5 * (1 + erf(x / Math.sqrt(2)));
            case GELU_TANH -> 0.5 * x * (1 + Math.tanh(SQRT_2_OVER_PI * (x + 0.044715 * x * x * x)));
            case RELU -> Math.max(x, 0);
            case SILU -> x / (1 + Math.exp(-x));
            case QUICK_GELU -> x / (1 + Math.exp(-1.702 * x));
            case IDENTITY -> x;
            case SIGMOID -> 1 / (1 + Math.exp(-x));
            case CLAMPED_SWIGLU -> Math.min(x, 7) / (1 + Math.exp(-1.702 * Math.min(x, 7)));
        };
    }

    /** What the activation of a gated layer is multiplied by. */
    static double linearBranch(ActivationKind kind, double linear) {
        return kind == ActivationKind.CLAMPED_SWIGLU ? Math.clamp(linear, -7, 7) + 1 : linear;
    }

    /** The error function by its Taylor series, and by 1 beyond where that is exact in double precision. */
    private static double erf(double x) {
        if (Math.abs(x) > 5.9) {
            return Math.signum(x);
        }
        double term = x;
        double sum = x;
        for (int n = 1; n < 200; n++) {
            term *= -x * x / n;
            sum += term / (2 * n + 1);
        }
        return Math.abs(x) > 3 ? Math.signum(x) * (1 - erfc(Math.abs(x))) : 2 / Math.sqrt(Math.PI) * sum;
    }

    /** The complementary error function of a large argument by its continued fraction. */
    private static double erfc(double x) {
        double fraction = 0;
        for (int k = 60; k >= 1; k--) {
            fraction = k / 2.0 / (x + fraction);
        }
        return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction);
    }

    static double[] logSoftmax(float[] x, int rows, int columns) {
        double[] out = new double[x.length];
        for (int r = 0; r < rows; r++) {
            double max = Double.NEGATIVE_INFINITY;
            for (int c = 0; c < columns; c++) {
                max = Math.max(max, x[r * columns + c]);
            }
            double sum = 0;
            for (int c = 0; c < columns; c++) {
                sum += Math.exp(x[r * columns + c] - max);
            }
            for (int c = 0; c < columns; c++) {
                out[r * columns + c] = x[r * columns + c] - max - Math.log(sum);
            }
        }
        return out;
    }

    /** Applies edits to {@code x} in place and returns the largest change of each. */
    static double[] edit(double[] x, int columns, List<EditEntry> entries, float[] values, float[] bases) {
        double[] change = new double[entries.size()];
        for (int e = 0; e < entries.size(); e++) {
            EditEntry entry = entries.get(e);
            int begin = entry.token() * columns + entry.column();
            double[] after = new double[entry.count()];
            for (int i = 0; i < entry.count(); i++) {
                double old = x[begin + i];
                double factor = entry.factor();
                after[i] = switch (entry.operation()) {
                    case FILL -> factor;
                    case REPLACE -> values[(int) entry.source() + i];
                    case ADD -> old + factor * values[(int) entry.source() + i];
                    case SCALE -> old * factor;
                    case INTERPOLATE -> old + factor * (values[(int) entry.source() + i] - old);
                    case PROJECT_OUT -> old - projection(entry, bases, x, begin, null, i);
                    case PROJECT_SWAP -> old - projection(entry, bases, x, begin, values, i);
                    case KNOCKOUT, UNIFORM -> throw new IllegalArgumentException("attention only");
                };
            }
            for (int i = 0; i < entry.count(); i++) {
                change[e] = Math.max(change[e], Math.abs(after[i] - x[begin + i]));
                x[begin + i] = after[i];
            }
        }
        return change;
    }

    /** Element {@code at} of the part of (x − target) that lies in the entry's basis. */
    private static double projection(
            EditEntry entry, float[] bases, double[] x, int begin, float @Nullable [] target, int at) {
        double part = 0;
        for (int b = 0; b < entry.rank(); b++) {
            int basis = (int) entry.basis() + b * entry.count();
            double dot = 0;
            for (int i = 0; i < entry.count(); i++) {
                double goal = target == null ? 0 : target[(int) entry.source() + i];
                dot += (x[begin + i] - goal) * bases[basis + i];
            }
            part += dot * bases[basis + at];
        }
        return part;
    }
}
