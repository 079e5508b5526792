package dev.patchbay.device;

import static dev.patchbay.device.Closeness.TOLERANCE;
import static dev.patchbay.device.Closeness.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.device.Attention.MassLabel;
import dev.patchbay.device.AttentionOracle.AttentionCase;
import dev.patchbay.device.AttentionOracle.LabelCase;
import dev.patchbay.device.TableEntry.AttentionEdit;
import dev.patchbay.device.TableEntry.AttentionStage;
import dev.patchbay.device.TableEntry.EditOperation;
import dev.patchbay.device.TableEntry.RowSpan;
import dev.patchbay.device.TestDevices.Choice;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Attention with its captures, edits and statistics against {@link AttentionOracle}. */
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
    void everyLabelledMassEqualsItsPredicate() {
        Values random = new Values(90);
        AttentionCase problem = new AttentionCase(shape(4, 2, 16, 0, 0), RAGGED, random);
        problem.sinks = random.normal(4);
        int[] codeBase = {0, 17, 18, 82, 147, 212};
        int[] codes = random.below(5, 300);
        int[] queryCodes = random.below(5, 300);
        int[] listBegin = new int[121];
        int[] list = new int[240];
        for (int token = 0; token < 120; token++) {
            list[2 * token] = random.below(8);
            list[2 * token + 1] = 8 + random.below(40);
            listBegin[token + 1] = 2 * token + 2;
        }
        Tensor keyCodes = matrices().integers(codes);
        Tensor queries = matrices().integers(queryCodes);
        Tensor bases = matrices().integers(codeBase);
        check(
                problem,
                List.of(
                        new LabelCase(new MassLabel.Range(3, 18), (_, _, _) -> key -> key >= 3 && key < 18),
                        new LabelCase(new MassLabel.Range(0, 0), (_, _, _) -> _ -> false),
                        new LabelCase(new MassLabel.Offset(1), (_, _, query) -> key -> key == query - 1),
                        new LabelCase(
                                new MassLabel.SameCode(keyCodes, queries, bases, false),
                                (row, _, query) -> key -> key != query
                                        && codes[codeBase[row] + key] == queryCodes[codeBase[row] + query]),
                        new LabelCase(
                                new MassLabel.SameCode(keyCodes, queries, bases, true),
                                (row, _, query) ->
                                        key -> codes[codeBase[row] + key] == queryCodes[codeBase[row] + query]),
                        new LabelCase(
                                new MassLabel.Listed(
                                        matrices().integers(list), matrices().integers(listBegin)),
                                (_, token, _) -> key -> key == list[2 * token] || key == list[2 * token + 1]),
                        new LabelCase(new MassLabel.Sink(), (_, _, _) -> _ -> false),
                        new LabelCase(new MassLabel.Offset(0), (_, _, query) -> key -> key == query)));
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

    private void check(AttentionCase problem) {
        check(problem, List.of());
    }

    private void check(AttentionCase problem, List<LabelCase> labels) {
        AttentionRun run = new AttentionRun(matrices(), problem, labels);
        AttentionOracle expected = new AttentionOracle(problem);
        String what = problem.shape.toString();
        assertClose(expected.z, run.z, "z of " + what);
        assertClose(expected.logSumExp, run.logSumExp, "log-sum-exp of " + what);
        assertClose(expected.entropy, run.entropy, "entropy of " + what);
        assertClose(expected.editChange, run.editChange, "edit change of " + what);
        Tensor mass = run.mass;
        if (mass != null) {
            assertClose(expected.mass(labels), mass, "mass of " + what);
        }
        assertClose(inOrder(run, expected.scores, problem), run.scores, "scores of " + what);
        assertClose(inOrder(run, expected.pattern, problem), run.pattern, "pattern of " + what);
        checkTopTwo(expected, run);
    }

    private static double[] inOrder(AttentionRun run, double[][] rows, AttentionCase problem) {
        return run.captured.stream()
                .flatMapToDouble(row -> Arrays.stream(rows[row.token() * problem.shape.heads() + row.head()]))
                .toArray();
    }

    private static void checkTopTwo(AttentionOracle expected, AttentionRun run) {
        float[] values = run.topValue.toFloats();
        int[] keys = run.topIndex.toInts();
        for (int at = 0; at < expected.pattern.length; at++) {
            double[] row = expected.pattern[at];
            double[] ascending = row.clone();
            Arrays.sort(ascending);
            for (int place = 0; place < 2; place++) {
                int key = keys[2 * at + place];
                if (place >= row.length) {
                    assertEquals(-1, key);
                    continue;
                }
                double wanted = ascending[row.length - 1 - place];
                if (key == -1) {
                    assertEquals(0, wanted, "no key where there is one with weight");
                    continue;
                }
                assertEquals(wanted, values[2 * at + place], TOLERANCE, "top value " + place + " of " + at);
                assertEquals(wanted, row[key], TOLERANCE, "key of top value " + place + " of " + at);
            }
            assertTrue(row.length < 2 || keys[2 * at] != keys[2 * at + 1], "one key twice");
        }
    }

    private static Attention.Shape shape(int heads, int keyValueHeads, int headSize, int window, float softCap) {
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
