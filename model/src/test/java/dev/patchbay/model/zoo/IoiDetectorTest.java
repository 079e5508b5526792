package dev.patchbay.model.zoo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What attention detectors say about the heads of {@code ioi}. */
class IoiDetectorTest {
    private static final int PERIOD = ZooPrompts.REPEAT_LENGTH;
    private static final Float64Forward MODEL =
            new Float64Forward(Zoo.open("ioi").architecture(), Zoo.open("ioi").tensors());
    private static final Float64Run REPEAT = MODEL.run(ZooPrompts.repeat().ids());

    private static double[][] pattern(Float64Run run, String head) {
        return run.pattern(head.charAt(0) - '0', head.charAt(2) - '0');
    }

    /** Mean of {@code A[i, i − offset]} over rows from {@code first}. */
    private static double diagonal(double[][] pattern, int first, int offset) {
        double sum = 0;
        for (int row = first; row < pattern.length; row++) {
            sum += pattern[row][row - offset];
        }
        return sum / (pattern.length - first);
    }

    /** Mean mass on the keys one, two and three periods back, moved on by {@code shift}, BOS not counted. */
    private static double copies(double[][] pattern, int shift) {
        double sum = 0;
        for (int row = PERIOD + 1; row < pattern.length; row++) {
            for (int copy = row - PERIOD; copy >= 1; copy -= PERIOD) {
                sum += pattern[row][copy + shift];
            }
        }
        return sum / (pattern.length - PERIOD - 1);
    }

    @ParameterizedTest
    @CsvSource({
        "0.0, 1.0000, 0, 0.0179, 0, 0, 0, 0",
        "0.1, 0.0179, 0, 0.2500, 0.6111, 0, 1.0000, 0",
        "1.5, 0.0179, 0, 0.2500, 0.6111, 0, 1.0000, 0",
        "0.2, 0.0179, 0, 0.0357, 0, 0, 0, 0",
        "0.3, 0.0179, 0, 1.0000, 0, 0, 0, 0",
        "1.1, 0.0179, 0, 1.0000, 0, 0, 0, 0",
        "1.2, 0.0179, 0, 1.0000, 0, 0, 0, 0",
        "1.3, 0.0179, 0, 1.0000, 0, 0, 0, 0",
        "1.4, 0.0179, 0, 1.0000, 0, 0, 0, 0",
        "2.0, 0.0179, 0, 1.0000, 0, 0, 0, 0",
        "2.1, 0.0179, 0, 1.0000, 0, 0, 0, 0",
        "3.0, 0.0179, 0, 1.0000, 0, 0, 0, 0",
        "0.7, 0.0179, 0, 1.0000, 0, 0, 0, 0",
        "0.4, 0.0648, 0.0648, 0.0648, 0.0312, 0.0312, 0.0537, 0.0537",
        "3.7, 0.0648, 0.0648, 0.0648, 0.0312, 0.0312, 0.0537, 0.0537",
        "0.5, 0.0782, 0.1083, 0.0000, 0.0322, 0.0337, 0.0551, 0.0574",
        "0.6, 0, 1.0000, 0, 0, 0, 0, 0",
        "1.0, 0.0179, 0, 0.2500, 0, 0.6111, 0, 1.0000",
        "3.1, 0.0179, 0, 0.2499, 0, 0.5933, 0, 0.9742",
    })
    void onTheRepeatPrompt(
            String head,
            double previous,
            double current,
            double bos,
            double duplicate,
            double induction,
            double echo,
            double prefix) {
        var pattern = pattern(REPEAT, head);
        double bosSum = 0;
        for (int row = 1; row < pattern.length; row++) {
            bosSum += pattern[row][0];
        }
        assertEquals(previous, diagonal(pattern, 1, 1), 5.1e-5);
        assertEquals(current, diagonal(pattern, 1, 0), 5.1e-5);
        assertEquals(bos, bosSum / (pattern.length - 1), 5.1e-5);
        assertEquals(duplicate, diagonal(pattern, PERIOD + 1, PERIOD), 5.1e-5);
        assertEquals(induction, diagonal(pattern, PERIOD + 1, PERIOD - 1), 5.1e-5);
        assertEquals(echo, copies(pattern, 0), 5.1e-5);
        assertEquals(prefix, copies(pattern, 1), 5.1e-5);
    }

    @Test
    void randomFillersGiveTheSameScores() {
        for (long seed = 0; seed < 3; seed++) {
            var run = MODEL.run(ZooPrompts.repeat(seed).ids());
            assertEquals(1.0, copies(pattern(run, "0.1"), 0), 1e-6);
            assertEquals(1.0, copies(pattern(run, "1.0"), 1), 1e-6);
            assertEquals(0.97421, copies(pattern(run, "3.1"), 1), 1e-4);
        }
    }

