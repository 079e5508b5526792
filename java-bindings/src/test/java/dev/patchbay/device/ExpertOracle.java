package dev.patchbay.device;

import dev.patchbay.device.Ops.RouteKind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Mixtures of experts in double precision, written from their definitions; matrices are row-major arrays. */
final class ExpertOracle {
    private ExpertOracle() {}

    /** The chosen experts of every row. */
    static int[] chosen(float[] logits, int experts, int chosen) {
        return IntStream.range(0, logits.length / experts)
                .flatMap(row -> IntStream.range(0, experts)
                        .boxed()
                        .sorted(Comparator.comparingDouble(expert -> -(double) logits[row * experts + expert] + 0.0))
                        .limit(chosen)
                        .mapToInt(Integer::intValue))
                .toArray();
    }

    /** Their weights. */
    static double[] weights(RouteKind kind, float[] logits, int experts, int[] index) {
        int rows = logits.length / experts;
        int chosen = index.length / rows;
        double[] weights = new double[index.length];
        for (int row = 0; row < rows; row++) {
            double sum = 0;
            for (int i = 0; i < (kind == RouteKind.SHARE_OF_ALL ? experts : chosen); i++) {
                int expert = kind == RouteKind.SHARE_OF_ALL ? i : index[row * chosen + i];
                sum += Math.exp(logits[row * experts + expert]);
            }
            for (int c = 0; c < chosen; c++) {
                weights[row * chosen + c] = Math.exp(logits[row * experts + index[row * chosen + c]]) / sum;
            }
        }
        return weights;
    }

    /** Assignments of each expert. */
    static List<List<Integer>> rows(int[] index, int experts) {
        var rows = new ArrayList<List<Integer>>();
        for (int expert = 0; expert < experts; expert++) {
            int wanted = expert;
            rows.add(IntStream.range(0, index.length)
                    .filter(assignment -> index[assignment] == wanted)
                    .boxed()
                    .toList());
        }
        return rows;
    }

    /** {@code weights}: {@code [experts, inner, columns]}. */
    static double[] products(float[] x, float[] weights, float[] bias, int[] index, int share, int inner, int columns) {
        double[] out = new double[index.length * columns];
        for (int a = 0; a < index.length; a++) {
            for (int n = 0; n < columns; n++) {
                double sum = bias[index[a] * columns + n];
                for (int k = 0; k < inner; k++) {
                    sum += (double) x[a / share * inner + k] * weights[(index[a] * inner + k) * columns + n];
                }
                out[a * columns + n] = sum;
            }
        }
        return out;
    }
}
