package dev.patchbay.device;

import static dev.patchbay.device.Closeness.assertClose;
import static dev.patchbay.device.Closeness.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.patchbay.device.Ops.ActivationKind;
import dev.patchbay.device.Ops.Direction;
import dev.patchbay.device.Ops.Gemm;
import dev.patchbay.device.Ops.NormKind;
import dev.patchbay.device.Ops.RopePairing;
import dev.patchbay.device.TestDevices.Choice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Every operation but attention and edits, against {@link Float64Oracle}. */
class OpsContractTest extends ContractTest {
    OpsContractTest(Choice choice) {
        super(choice);
    }

    @Test
    void productsEqualTheSumInBothDirectionsAndFromBothLayouts() {
        Values random = new Values(1);
        for (int rows : SIZES) {
            for (int inner : new int[] {1, 17, 64, 97}) {
                int columns = 1 + random.below(130);
                float[] x = random.normal(rows * inner);
                float[] w = random.normal(inner * columns);
                float[] bias = random.normal(columns);
                double[] expected = Float64Oracle.gemm(x, w, bias, rows, inner, columns);
                float[] transposed = transpose(w, inner, columns);
                Tensor input = matrices().strided(x, rows, inner);
                Tensor biases = matrices().dense(bias, 1, columns);
                for (Weight weight : List.of(
                        matrices().weight(w, inner, columns, false),
                        matrices().weight(transposed, columns, inner, true))) {
                    Tensor out = matrices().strided(rows, columns);
                    check(new Gemm(input, weight, biases, out), expected);
                }
                for (Weight weight : List.of(
                        matrices().weight(transposed, columns, inner, false),
                        matrices().weight(w, inner, columns, true))) {
                    Tensor out = matrices().strided(rows, columns);
                    check(new Gemm(input, weight, Direction.BACKWARD, 0, biases, out), expected);
                }
            }
        }
    }

    private void check(Gemm product, double[] expected) {
        ops().gemm(List.of(product));
        assertClose(expected, product.out(), product.toString());
    }

    @Test
    void aGroupOfSlicesOfOneWeightGivesEachItsOwnProduct() {
        Values random = new Values(2);
        int columns = 33;
        float[] w = random.normal(4 * 24 * columns);
        Weight weight = matrices().weight(w, 4 * 24, columns, false);
        List<Gemm> group = new ArrayList<>();
        List<double[]> expected = new ArrayList<>();
        for (int head = 0; head < 4; head++) {
            int rows = 1 + 16 * head;
            float[] x = random.normal(rows * 24);
            float[] slice = Arrays.copyOfRange(w, head * 24 * columns, (head + 1) * 24 * columns);
            expected.add(Float64Oracle.gemm(x, slice, null, rows, 24, columns));
            group.add(new Gemm(
                    matrices().strided(x, rows, 24),
                    weight,
                    Direction.FORWARD,
                    head * 24L,
                    null,
                    matrices().strided(rows, columns)));
        }
        ops().gemm(group);
        for (int head = 0; head < 4; head++) {
            assertClose(expected.get(head), group.get(head).out(), "slice " + head);
        }
    }

    @Test
    void moreProductsThanTheSlabHoldsAllRun() {
        Weight weight = matrices().weight(new float[] {3}, 1, 1, false);
        Tensor x = matrices().dense(new float[] {2}, 1, 1);
        int count = 2_000;
        Tensor out = matrices().dense(1, count);
        ops().gemm(IntStream.range(0, count)
                .mapToObj(i -> new Gemm(x, weight, null, out.columns(i, 1)))
                .toList());
        float[] six = new float[count];
        Arrays.fill(six, 6);
        assertArrayEquals(six, out.toFloats());
    }

    @Test
    void aWeightThatChangedIsPackedAnew() {
        Weight weight = matrices().weight(new float[] {1, 2, 3, 4}, 2, 2, false);
        Tensor x = matrices().dense(new float[] {1, 1}, 1, 2);
        Tensor out = matrices().dense(1, 2);
        ops().gemm(List.of(new Gemm(x, weight, null, out)));
        assertArrayEquals(new float[] {4, 6}, out.toFloats());
        weight.raw().set(new float[] {10, 20, 30, 40});
        weight.rawChanged();
        ops().gemm(List.of(new Gemm(x, weight, null, out)));
        assertArrayEquals(new float[] {40, 60}, out.toFloats());
    }

