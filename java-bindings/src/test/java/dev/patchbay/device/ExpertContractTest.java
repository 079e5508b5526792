package dev.patchbay.device;

import static dev.patchbay.device.Closeness.assertClose;
import static dev.patchbay.device.Closeness.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.device.Ops.ExpertGemm;
import dev.patchbay.device.Ops.Gemm;
import dev.patchbay.device.Ops.RouteKind;
import dev.patchbay.device.TestDevices.Choice;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The operations of mixtures of experts, against {@link ExpertOracle}. */
class ExpertContractTest extends ContractTest {
    ExpertContractTest(Choice choice) {
        super(choice);
    }

    @Test
    void routesTakeTheGreatestLogitsAndTheLowestIndexOnTies() {
        Values random = new Values(1);
        for (int experts : new int[] {1, 6, 31, 33, 128}) {
            for (int chosen : new int[] {1, 2, 8, 32}) {
                for (int rows : chosen <= experts ? new int[] {1, 5} : new int[0]) {
                    float[] logits = random.normal(rows * experts);
                    for (int i = 0; i < logits.length; i++) {
                        logits[i] = i < experts ? (i % 2 == 0 ? 0f : -0f) : 4 * logits[i];
                    }
                    for (RouteKind kind : RouteKind.values()) {
                        route(kind, logits, rows, experts, chosen);
                    }
                }
            }
        }
    }

    private void route(RouteKind kind, float[] logits, int rows, int experts, int chosen) {
        Tensor weights = matrices().dense(rows, chosen);
        Tensor index = matrices().integers(new int[rows * chosen]).reshape(rows, chosen);
        ops().route(kind, matrices().strided(logits, rows, experts), weights, index);
        int[] expected = ExpertOracle.chosen(logits, experts, chosen);
        assertArrayEquals(expected, index.toInts(), chosen + " of " + experts);
        assertClose(ExpertOracle.weights(kind, logits, experts, expected), weights, kind + " of " + experts);
    }

    @Test
    void whateverTheLogitsTheChosenExpertsAreDistinctAndInRange() {
        float cut = Float.NEGATIVE_INFINITY;
        float[] logits = {
            Float.NaN, 1, Float.NaN, 9, cut, cut, cut, cut, cut, 3, cut, cut, Float.POSITIVE_INFINITY, 1, 2, 3
        };
        Tensor weights = matrices().dense(4, 3);
        Tensor index = matrices().integers(new int[12]).reshape(4, 3);
        ops().route(RouteKind.SHARE_OF_ALL, matrices().dense(logits, 4, 4), weights, index);
        assertArrayEquals(new int[] {0, 2, 3, 0, 1, 2, 1, 0, 2, 0, 3, 2}, index.toInts());
        float[] shares = weights.toFloats();
        assertTrue(Float.isNaN(shares[0]) && Float.isNaN(shares[2]), "a NaN is not hidden");
        assertArrayEquals(new float[] {1, 0, 0}, Arrays.copyOfRange(shares, 6, 9), "an expert that is cut off");
    }

    @Test
    void rowsAreListedByExpertInTheirOrder() {
        Values random = new Values(2);
        for (int experts : new int[] {1, 6, 33, 128}) {
            for (int count : new int[] {1, 17, 255, 600}) {
                int[] index = random.below(experts, count);
                Tensor begin = matrices().integers(new int[experts + 1]);
                Tensor order = matrices().integers(new int[count]);
                ops().expertRows(matrices().integers(index), begin, order);
                var expected = ExpertOracle.rows(index, experts);
                int[] begins = begin.toInts();
                int[] ordered = order.toInts();
                for (int expert = 0; expert < experts; expert++) {
                    int[] rows = Arrays.copyOfRange(ordered, begins[expert], begins[expert + 1]);
                    assertEquals(
                            expected.get(expert), Arrays.stream(rows).boxed().toList(), "expert " + expert);
                }
                assertEquals(count, begins[experts]);
            }
        }
    }

    /** Assignments: spread out, all to one expert, or so that some experts have none. */
    private static int[] assignments(Values random, int kind, int experts, int count) {
        int[] index = random.below(experts, count);
        return kind == 0
                ? index
                : Arrays.stream(index)
                        .map(expert -> kind == 1 ? experts / 2 : expert / 2 * 2)
                        .toArray();
    }

    @Test
    void productsOfExpertsEqualTheSumsAndHaveTheBitsOfPlainProducts() {
        Values random = new Values(3);
        int[][] shapes = {
            {1, 1, 1, 1, 1}, {5, 2, 17, 33, 4}, {64, 1, 15, 97, 3}, {65, 2, 97, 64, 40}, {150, 2, 40, 63, 2}
        };
        for (int[] shape : shapes) {
            for (int kind = 0; kind < 3; kind++) {
                for (boolean shared : new boolean[] {true, false}) {
                    for (boolean transposed : new boolean[] {false, true}) {
                        products(random, shape, kind, shared, transposed);
                    }
                }
            }
        }
    }