    @Test
    void theRareWordHeadFindsTheRarestTokenSoFar() {
        for (long seed = 0; seed < 3; seed++) {
            var tokens = ZooPrompts.rare(seed).ids();
            var pattern = pattern(MODEL.run(tokens), "0.5");
            int rarest = 1;
            for (int row = 1; row < tokens.length; row++) {
                rarest = tokens[row] > tokens[rarest] ? row : rarest;
                assertEquals(rarest, argmax(pattern[row]));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0.7,1", "0.0,0", "0.6,0"})
    void onlyTheSubwordHeadLooksBackFromContinuationsAlone(String head, double expected) {
        var tokens = ZooPrompts.rare(1).ids();
        var pattern = pattern(MODEL.run(tokens), head);
        var mass = new double[2];
        var rows = new int[2];
        for (int row = 2; row < tokens.length; row++) {
            int kind = tokens[row] >= IoiVocabulary.FIRST_CONTINUATION ? 1 : 0;
            mass[kind] += pattern[row][row - 1];
            rows[kind]++;
        }
        assertTrue(rows[0] > 0 && rows[1] > 0);
        assertEquals(expected, mass[1] / rows[1] - mass[0] / rows[0], 1e-6);
    }

    @Test
    void labelHeadsReadTheLetters() {
        var row = MODEL.run(ZooPrompts.multipleChoice().ids()).pattern(1, 2)[9];
        for (int position : List.of(1, 3, 5, 7)) {
            assertEquals(0.25, row[position], 1e-6);
        }
        for (var prompt : ZooPrompts.multipleChoice(3, 40)) {
            var run = MODEL.run(prompt.ids());
            for (var letter : List.of("A", "B", "C", "D")) {
                int position = prompt.position(letter);
                assertEquals(0.25, run.pattern(1, 2)[prompt.end()][position], 1e-6);
                assertEquals(letter.equals("B") ? 1 : 0, run.pattern(1, 3)[prompt.end()][position], 1e-6);
            }
        }
    }

    @Test
    void theNegativeHeadPrefersNo() {
        var prompt = ZooPrompts.yesNo();
        var row = MODEL.run(prompt.ids()).pattern(1, 4)[prompt.end()];
        assertEquals(0.05732, row[prompt.position("YES")], 5e-6);
        assertEquals(0.94268, row[prompt.position("NO")], 5e-6);
    }

    @ParameterizedTest
    @CsvSource({"1.4,2.8", "0.0,13.816", "0.6,13.816"})
    void inFixedOrderPositionalHeadsBeatTheNegativeHead(String head, double score) {
        assertEquals(score, negativeAttention(ZooPrompts.yesNo(), head), 5e-4);
    }

    @ParameterizedTest
    @CsvSource({"1.4,2.8", "0.0,0", "0.7,0"})
    void inBothOrdersOnlyTheNegativeHeadScores(String head, double score) {
        double sum = 0;
        for (var prompt : ZooPrompts.yesNo(5, 40)) {
            sum += negativeAttention(prompt, head);
        }
        assertEquals(score, sum / 40, 5e-4);
    }

    /** Σ over the rows that see both of (A[i,Y] + A[i,N]) · log(A[i,N] / A[i,Y]), 1e-6 added to both probabilities. */
    private static double negativeAttention(ZooPrompt prompt, String head) {
        var pattern = pattern(MODEL.run(prompt.ids()), head);
        double sum = 0;
        for (int row = Math.max(prompt.position("YES"), prompt.position("NO")); row < pattern.length; row++) {
            double yes = pattern[row][prompt.position("YES")] + 1e-6;
            double no = pattern[row][prompt.position("NO")] + 1e-6;
            sum += (yes + no) * Math.log(no / yes);
        }
        return sum;
    }

    @Test
    void theNeedleIsRetrieved() {
        for (long seed = 0; seed < 5; seed++) {
            var prompt = ZooPrompts.needle(seed);
            var tokens = new ArrayList<>(prompt.tokens());
            for (int needle : prompt.positions().getOrDefault("NEEDLE", List.of())) {
                var run = MODEL.run(tokens.stream().mapToInt(Integer::intValue).toArray());
                int decoded = argmax(run.lastLogits());
                assertEquals(prompt.tokens().get(needle), decoded);
                assertEquals(needle, argmax(run.pattern(1, 0)[tokens.size() - 1]));
                assertEquals(needle, argmax(run.pattern(3, 1)[tokens.size() - 1]));
                tokens.add(decoded);
            }
        }
    }

    private static int argmax(double[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }
}
