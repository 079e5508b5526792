package dev.patchbay.device;

import static dev.patchbay.device.AttentionContractTest.RAGGED;
import static dev.patchbay.device.AttentionContractTest.edit;
import static dev.patchbay.device.AttentionContractTest.shape;
import static dev.patchbay.device.Closeness.TOLERANCE;
import static dev.patchbay.device.Closeness.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.device.Attention.ChosenTop;
import dev.patchbay.device.Attention.MassLabel;
import dev.patchbay.device.AttentionOracle.AttentionCase;
import dev.patchbay.device.AttentionOracle.LabelCase;
import dev.patchbay.device.TableEntry.AttentionStage;
import dev.patchbay.device.TableEntry.EditOperation;
import dev.patchbay.device.TableEntry.RowSpan;
import dev.patchbay.device.TestDevices.Choice;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Labelled masses, weighted sums, chosen keys and what keys receive, against {@link StatisticsOracle}. */
class AttentionStatisticsTest extends ContractTest {
    AttentionStatisticsTest(Choice choice) {
        super(choice);
    }

    @Test
    void everyPredicateOfRaggedRowsOverBases() {
        for (int window : new int[] {0, 20}) {
            Values random = new Values(90 + window);
            AttentionCase problem = new AttentionCase(shape(4, 2, 16, window, 0), RAGGED, random);
            problem.sinks = random.normal(4);
            for (int chosen = 0; chosen < 8; chosen++) {
                check(problem.measured(chosen % 5, chosen, random), labels(problem, random));
            }
        }
    }

    @Test
    void everyLengthAroundATileAndEveryGroup() {
        for (int length : SIZES) {
            for (int keyValueHeads : new int[] {8, 2, 1}) {
                List<RowSpan> rows = List.of(
                        new RowSpan(0, length, 0, 0),
                        new RowSpan(length, 1, length - 1, 1),
                        new RowSpan(length + 1, length - length / 2, length / 2, 0));
                Values random = new Values(length + keyValueHeads);
                AttentionCase problem = new AttentionCase(shape(8, keyValueHeads, 8, 0, 0), rows, random);
                check(problem.measured(2, 3, random), labels(problem, random));
            }
        }
    }

    @Test
    void statisticsSeeTheEditedPattern() {
        Values random = new Values(91);
        AttentionCase problem = new AttentionCase(shape(4, 2, 16, 0, 0), RAGGED, random);
        problem.edits = List.of(
                edit(3, 0, 1, 3, AttentionStage.SCORES, EditOperation.KNOCKOUT, 0, 0),
                edit(16, 2, 0, 99, AttentionStage.PATTERN, EditOperation.UNIFORM, 0, 0),
                edit(49, 0, 60, 65, AttentionStage.PATTERN, EditOperation.SCALE, 0, 0.25f),
                edit(114, 3, 48, 65, AttentionStage.SCORES, EditOperation.FILL, 0, 2));
        check(problem.measured(1, 4, random), labels(problem, random));
    }