    private void products(Values random, int[] shape, int kind, boolean shared, boolean transposed) {
        int tokens = shape[0];
        int chosen = shape[1];
        int inner = shape[2];
        int columns = shape[3];
        int experts = shape[4];
        int count = tokens * chosen;
        int share = shared ? chosen : 1;
        int[] index = assignments(random, kind, experts, count);
        float[] x = random.normal(count / share * inner);
        float[] w = random.normal(experts * inner * columns);
        float[] bias = random.normal(experts * columns);
        Weight weight = transposed
                ? matrices().weight(transpose(w, inner, columns), experts * columns, inner, true, experts)
                : matrices().weight(w, experts * inner, columns, false, experts);
        Tensor input = matrices().strided(x, count / share, inner);
        Tensor biases = matrices().dense(bias, experts, columns);
        Tensor begin = matrices().integers(new int[experts + 1]);
        Tensor order = matrices().integers(new int[count]);
        Tensor out = matrices().strided(count, columns);
        ops().expertRows(matrices().integers(index), begin, order);
        ops().gemmExperts(new ExpertGemm(input, weight, biases, begin, order, share, out));
        String what = Arrays.toString(shape) + ", kind " + kind;
        float[] found = out.toFloats();
        assertClose(ExpertOracle.products(x, w, bias, index, share, inner, columns), found, what);
        int last = count - 1;
        float[] one = Arrays.copyOfRange(w, index[last] * inner * columns, (index[last] + 1) * inner * columns);
        Tensor alone = matrices().dense(1, columns);
        ops().gemm(List.of(new Gemm(
                input.rows(last / share, 1),
                matrices().weight(one, inner, columns, false),
                biases.rows(index[last], 1),
                alone)));
        assertSameBits(alone.toFloats(), Arrays.copyOfRange(found, last * columns, (last + 1) * columns), what);
    }

    private static float[] transpose(float[] w, int inner, int columns) {
        float[] transposed = new float[w.length];
        for (int i = 0; i < w.length; i++) {
            int expert = i / (inner * columns);
            int k = i / columns % inner;
            int n = i % columns;
            transposed[(expert * columns + n) * inner + k] = w[i];
        }
        return transposed;
    }

    @Test
    void mixturesAddTheWeighedPartsToWhatIsThere() {
        Values random = new Values(4);
        for (int columns : SIZES) {
            for (int count : new int[] {1, 2, 8}) {
                int rows = 7;
                float[] weights = random.normal(rows * count);
                float[] parts = random.normal(rows * count * columns);
                float[] addend = random.normal(rows * columns);
                double[] expected = new double[rows * columns];
                for (int i = 0; i < expected.length; i++) {
                    for (int c = 0; c < count; c++) {
                        int part = i / columns * count + c;
                        expected[i] += (double) weights[part] * parts[part * columns + i % columns];
                    }
                }
                Tensor weight = matrices().strided(weights, rows, count);
                Tensor part = matrices().strided(parts, rows, count * columns);
                Tensor out = matrices().strided(rows, columns);
                ops().mix(weight, part, null, out);
                assertClose(expected, out, "mix of " + count);
                Tensor added = matrices().strided(addend, rows, columns);
                ops().mix(weight, part, added, added);
                Arrays.setAll(expected, i -> expected[i] + addend[i]);
                assertClose(expected, added, "mix in place of " + count);
            }
        }
    }

    @Test
    void whatDoesNotFitIsRefusedBeforeItRuns() {
        Tensor logits = matrices().dense(new float[8], 2, 4);
        Tensor index = matrices().integers(new int[4]).reshape(2, 2);
        Tensor weights = matrices().dense(2, 2);
        Tensor three = matrices().dense(2, 5);
        var kind = RouteKind.SHARE_OF_ALL;
        refused("weights has 5 columns", () -> ops().route(kind, logits, three, index));
        refused("index is 2 x 2, expected 2 x 1", () -> ops().route(kind, logits, weights.columns(0, 1), index));
        Tensor begin = matrices().integers(new int[3]);
        Tensor order = matrices().integers(new int[4]);
        refused("order is 1 x 3, expected 1 x 4", () -> ops().expertRows(index, begin, order.columns(0, 3)));
        Weight two = matrices().weight(new float[12], 6, 2, false, 2);
        Tensor x = matrices().dense(2, 3);
        Tensor out = matrices().dense(4, 2);
        var good = new ExpertGemm(x, two, null, begin, order, 2, out);
        ops().expertRows(matrices().integers(0, 1, 1, 0), begin, order);
        ops().gemmExperts(good);
        refused("x is 2 x 3", () -> ops().gemmExperts(new ExpertGemm(x, two, null, begin, order, 0, out)));
        refused(
                "out is 4 x 2, expected 2 x 2",
                () -> ops().gemmExperts(new ExpertGemm(x, two, null, begin, order.columns(0, 2), 1, out)));
        refused("holds 2 matrices, expected 1", () -> ops().gemm(List.of(new Gemm(x, two, null, out.rows(0, 2)))));
        refused(
                "matrices 4: expected a divisor of the 6 rows",
                () -> device().weight(matrices().dense(6, 2), false, 4));
        refused("parts is 2 x 3, expected 2 x 4", () -> ops().mix(weights, x, null, out.rows(0, 2)));
    }

    private static void refused(String message, Runnable call) {
        var refusal = assertThrows(IllegalArgumentException.class, call::run);
        assertTrue(String.valueOf(refusal.getMessage()).contains(message), refusal::getMessage);
    }
}