    @Test
    void chosenElementsAreTheBitsOfTheProduct() {
        Values random = new Values(3);
        for (int rows : new int[] {1, 17, 65}) {
            int inner = 97;
            int columns = 131;
            float[] x = random.normal(rows * inner);
            Tensor input = matrices().strided(x, rows, inner);
            Weight weight = matrices().weight(random.normal(inner * columns), columns, inner, true);
            Tensor bias = matrices().dense(random.normal(columns), 1, columns);
            Tensor out = matrices().dense(rows, columns);
            ops().gemm(List.of(new Gemm(input, weight, bias, out)));
            int[] row = random.below(rows, 40);
            int[] column = random.below(columns, 40);
            Tensor chosen = matrices().dense(1, 40);
            ops().gemmChosen(
                            input,
                            weight,
                            bias,
                            matrices().integers(row),
                            matrices().integers(column),
                            chosen);
            float[] all = out.toFloats();
            float[] expected = new float[40];
            Arrays.setAll(row, i -> row[i] * columns + column[i]);
            for (int i = 0; i < 40; i++) {
                expected[i] = all[row[i]];
            }
            assertSameBits(expected, chosen.toFloats(), "chosen");
        }
    }

    @Test
    void normsEqualTheirFormulaAndWriteTheirDivisors() {
        Values random = new Values(4);
        for (NormKind kind : NormKind.values()) {
            for (int width : SIZES) {
                for (int groups : new int[] {1, 3}) {
                    float[] own = random.normal(width);
                    float[] perGroup = random.normal(groups * width);
                    norm(kind, groups, width, own, random.normal(width), random);
                    norm(kind, groups, width, perGroup, groups == 1 ? null : random.normal(groups * width), random);
                    norm(kind, groups, width, null, null, random);
                }
            }
        }
    }

    private void norm(
            NormKind kind, int groups, int width, float @Nullable [] weight, float @Nullable [] bias, Values random) {
        int rows = 5;
        int columns = groups * width;
        float[] x = random.normal(rows * columns);
        Tensor scale = matrices().dense(rows, groups);
        Tensor out = matrices().strided(rows, columns);
        Tensor input = matrices().strided(x, rows, columns);
        Tensor weights = weight == null ? null : matrices().dense(weight, weight.length / width, width);
        Tensor biases = bias == null ? null : matrices().dense(bias, bias.length / width, width);
        float offset = weight == null ? 0 : 1;
        ops().norm(kind, 1e-5f, offset, groups, input, weights, biases, scale, out);
        double[] divisors = new double[rows * groups];
        double[] expected = Float64Oracle.norm(kind, 1e-5f, offset, groups, x, weight, bias, divisors);
        assertClose(expected, out, kind + " of " + groups + " x " + width);
        assertClose(divisors, scale, "scale of " + kind);
        ops().norm(kind, 1e-5f, offset, groups, input, weights, biases, scale, input);
        assertSameBits(out.toFloats(), input.toFloats(), "in place " + kind);
    }

    @Test
    void ropeRotatesPairsAndCopiesTheRest() {
        Values random = new Values(5);
        for (RopePairing pairing : RopePairing.values()) {
            for (int rotary : new int[] {2, 16, 18, 64}) {
                int heads = 3;
                int headSize = rotary + 2 * random.below(3);
                int[] positions = random.below(50, 7);
                float[] x = random.normal(7 * heads * headSize);
                float[] cosine = random.normal(50 * rotary / 2);
                float[] sine = random.normal(50 * rotary / 2);
                Tensor input = matrices().strided(x, 7, heads * headSize);
                Tensor out = matrices().strided(7, heads * headSize);
                Tensor cosines = matrices().dense(cosine, 50, rotary / 2);
                Tensor sines = matrices().dense(sine, 50, rotary / 2);
                Tensor places = matrices().integers(positions);
                ops().rope(pairing, heads, rotary, input, cosines, sines, places, out);
                double[] expected = Float64Oracle.rope(pairing, heads, rotary, x, cosine, sine, positions);
                assertClose(expected, out, pairing + " " + rotary + " of " + headSize);
                ops().rope(pairing, heads, rotary, input, cosines, sines, places, input);
                assertSameBits(out.toFloats(), input.toFloats(), "in place " + pairing);
            }
        }
    }

    @Test
    void activationsEqualTheirFormulaPlainAndGated() {
        Values random = new Values(6);
        for (ActivationKind kind : ActivationKind.values()) {
            for (int columns : SIZES) {
                float[] x = random.normal(3 * columns);
                for (int i = 0; i < x.length; i += 3) {
                    x[i] *= 8;
                }
                float[] linear = random.normal(3 * columns);
                linear[linear.length - 1] *= 20;
                double[] plain = new double[x.length];
                Arrays.setAll(plain, i -> Float64Oracle.activation(kind, x[i]));
                double[] gated = new double[x.length];
                Arrays.setAll(gated, i -> plain[i] * Float64Oracle.linearBranch(kind, linear[i]));
                Tensor input = matrices().strided(x, 3, columns);
                Tensor gate = matrices().strided(linear, 3, columns);
                Tensor out = matrices().strided(3, columns);
                ops().activation(kind, input, null, out);
                assertClose(plain, out, kind + "");
                ops().activation(kind, input, gate, out);
                assertClose(gated, out, "gated " + kind);
                ops().activation(kind, input, gate, gate);
                assertSameBits(out.toFloats(), gate.toFloats(), "in place " + kind);
            }
        }
    }

