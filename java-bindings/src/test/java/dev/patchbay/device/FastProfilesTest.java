package dev.patchbay.device;

import static dev.patchbay.device.Closeness.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.device.AttentionOracle.AttentionCase;
import dev.patchbay.device.Ops.Direction;
import dev.patchbay.device.Ops.Gemm;
import dev.patchbay.device.TableEntry.RowSpan;
import dev.patchbay.device.TestDevices.Choice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the profiles other than {@code exact} compute differently: products and attention, against float64. Errors are
 * relative to the length of the result; each profile must be as close as it says, and no closer than its operands allow,
 * so that a profile that is another in disguise is found.
 */
@ParameterizedClass(name = "{0}", allowZeroInvocations = true)
@MethodSource("dev.patchbay.device.TestDevices#fast")
class FastProfilesTest {
    private final Choice choice;
    private Device device;
    private Matrices matrices;

    FastProfilesTest(Choice choice) {
        this.choice = choice;
    }

    @BeforeEach
    void open() {
        device = choice.open();
        matrices = new Matrices(device);
    }

    @AfterEach
    void close() {
        try {
            matrices.close();
        } finally {
            device.close();
        }
    }

    /** Relative to the length of the result, for sums of about a thousand terms (cuda-kernels, menu of precisions). */
    private double allowed() {
        return switch (device.numerics()) {
            case EXACT -> 1e-6;
            case FAST32 -> 8e-6;
            case TF32 -> 6e-4;
            case BF16 -> 4e-3;
        };
    }

    /** What no device that computes in the profile falls below. */
    private double expectedAtLeast() {
        return switch (device.numerics()) {
            case EXACT -> 0;
            case FAST32 -> 1e-6;
            case TF32 -> 5e-5;
            case BF16 -> 8e-4;
        };
    }

    private static double error(double[] expected, float[] actual) {
        assertEquals(expected.length, actual.length);
        double difference = 0;
        double length = 0;
        for (int i = 0; i < expected.length; i++) {
            difference += (expected[i] - actual[i]) * (expected[i] - actual[i]);
            length += expected[i] * expected[i];
        }
        return Math.sqrt(difference / length);
    }

    private void check(double[] expected, Tensor actual, String what) {
        double error = error(expected, actual.toFloats());
        assertTrue(error <= allowed(), what + ": relative error " + error + ", allowed " + allowed());
    }

    @Test
    void theProfileIsTheOneThatWasAskedFor() {
        assertEquals(choice.options().numerics(), device.numerics());
        assertTrue(device.description().contains("cuBLAS"), device.description());
    }

    @Test
    void productsAreAsCloseAsTheProfileSaysAndNoCloser() {
        Values random = new Values(1);
        int inner = 768;
        int columns = 40;
        float[] x = random.normal(33 * inner);
        float[] w = random.normal(inner * columns);
        Tensor out = matrices.strided(33, columns);
        device.ops()
                .gemm(List.of(new Gemm(
                        matrices.strided(x, 33, inner), matrices.weight(w, inner, columns, false), null, out)));
        double error = error(Float64Oracle.gemm(x, w, null, 33, inner, columns), out.toFloats());
        assertTrue(error <= allowed(), "relative error " + error);
        assertTrue(error >= expectedAtLeast(), "relative error " + error + ": is this the profile?");
    }

    @Test
    void bfloat16OperandsAreRoundedToTheNearest() {
        if (device.numerics() != Numerics.BF16) {
            return;
        }
        Values random = new Values(2);
        float[] x = random.normal(17 * 100);
        float[] w = random.normal(100 * 9);
        Tensor out = matrices.strided(17, 9);
        Weight weight = matrices.weight(w, 100, 9, false);
        device.ops().gemm(List.of(new Gemm(matrices.strided(x, 17, 100), weight, null, out)));
        double[] expected = Float64Oracle.gemm(rounded(x), rounded(w), null, 17, 100, 9);
        double error = error(expected, out.toFloats());
        assertTrue(error < 1e-6, "relative error " + error);
    }

