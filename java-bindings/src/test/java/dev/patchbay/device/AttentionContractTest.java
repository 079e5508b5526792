package dev.patchbay.device;

import static dev.patchbay.device.Closeness.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.device.AttentionOracle.AttentionCase;
import dev.patchbay.device.TableEntry.AttentionEdit;
import dev.patchbay.device.TableEntry.AttentionStage;
import dev.patchbay.device.TableEntry.EditOperation;
import dev.patchbay.device.TableEntry.RowSpan;
import dev.patchbay.device.TestDevices.Choice;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Attention with its captures, edits and plain statistics against {@link AttentionOracle}. */
class AttentionContractTest extends ContractTest {
    /** Rows of one token, rows that start at 0, in the middle and at the last position of a base; two share a base. */
    static final List<RowSpan> RAGGED = List.of(
            new RowSpan(0, 17, 0, 0),
            new RowSpan(17, 1, 0, 0),
            new RowSpan(18, 31, 33, 2),
            new RowSpan(49, 1, 64, 0),
            new RowSpan(50, 65, 0, 0),
            new RowSpan(115, 5, 16, 40));

    AttentionContractTest(Choice choice) {
        super(choice);
    }

    @Test
    void raggedRowsOverBasesEqualTheFormula() {
        for (int keyValueHeads : new int[] {1, 2, 4}) {
            for (int headSize : new int[] {1, 16, 17, 64}) {
                check(new AttentionCase(shape(4, keyValueHeads, headSize, 0, 0), RAGGED, new Values(headSize)));
            }
        }
    }

    @Test
    void everyLengthAroundATileEqualsTheFormula() {
        for (int length : SIZES) {
            for (int start : new int[] {0, length / 2, length - 1}) {
                List<RowSpan> rows = List.of(new RowSpan(0, length - start, start, 1));
                check(new AttentionCase(shape(2, 1, 8, 0, 0), rows, new Values(length + start)));
            }
        }
    }

    @Test
    void windowsCapsSlopesAndSinksEqualTheFormula() {
        for (int window : new int[] {0, 1, 15, 20, 64}) {
            for (float softCap : new float[] {0, 2.5f}) {
                Values random = new Values(window);
                AttentionCase problem = new AttentionCase(shape(4, 2, 24, window, softCap), RAGGED, random);
                problem.alibiSlopes = new float[] {0.5f, 0.25f, 0.125f, 0.0625f};
                problem.sinks = random.normal(4);
                check(problem);
                problem.sinks = null;
                check(problem);
                problem.alibiSlopes = null;
                check(problem);
            }
        }
    }

    @Test
    void aTableOfWhatKeysAddEqualsTheFormula() {
        for (int window : new int[] {0, 20}) {
            Values random = new Values(40 + window);
            AttentionCase problem = new AttentionCase(shape(4, 4, 24, window, 0), RAGGED, random);
            int longest = RAGGED.stream()
                    .mapToInt(row -> row.start() + row.length())
                    .max()
                    .orElseThrow();
            problem.alibiPositions = (longest + 63) / 64 * 64;
            problem.alibiSlopes = random.normal(4 * problem.alibiPositions);
            check(problem);
        }
    }