    /** Eight labels of the kinds there are, with codes and lists of their own. */
    private List<LabelCase> labels(AttentionCase problem, Values random) {
        int span = problem.rows.stream()
                .mapToInt(row -> row.start() + row.length())
                .max()
                .orElse(0);
        int[] codeBase = new int[problem.rows.size()];
        Arrays.setAll(codeBase, row -> row * span);
        int[] codes = random.below(5, span * problem.rows.size());
        int[] queryCodes = random.below(5, codes.length);
        int[] listBegin = new int[problem.tokens + 1];
        int[] list = new int[2 * problem.tokens];
        for (int token = 0; token < problem.tokens; token++) {
            list[2 * token] = random.below(8);
            list[2 * token + 1] = 8 + random.below(40);
            listBegin[token + 1] = 2 * token + 2;
        }
        Tensor keys = matrices().integers(codes);
        Tensor queries = matrices().integers(queryCodes);
        Tensor bases = matrices().integers(codeBase);
        Tensor listed = matrices().integers(list);
        Tensor begins = matrices().integers(listBegin);
        return List.of(
                new LabelCase(new MassLabel.Range(3, 18), (_, _, _) -> key -> key >= 3 && key < 18),
                new LabelCase(new MassLabel.Range(-4, 1 << 20, false), (_, _, query) -> key -> key != query),
                new LabelCase(new MassLabel.Offset(1), (_, _, query) -> key -> key == query - 1),
                new LabelCase(
                        new MassLabel.SameCode(keys, queries, bases, false),
                        (row, _, query) ->
                                key -> key != query && codes[codeBase[row] + key] == queryCodes[codeBase[row] + query]),
                new LabelCase(
                        new MassLabel.SameCode(keys, queries, bases, true),
                        (row, _, query) -> key -> codes[codeBase[row] + key] == queryCodes[codeBase[row] + query]),
                new LabelCase(
                        new MassLabel.Listed(listed, begins),
                        (_, token, _) -> key -> key == list[2 * token] || key == list[2 * token + 1]),
                new LabelCase(new MassLabel.Sink(), (_, _, _) -> _ -> false),
                new LabelCase(
                        new MassLabel.Listed(listed, begins, false),
                        (_, token, query) ->
                                key -> key != query && (key == list[2 * token] || key == list[2 * token + 1])));
    }

    private void check(AttentionCase problem, List<LabelCase> labels) {
        AttentionRun run = new AttentionRun(matrices(), problem, labels);
        AttentionOracle attention = new AttentionOracle(problem);
        StatisticsOracle expected = new StatisticsOracle(problem, attention, labels);
        assertClose(attention.z, run.z, "z");
        assertClose(expected.mass(), Objects.requireNonNull(run.mass), "mass");
        if (run.weights != null) {
            assertClose(expected.weighted(), run.weights.weighted(), "weighted sums");
        }
        checkReceived(expected, run);
        ChosenTop chosen = Objects.requireNonNull(run.chosen);
        checkTopTwo(
                expected.chosen(labels.get(chosen.label()), problem.shape.window()), chosen.value(), chosen.index());
        checkTopTwo(attention.pattern, run.topValue, run.topIndex);
    }

    /** Lines of no row must be as they were: NaN. */
    static void checkReceived(StatisticsOracle expected, AttentionRun run) {
        double[] wanted = expected.received();
        float[] received = Objects.requireNonNull(run.received).mass().toFloats();
        assertEquals(wanted.length, received.length);
        for (int i = 0; i < wanted.length; i++) {
            boolean close = Double.isNaN(wanted[i])
                    ? Float.isNaN(received[i])
                    : Math.abs(wanted[i] - received[i]) <= TOLERANCE * Math.max(1, Math.abs(wanted[i]));
            assertTrue(close, "received[" + i + "]: expected " + wanted[i] + ", is " + received[i]);
        }
    }

    /** The two largest numbers of every row of {@code pattern}, NaN standing for a key that does not count. */
    static void checkTopTwo(double[][] pattern, Tensor values, Tensor keys) {
        float[] value = values.toFloats();
        int[] key = keys.toInts();
        for (int at = 0; at < pattern.length; at++) {
            checkTopTwo(
                    pattern[at],
                    Arrays.copyOfRange(value, 2 * at, 2 * at + 2),
                    Arrays.copyOfRange(key, 2 * at, 2 * at + 2));
        }
    }

    private static void checkTopTwo(double[] row, float[] value, int[] key) {
        double[] ascending = Arrays.stream(row)
                .filter(weight -> !Double.isNaN(weight))
                .sorted()
                .toArray();
        for (int place = 0; place < 2; place++) {
            if (place >= ascending.length) {
                assertEquals(-1, key[place], "a key where there is none");
                continue;
            }
            double wanted = ascending[ascending.length - 1 - place];
            if (key[place] == -1) {
                assertEquals(0, wanted, "no key where there is one with weight");
                continue;
            }
            assertEquals(wanted, value[place], TOLERANCE, "value of place " + place);
            assertEquals(wanted, row[key[place]], TOLERANCE, "weight of the key of place " + place);
        }
        assertTrue(key[0] == -1 || key[0] != key[1], "one key twice");
    }
}
