package dev.patchbay.model.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.device.Device;
import dev.patchbay.model.checkpoint.Golden;
import dev.patchbay.model.checkpoint.ModelFolder;
import dev.patchbay.model.program.Program;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Rotary positions whose frequencies depend on the length of the sequence: 16 positions here. */
class LongRopeTest {
    private static final int BOUND = 16;

    private static Model load(Device device) {
        try (var folder = ModelFolder.open(Golden.path("families", "phi3-longrope-long"))) {
            return Model.load(device, folder);
        }
    }

    private static int[] prompt(int length) {
        return new Random(length).ints(length, 0, 67).toArray();
    }

    private static float[] last(Model model, Row... rows) {
        try (var run = model.run(RunRequest.of(List.of(rows), Logits.LAST))) {
            return run.logits().toFloats();
        }
    }

    @Test
    void everyRowTurnsByItsOwnLengthWhateverItsNeighbours() {
        try (var device = Runs.cpu();
                var model = load(device)) {
            var rows = List.of(prompt(BOUND - 4), prompt(BOUND + 1), prompt(BOUND), prompt(3 * BOUND));
            var together = Runs.matrix(last(model, rows.stream().map(Row::of).toArray(Row[]::new)), rows.size());
            for (int row = 0; row < rows.size(); row++) {
                assertArrayEquals(last(model, Row.of(rows.get(row))), together[row]);
            }
        }
    }

    @Test
    void theLengthThatDecidesIsThatOfTheWholeSequence() {
        try (var device = Runs.cpu();
                var model = load(device)) {
            var tokens = prompt(BOUND + 4);
            try (var base = model.run(
                            RunRequest.of(List.of(Row.of(tokens)), Logits.NONE).keeping());
                    var keyValues = base.keyValues();
                    var rest = model.run(RunRequest.of(List.of(Row.of(tokens).from(5, 0)), Logits.LAST)
                            .over(keyValues))) {
                assertArrayEquals(last(model, Row.of(tokens)), rest.logits().toFloats());
                var shorter = Row.of(Arrays.copyOf(tokens, BOUND)).from(5, 0);
                var request = RunRequest.of(List.of(shorter), Logits.LAST).over(keyValues);
                var message = Golden.refusal(() -> model.run(request));
                assertTrue(message.contains("more than 16 positions"), message);
            }
        }
    }

    @Test
    void aPromptMayNotGrowBeyondTheLengthAtWhichItsKeysWouldTurnAnew() {
        try (var device = Runs.cpu();
                var model = load(device)) {
            var message = Golden.refusal(() -> generate(model, prompt(BOUND - 4), 6));
            assertTrue(message.contains("grow to 17"), message);
            for (int length : new int[] {BOUND - 4, BOUND + 1}) {
                var sequence = prompt(length);
                for (int token : generate(model, sequence, 5)) {
                    var logits = last(model, Row.of(sequence));
                    int best = 0;
                    for (int id = 1; id < logits.length; id++) {
                        best = logits[id] > logits[best] ? id : best;
                    }
                    assertEquals(best, token);
                    sequence = Arrays.copyOf(sequence, sequence.length + 1);
                    sequence[sequence.length - 1] = token;
                }
            }
        }
    }

    private static List<Integer> generate(Model model, int[] prompt, int count) {
        return new Generator(model, Generator.Options.greedy(count))
                .generate(List.of(prompt), List.of(), Program.EMPTY, Bindings.NONE)
                .getFirst()
                .tokens();
    }

    @Test
    void bothFrequenciesAreUsed() {
        try (var device = Runs.cpu();
                var model = load(device)) {
            var rope = model.architecture().attention().getFirst().rope().orElseThrow();
            assertFalse(rope.isLong(BOUND));
            assertTrue(rope.isLong(BOUND + 1));
            assertEquals(1, rope.inverseFrequencies().getFirst());
            assertEquals(0.5, rope.longer().orElseThrow().inverseFrequencies().getFirst());
            assertEquals(Math.sqrt(1.5), rope.magnitude(), 1e-12);
        }
    }
}