    @Test
    void everyEditOfScoresAndPatternEqualsTheFormula() {
        for (int window : new int[] {0, 20}) {
            Values random = new Values(70 + window);
            AttentionCase problem = new AttentionCase(shape(4, 2, 16, window, 0), RAGGED, random);
            problem.sinks = random.normal(4);
            problem.editValues = random.normal(200);
            for (int i = 0; i < problem.editValues.length; i++) {
                problem.editValues[i] = Math.abs(problem.editValues[i]);
            }
            problem.edits = List.of(
                    edit(3, 0, 1, 3, AttentionStage.SCORES, EditOperation.KNOCKOUT, 0, 0),
                    edit(3, 1, 0, 99, AttentionStage.SCORES, EditOperation.REPLACE, 5, 0),
                    edit(3, 1, 2, 3, AttentionStage.SCORES, EditOperation.ADD, 50, 2),
                    edit(3, 1, 0, 4, AttentionStage.PATTERN, EditOperation.SCALE, 0, 0.5f),
                    edit(16, 2, 15, 17, AttentionStage.SCORES, EditOperation.FILL, 0, 1.5f),
                    edit(20, 0, 20, 40, AttentionStage.SCORES, EditOperation.INTERPOLATE, 7, 0.3f),
                    edit(20, 3, 0, 99, AttentionStage.PATTERN, EditOperation.UNIFORM, 0, 0),
                    edit(49, 0, 60, 65, AttentionStage.PATTERN, EditOperation.REPLACE, 100, 0),
                    edit(49, 1, 0, 65, AttentionStage.SCORES, EditOperation.SCALE, 0, -1),
                    edit(49, 2, 64, 65, AttentionStage.PATTERN, EditOperation.ADD, 3, 0.1f),
                    edit(114, 3, 48, 65, AttentionStage.PATTERN, EditOperation.INTERPOLATE, 9, 0.4f),
                    edit(119, 0, 16, 17, AttentionStage.PATTERN, EditOperation.FILL, 0, 0));
            check(problem);
        }
    }

    @Test
    void aRowWithoutAnyKeyLeftIsAnErrorUnlessThereIsASink() {
        AttentionCase problem =
                new AttentionCase(shape(1, 1, 4, 0, 0), List.of(new RowSpan(0, 3, 0, 0)), new Values(1));
        problem.edits = List.of(edit(1, 0, 0, 2, AttentionStage.SCORES, EditOperation.KNOCKOUT, 0, 0));
        DeviceException failure = assertThrows(DeviceException.class, () -> check(problem));
        assertTrue(failure.toString().contains("without any key"), failure.toString());
        problem.sinks = new float[] {0.5f};
        check(problem);
    }

    @Test
    void aScoreThatIsNotANumberMakesItsQueriesNaNAndIsNoError() {
        for (int length : new int[] {1, 3, 40}) {
            for (int numbers : new int[] {0, length - 1}) {
                AttentionCase problem =
                        new AttentionCase(shape(1, 1, 4, 0, 0), List.of(new RowSpan(0, length, 0, 0)), new Values(1));
                Arrays.fill(problem.k, 4 * numbers, problem.k.length, Float.NaN);
                float[] z = new AttentionRun(matrices(), problem, List.of()).z.toFloats();
                for (int i = 0; i < z.length; i++) {
                    assertEquals(i / 4 >= numbers, Float.isNaN(z[i]), "z " + i + " of " + length);
                }
            }
        }
    }

    private void check(AttentionCase problem) {
        problem.received = true;
        AttentionRun run = new AttentionRun(matrices(), problem, List.of());
        AttentionOracle expected = new AttentionOracle(problem);
        String what = problem.shape.toString();
        assertClose(expected.z, run.z, "z of " + what);
        assertClose(expected.logSumExp, run.logSumExp, "log-sum-exp of " + what);
        assertClose(expected.entropy, run.entropy, "entropy of " + what);
        assertClose(expected.editChange, run.editChange, "edit change of " + what);
        assertClose(inOrder(run, expected.scores, problem), run.scores, "scores of " + what);
        assertClose(inOrder(run, expected.pattern, problem), run.pattern, "pattern of " + what);
        AttentionStatisticsTest.checkReceived(new StatisticsOracle(problem, expected, List.of()), run);
        AttentionStatisticsTest.checkTopTwo(expected.pattern, run.topValue, run.topIndex);
    }

    private static double[] inOrder(AttentionRun run, double[][] rows, AttentionCase problem) {
        return run.captured.stream()
                .flatMapToDouble(row -> Arrays.stream(rows[row.token() * problem.shape.heads() + row.head()]))
                .toArray();
    }

    static Attention.Shape shape(int heads, int keyValueHeads, int headSize, int window, float softCap) {
        return new Attention.Shape(heads, keyValueHeads, headSize, 1 / (float) Math.sqrt(headSize), window, softCap);
    }

    static AttentionEdit edit(
            int token,
            int head,
            int keyBegin,
            int keyEnd,
            AttentionStage stage,
            EditOperation operation,
            long source,
            float factor) {
        return new AttentionEdit(token, head, keyBegin, keyEnd, stage, operation, source, factor);
    }
}