    /** To 8 significant bits, ties to even, by way of the double that lies half-way. */
    private static float[] rounded(float[] values) {
        float[] out = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            double unit = Math.scalb(1.0, Math.getExponent(values[i]) - 7);
            out[i] = (float) (Math.rint(values[i] / unit) * unit);
        }
        return out;
    }

    @Test
    void productsOfEveryShapeDirectionAndLayoutEqualTheSum() {
        Values random = new Values(3);
        for (int rows : new int[] {1, 15, 17, 65}) {
            for (int inner : new int[] {1, 7, 8, 17, 64, 97}) {
                int columns = 1 + random.below(70);
                float[] x = random.normal(rows * inner);
                float[] w = random.normal(inner * columns);
                float[] bias = random.normal(columns);
                double[] expected = Float64Oracle.gemm(x, w, bias, rows, inner, columns);
                float[] transposed = OpsContractTest.transpose(w, inner, columns);
                Tensor input = matrices.strided(x, rows, inner);
                Tensor biases = matrices.dense(bias, 1, columns);
                String what = rows + " x " + inner + " x " + columns;
                for (boolean turned : new boolean[] {false, true}) {
                    Weight forward = turned
                            ? matrices.weight(transposed, columns, inner, true)
                            : matrices.weight(w, inner, columns, false);
                    Weight backward = turned
                            ? matrices.weight(w, inner, columns, true)
                            : matrices.weight(transposed, columns, inner, false);
                    Tensor one = matrices.strided(rows, columns);
                    Tensor other = matrices.strided(rows, columns);
                    device.ops()
                            .gemm(List.of(
                                    new Gemm(input, forward, biases, one),
                                    new Gemm(input, backward, Direction.BACKWARD, 0, biases, other)));
                    checkSmall(expected, one, what);
                    checkSmall(expected, other, what + " backward");
                }
            }
        }
    }

    /** A few elements may by chance be off by more than many are. */
    private void checkSmall(double[] expected, Tensor actual, String what) {
        double error = error(expected, actual.toFloats());
        assertTrue(error <= 3 * allowed(), what + ": relative error " + error);
    }

    @Test
    void slicesOfAWeightThatBeginAnywhereGiveTheirOwnProducts() {
        Values random = new Values(4);
        int columns = 33;
        float[] w = random.normal(80 * columns);
        Weight weight = matrices.weight(w, 80, columns, false);
        List<Gemm> group = new ArrayList<>();
        List<double[]> expected = new ArrayList<>();
        for (int begin : new int[] {0, 8, 24, 5, 31, 79}) {
            int inner = Math.min(24, 80 - begin);
            int rows = 1 + begin;
            float[] x = random.normal(rows * inner);
            float[] slice = Arrays.copyOfRange(w, begin * columns, (begin + inner) * columns);
            expected.add(Float64Oracle.gemm(x, slice, null, rows, inner, columns));
            Tensor out = matrices.strided(rows, columns);
            group.add(new Gemm(matrices.strided(x, rows, inner), weight, Direction.FORWARD, begin, null, out));
        }
        device.ops().gemm(group);
        for (int slice = 0; slice < group.size(); slice++) {
            checkSmall(expected.get(slice), group.get(slice).out(), "slice " + slice);
        }
    }

    @Test
    void productsThatShareTheirInputInOneGroupAreAllRight() {
        Values random = new Values(5);
        List<Gemm> group = new ArrayList<>();
        List<double[]> expected = new ArrayList<>();
        for (int inputs = 0; inputs < 2; inputs++) {
            float[] x = random.normal(20 * 48);
            Tensor input = matrices.strided(x, 20, 48);
            for (int columns : new int[] {16, 24, 3}) {
                float[] w = random.normal(48 * columns);
                expected.add(Float64Oracle.gemm(x, w, null, 20, 48, columns));
                group.add(new Gemm(input, matrices.weight(w, 48, columns, false), null, matrices.strided(20, columns)));
            }
        }
        device.ops().gemm(group);
        for (int i = 0; i < group.size(); i++) {
            checkSmall(expected.get(i), group.get(i).out(), "product " + i);
        }
    }

    @Test
    void aWeightThatChangedIsConvertedAnew() {
        Weight weight = matrices.weight(new float[] {1, 2, 3, 4}, 2, 2, false);
        Tensor x = matrices.dense(new float[] {1, 1}, 1, 2);
        Tensor out = matrices.dense(1, 2);
        for (float factor : new float[] {1, 10}) {
            weight.raw().set(new float[] {factor, 2 * factor, 3 * factor, 4 * factor});
            weight.rawChanged();
            device.ops().gemm(List.of(new Gemm(x, weight, null, out)));
            assertSameBits(new float[] {4 * factor, 6 * factor}, out.toFloats(), "small whole numbers are exact");
        }
    }

    /** Chosen elements read the raw ones, products of tf32 too. */
    @Test
    void onlyWhatProductsReadStaysInMemory() {
        Values random = new Values(8);
        Weight weight = matrices.weight(random.normal(64 * 32), 64, 32, false);
        weight.prepare(Direction.FORWARD);
        weight.dropRaw();
        Tensor x = matrices.strided(random.normal(2 * 64), 2, 64);
        Tensor out = matrices.strided(2, 32);
        device.ops().gemm(List.of(new Gemm(x, weight, null, out)));
        Tensor one = matrices.dense(1, 1);
        Tensor zero = matrices.integers(0);
        Executable choose = () -> device.ops().gemmChosen(x, weight, null, zero, zero, one);
        if (device.numerics() == Numerics.TF32) {
            assertDoesNotThrow(choose);
        } else {
            assertThrows(IllegalStateException.class, choose);
        }
    }

    @Test
    void equalCallsGiveEqualBits() {
        Values random = new Values(6);
        Tensor x = matrices.strided(random.normal(65 * 97), 65, 97);
        Weight weight = matrices.weight(random.normal(97 * 50), 97, 50, false);
        Tensor one = matrices.strided(65, 50);
        Tensor other = matrices.strided(65, 50);
        device.ops().gemm(List.of(new Gemm(x, weight, null, one)));
        device.ops().gemm(List.of(new Gemm(x, weight, null, other)));
        assertSameBits(one.toFloats(), other.toFloats(), "again");
    }

    @Test
    void anInfiniteElementStaysInItsRow() {
        float[] x = {1, Float.POSITIVE_INFINITY, 2, 3};
        Tensor out = matrices.dense(2, 1);
        Weight weight = matrices.weight(new float[] {2, 1}, 2, 1, false);
        device.ops().gemm(List.of(new Gemm(matrices.dense(x, 2, 2), weight, null, out)));
        float[] got = out.toFloats();
        assertEquals(7, got[1]);
        assertTrue(!Float.isFinite(got[0]), Arrays.toString(got));
    }

    @Test
    void chosenElementsAreThoseOfTheProduct() {
        Values random = new Values(7);
        float[] x = random.normal(17 * 97);
        float[] w = random.normal(97 * 131);
        int[] row = random.below(17, 60);
        int[] column = random.below(131, 60);
        Tensor chosen = matrices.dense(1, 60);
        device.ops()
                .gemmChosen(
                        matrices.strided(x, 17, 97),
                        matrices.weight(w, 97, 131, false),
                        null,
                        matrices.integers(row),
                        matrices.integers(column),
                        chosen);
        double[] all = Float64Oracle.gemm(x, w, null, 17, 97, 131);
        double[] expected = new double[60];
        Arrays.setAll(expected, i -> all[row[i] * 131 + column[i]]);
        check(expected, chosen, "chosen");
    }

    @Test
    void attentionIsAsCloseAsTheProfileSays() {
        for (int headSize : new int[] {8, 16, 64, 17}) {
            for (int window : new int[] {0, 20}) {
                AttentionCase problem = problem(headSize, window);
                AttentionRun run = new AttentionRun(matrices, problem, List.of(), false);
                boolean rounds = device.numerics() == Numerics.BF16 && headSize % 8 == 0;
                if (rounds) {
                    round(problem);
                }
                AttentionOracle expected = new AttentionOracle(problem);
                String what = problem.shape.toString();
                double error = error(expected.z, run.z.toFloats());
                // The pattern is rounded too before it meets the values.
                assertTrue(error <= (rounds ? 3e-3 : 1e-6), "z of " + what + ": " + error);
                assertTrue(!rounds || error > 1e-5, "z of " + what + ": " + error + ", is this the profile?");
                double sums = error(expected.logSumExp, run.logSumExp.toFloats());
                assertTrue(sums <= 1e-5, "log-sum-exp of " + what + ": " + sums);
                double entropies = error(expected.entropy, run.entropy.toFloats());
                assertTrue(entropies <= 1e-4, "entropy of " + what + ": " + entropies);
                checkLargest(expected, run);
            }
        }
    }

    private static void checkLargest(AttentionOracle expected, AttentionRun run) {
        float[] values = run.topValue.toFloats();
        int[] keys = run.topIndex.toInts();
        for (int at = 0; at < expected.pattern.length; at++) {
            double largest = Arrays.stream(expected.pattern[at]).max().orElseThrow();
            assertEquals(largest, values[2 * at], 1e-4);
            assertEquals(largest, expected.pattern[at][keys[2 * at]], 1e-4);
        }
    }

    /** Rows that start at 0, within and at the end of a base, whose first rows nobody reads. */
    private static AttentionCase problem(int headSize, int window) {
        List<RowSpan> rows = List.of(
                new RowSpan(0, 17, 0, 0),
                new RowSpan(17, 1, 0, 0),
                new RowSpan(18, 31, 33, 12),
                new RowSpan(49, 1, 64, 10),
                new RowSpan(50, 70, 0, 0));
        Attention.Shape shape = new Attention.Shape(4, 2, headSize, 1 / (float) Math.sqrt(headSize), window, 0);
        AttentionCase problem = new AttentionCase(shape, rows, new Values(headSize + window));
        problem.sinks = window > 0 ? new Values(9).normal(4) : null;
        return problem;
    }

    private static void round(AttentionCase problem) {
        problem.q = rounded(problem.q);
        problem.k = rounded(problem.k);
        problem.v = rounded(problem.v);
        problem.baseK = rounded(problem.baseK);
        problem.baseV = rounded(problem.baseV);
    }

    /** A pass that captures the pattern computes in float32, with the bits of the exact profile. */
    @Test
    void whatIsCapturedIsWhatWasUsed() {
        AttentionCase problem = problem(16, 0);
        AttentionRun run = new AttentionRun(matrices, problem, List.of());
        try (Device exact = Devices.open(DeviceOptions.of(device.name()));
                Matrices others = new Matrices(exact)) {
            AttentionRun reference = new AttentionRun(others, problem, List.of());
            assertSameBits(reference.z.toFloats(), run.z.toFloats(), "z");
            assertSameBits(reference.pattern.toFloats(), run.pattern.toFloats(), "pattern");
        }
    }
}