    @Test
    void combinationsEqualTheirFormula() {
        Values random = new Values(7);
        for (int columns : SIZES) {
            float[] a = random.normal(4 * columns);
            float[] b = random.normal(4 * columns);
            Tensor left = matrices().strided(a, 4, columns);
            Tensor right = matrices().strided(b, 4, columns);
            Tensor out = matrices().strided(4, columns);
            double[] expected = new double[a.length];
            ops().add(left, right, -0.7f, out);
            Arrays.setAll(expected, i -> a[i] + (double) -0.7f * b[i]);
            assertClose(expected, out, "add");
            ops().scale(left, 3.5f, out);
            Arrays.setAll(expected, i -> a[i] * 3.5);
            assertClose(expected, out, "scale");
            ops().softCap(left, 1.5f, out);
            Arrays.setAll(expected, i -> 1.5 * Math.tanh(a[i] / 1.5));
            assertClose(expected, out, "softCap");
            ops().clamp(left, 0.5f, out);
            Arrays.setAll(expected, i -> Math.clamp(a[i], -0.5, 0.5));
            assertClose(expected, out, "clamp");
            ops().add(left, right, 1, right);
            Arrays.setAll(expected, i -> (double) a[i] + b[i]);
            assertClose(expected, right, "add in place");
        }
    }

    @Test
    void gatherCopiesRowsByEitherIndex() {
        Values random = new Values(8);
        for (int columns : SIZES) {
            float[] values = random.normal(9 * columns);
            Tensor source = matrices().strided(values, 9, columns);
            Tensor destination = matrices().strided(new float[9 * columns], 9, columns);
            int[] from = {8, 0, 0, 5};
            int[] to = {3, 1, 7, 0};
            ops().gather(
                            source,
                            matrices().integers(from),
                            destination,
                            matrices().integers(to),
                            4);
            float[] expected = new float[9 * columns];
            for (int i = 0; i < 4; i++) {
                System.arraycopy(values, from[i] * columns, expected, to[i] * columns, columns);
            }
            assertArrayEquals(expected, destination.toFloats());
            ops().gather(source, null, destination, null, 9);
            assertArrayEquals(values, destination.toFloats());
        }
        Tensor integers = matrices().integers(4, 5, 6);
        Tensor copy = matrices().integers(0, 0, 0);
        ops().gather(integers, null, copy, null, 1);
        assertArrayEquals(new int[] {4, 5, 6}, copy.toInts());
    }

    @Test
    void indicesThatAnOperationHasWrittenAreTheOnesInUse() {
        Tensor indices = matrices().integers(90, 91, 92);
        ops().gather(matrices().integers(2, 0, 1), null, indices, null, 1);
        Tensor source = matrices().dense(new float[] {10, 11, 12}, 3, 1);
        Tensor destination = matrices().dense(3, 1);
        ops().gather(source, indices, destination, null, 3);
        assertArrayEquals(new float[] {12, 10, 11}, destination.toFloats());
    }

    @Test
    void logSoftmaxEqualsItsFormula() {
        Values random = new Values(9);
        for (int columns : new int[] {1, 2, 15, 17, 64, 97, 1000}) {
            float[] x = random.normal(3 * columns);
            Tensor input = matrices().strided(x, 3, columns);
            Tensor out = matrices().strided(3, columns);
            ops().logSoftmax(input, out);
            assertClose(Float64Oracle.logSoftmax(x, 3, columns), out, "log softmax of " + columns);
            ops().logSoftmax(input, input);
            assertSameBits(out.toFloats(), input.toFloats(), "in place");
        }
    }

    @Test
    void emptyArgumentsAreNoWork() {
        Tensor none = matrices().strided(2, 3).rows(0, 0);
        ops().scale(none, 2, none);
        ops().logSoftmax(none, none);
        ops().gemm(List.of());
        Weight weight = matrices().weight(new float[9], 3, 3, false);
        ops().gemm(List.of(new Gemm(none, weight, null, matrices().strided(2, 3).rows(0, 0))));
    }

    static float[] transpose(float[] w, int rows, int columns) {
        float[] out = new float[w.length];
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                out[c * rows + r] = w[r * columns + c];
            }
        }
        return out;
    }
}
