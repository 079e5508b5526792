package dev.patchbay.device;

import static dev.patchbay.device.Closeness.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.patchbay.bindings.cuda.EmulatorControl;
import dev.patchbay.device.AttentionOracle.AttentionCase;
import dev.patchbay.device.Ops.ActivationKind;
import dev.patchbay.device.Ops.Gemm;
import dev.patchbay.device.Ops.NormKind;
import dev.patchbay.device.TableEntry.AttentionEdit;
import dev.patchbay.device.TableEntry.AttentionStage;
import dev.patchbay.device.TableEntry.EditOperation;
import dev.patchbay.device.TableEntry.RowSpan;
import dev.patchbay.device.TestDevices.Choice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The promise of {@link Numerics#EXACT}: equal bits whatever the company, place, threads or instructions of a row. */
class ExactnessTest {
    private static final int TOKENS = 40;
    private static final Attention.Shape SHAPE = new Attention.Shape(4, 2, 24, 0.2f, 0, 0);

    static List<Choice> devices() {
        return TestDevices.all();
    }

    @Test
    void everyInstructionSetAndThreadCountOfTheCpuGivesTheSameBits() {
        assumeTrue(TestDevices.asked("cpu"));
        List<float[]> first = null;
        for (Choice choice : TestDevices.cpu()) {
            List<float[]> results = runEverything(choice);
            first = first == null ? results : first;
            for (int i = 0; i < results.size(); i++) {
                assertSameBits(first.get(i), results.get(i), "result " + i + " on " + choice);
            }
        }
    }

    @Test
    void everyOrderOfBlocksAndThreadsOfTheEmulatedDeviceGivesTheSameBits() {
        assumeTrue(TestDevices.asked("cuda-emulated"));
        Choice emulated = new Choice(DeviceOptions.of("cuda-emulated"));
        try {
            EmulatorControl.seed(0);
            List<float[]> natural = runEverything(emulated);
            for (int seed = 2; seed < 4; seed++) {
                EmulatorControl.seed(seed);
                List<float[]> shuffled = runEverything(emulated);
                for (int i = 0; i < natural.size(); i++) {
                    assertSameBits(natural.get(i), shuffled.get(i), "result " + i + " with seed " + seed);
                }
            }
        } finally {
            EmulatorControl.seed(1);
        }
    }

    private static List<float[]> runEverything(Choice choice) {
        Values random = new Values(11);
        List<float[]> results = new ArrayList<>();
        try (Device device = choice.open();
                Matrices matrices = new Matrices(device)) {
            int rows = 129;
            int inner = 777;
            int columns = 391;
            Tensor x = matrices.strided(random.normal(rows * inner), rows, inner);
            Weight weight = matrices.weight(random.normal(inner * columns), inner, columns, false);
            Tensor out = matrices.strided(rows, columns);
            device.ops().gemm(List.of(new Gemm(x, weight, null, out)));
            results.add(out.toFloats());
            for (NormKind kind : NormKind.values()) {
                Tensor scale = matrices.dense(rows, 1);
                Tensor normed = matrices.strided(rows, inner);
                device.ops().norm(kind, 1e-6f, 0, 1, x, null, null, scale, normed);
                results.add(normed.toFloats());
                results.add(scale.toFloats());
            }
            for (ActivationKind kind : ActivationKind.values()) {
                Tensor activated = matrices.strided(rows, inner);
                device.ops().activation(kind, x, null, activated);
                results.add(activated.toFloats());
            }
            Tensor logits = matrices.strided(rows, inner);
            device.ops().logSoftmax(x, logits);
            results.add(logits.toFloats());
            AttentionCase problem = new AttentionCase(SHAPE, AttentionContractTest.RAGGED, random);
            problem.sinks = random.normal(4);
            AttentionRun run = new AttentionRun(matrices, problem, List.of());
            results.addAll(List.of(
                    run.z.toFloats(),
                    run.logSumExp.toFloats(),
                    run.scores.toFloats(),
                    run.pattern.toFloats(),
                    run.topValue.toFloats(),
                    run.entropy.toFloats()));
        }
        return results;
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aProductsRowHasTheSameBitsAloneAndInABatch(Choice choice) {
        Values random = new Values(12);
        try (Device device = choice.open();
                Matrices matrices = new Matrices(device)) {
            int rows = 67;
            int inner = 301;
            int columns = 83;
            Tensor x = matrices.strided(random.normal(rows * inner), rows, inner);
            Weight weight = matrices.weight(random.normal(inner * columns), inner, columns, false);
            Tensor bias = matrices.dense(random.normal(columns), 1, columns);
            Tensor together = matrices.strided(rows, columns);
            Tensor alone = matrices.strided(rows, columns);
            device.ops().gemm(List.of(new Gemm(x, weight, bias, together)));
            for (int row = 0; row < rows; row++) {
                device.ops().gemm(List.of(new Gemm(x.rows(row, 1), weight, bias, alone.rows(row, 1))));
            }
            assertSameBits(together.toFloats(), alone.toFloats(), "rows");
        }
    }

    /** A sequence recomputed from any start, over the base's keys, and among others, gives the bits of the whole. */
    @ParameterizedTest
    @MethodSource("devices")
    void attentionFromABaseHasTheBitsOfTheWholeSequence(Choice choice) {
        AttentionCase whole = new AttentionCase(SHAPE, List.of(new RowSpan(0, TOKENS, 0, 0)), new Values(13));
        try (Device device = choice.open();
                Matrices matrices = new Matrices(device)) {
            float[] expected = new AttentionRun(matrices, whole, List.of()).z.toFloats();
            for (int start = 0; start < TOKENS; start++) {
                int own = TOKENS - start;
                AttentionCase part = new AttentionCase(
                        SHAPE, List.of(new RowSpan(0, 9, 0, 0), new RowSpan(9, own, start, 0)), new Values(start));
                int width = SHAPE.keyValueHeads() * SHAPE.headSize();
                copyTail(whole.q, part.q, start, SHAPE.heads() * SHAPE.headSize());
                copyTail(whole.k, part.k, start, width);
                copyTail(whole.v, part.v, start, width);
                part.baseK = Arrays.copyOf(whole.k, start * width);
                part.baseV = Arrays.copyOf(whole.v, start * width);
                float[] z = new AttentionRun(matrices, part, List.of())
                        .z
                        .rows(9, own)
                        .toFloats();
                assertSameBits(Arrays.copyOfRange(expected, expected.length - z.length, expected.length), z, "z");
            }
        }
    }

    private static void copyTail(float[] from, float[] to, int start, int width) {
        System.arraycopy(from, start * width, to, 9 * width, from.length - start * width);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void writingBackWhatWasCapturedChangesNoBitAndReportsNone(Choice choice) {
        for (AttentionStage stage : AttentionStage.values()) {
            AttentionCase problem = new AttentionCase(SHAPE, AttentionContractTest.RAGGED, new Values(14));
            try (Device device = choice.open();
                    Matrices matrices = new Matrices(device)) {
                AttentionRun plain = new AttentionRun(matrices, problem, List.of());
                problem.editValues = (stage == AttentionStage.SCORES ? plain.scores : plain.pattern).toFloats();
                problem.edits = plain.captured.stream()
                        .map(row -> new AttentionEdit(
                                row.token(),
                                row.head(),
                                0,
                                length(row.token()),
                                stage,
                                EditOperation.REPLACE,
                                row.offset(),
                                0))
                        .toList();
                AttentionRun patched = new AttentionRun(matrices, problem, List.of());
                assertSameBits(plain.z.toFloats(), patched.z.toFloats(), "z");
                assertSameBits(plain.logSumExp.toFloats(), patched.logSumExp.toFloats(), "log-sum-exp");
                for (float change : patched.editChange.toFloats()) {
                    assertEquals(0, change);
                }
            }
        }
    }

    /** Keys that the query at {@code token} sees. */
    private static int length(int token) {
        return AttentionContractTest.RAGGED.stream()
                .filter(row -> token >= row.token() && token < row.token() + row.length())
                .mapToInt(row -> row.start() + token - row.token() + 1)
                .findFirst()
                .orElseThrow();
    }
}
