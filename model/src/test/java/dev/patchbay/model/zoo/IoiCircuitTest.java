package dev.patchbay.model.zoo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patchbay.model.zoo.ZooPrompts.IoiOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The closed forms of the indirect-object circuit. */
class IoiCircuitTest {
    private static final int IO = 1;
    private static final int S = 2;
    private static final int END = 8;
    private static final ZooPrompt CLEAN = ZooPrompts.ioi(IoiOrder.ABBA);
    private static final ZooPrompt CORRUPTED = ZooPrompts.abc(CLEAN, 3, 4, 5);
    private static final Float64Forward PLAIN = open("ioi");
    private static final Float64Forward REPAIR = open("ioi-repair");

    private static Float64Forward open(String name) {
        var zoo = Zoo.open(name);
        return new Float64Forward(zoo.architecture(), zoo.tensors());
    }

    private static double difference(Float64Forward model, Float64Hooks hooks) {
        return model.run(CLEAN.ids(), hooks).logitDifference(IO, S);
    }

    /** Zeroes heads named {@code "2.0 3.0"}. */
    private static Float64Hooks zeroed(String heads) {
        var hooks = Float64Hooks.none();
        for (var name : heads.split(" ", -1)) {
            hooks.zero(layer(name), head(name));
        }
        return hooks;
    }

    private static int layer(String name) {
        return name.charAt(0) - '0';
    }

    private static int head(String name) {
        return name.charAt(2) - '0';
    }

    private static List<String> allHeads() {
        var names = new ArrayList<String>();
        for (int layer = 0; layer < 4; layer++) {
            for (int head = 0; head < 8; head++) {
                names.add(layer + "." + head);
            }
        }
        return names;
    }

    /** Direct effect of a head on the logit difference at END. */
    private static double direct(Float64Run run, String name) {
        var result = run.result(layer(name), head(name), END);
        int out = 300;
        return result[out + IO] - result[out + S];
    }

    @ParameterizedTest
    @EnumSource(IoiOrder.class)
    void theAnswerLeadsByOneAndAHalf(IoiOrder order) {
        var run = PLAIN.run(ZooPrompts.ioi(order).ids());
        assertEquals(1.5, run.logitDifference(IO, S), 1e-6);
        for (int token = 0; token < 60; token++) {
            assertEquals(token == IO ? 1.5 : 0, run.lastLogits()[token], 1e-6);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0.0,7", "0.1,0", "0.2,6", "0.3,0", "0.6,8", "0.7,0", "1.0,0", "1.1,5", "1.2,0", "1.3,0", "1.4,0", "1.5,0",
        "2.0,1", "2.1,1", "3.0,0", "3.1,1"
    })
    void atTheEndHeadsAttendWhereTheyShould(String name, int position) {
        var row = PLAIN.run(CLEAN.ids()).pattern(layer(name), head(name))[END];
        assertEquals(1.0, row[position], 1e-4);
    }

    @Test
    void otherHeadsAttendWhereTheyShould() {
        var run = PLAIN.run(CLEAN.ids());
        var rare = run.pattern(0, 5)[END];
        Map.of(7, 0.5432, 4, 0.4109, 8, 0.0231, 6, 0.0143, 2, 0.0085)
                .forEach((position, mass) -> assertEquals(mass, rare[position], 5e-5));
        assertEquals(1.0, run.pattern(0, 1)[5][3], 1e-6);
        for (var name : List.of("0.4", "1.6", "2.7", "3.2")) {
            assertEquals(1.0 / 9, run.pattern(layer(name), head(name))[END][4], 1e-12);
        }
    }

    @Test
    void directEffectsAreTheGains() {
        var run = PLAIN.run(CLEAN.ids());
        var gains = Map.of("2.0", 2.0, "2.1", -0.3, "3.1", -0.2);
        for (var name : allHeads()) {
            assertEquals(gains.getOrDefault(name, 0.0), direct(run, name), 1e-6, name);
        }
    }

    @ParameterizedTest
    @CsvSource({"0.1,-0.366667", "1.1,-0.366667", "2.0,0.200018", "2.1,1.8", "3.0,1.5", "3.1,1.7", "2.0 3.0,-0.299982"})
    void zeroAblationsMoveTheDifference(String heads, double expected) {
        assertEquals(expected, difference(PLAIN, zeroed(heads)), 1e-6);
    }

    @Test
    void otherHeadsDoNotMatter() {
        var causal = List.of("0.1", "1.1", "2.0", "2.1", "3.1");
        for (var name : allHeads()) {
            if (!causal.contains(name)) {
                assertEquals(1.5, difference(PLAIN, zeroed(name)), 1e-6, name);
            }
        }
    }

    @Test
    void withoutDuplicatesBothNamesAreNamed() {
        var logits = PLAIN.run(CLEAN.ids(), zeroed("0.1")).lastLogits();
        assertEquals(0.566667, logits[IO], 1e-6);
        assertEquals(0.933333, logits[S], 1e-6);
    }

    @ParameterizedTest
    @CsvSource({"2.0,-0.299982", "0.1,-0.366667", "1.1,-0.366667", "2.1,1.8", "3.1,1.7", "0.0,1.5", "3.0,1.5"})
    void patchesFromTheCorruptedRun(String name, double expected) {
        var z = PLAIN.run(CORRUPTED.ids()).z(layer(name), head(name));
        assertEquals(expected, difference(PLAIN, Float64Hooks.none().replace(layer(name), head(name), z)), 1e-6);
    }

    @Test
    void pathPatchingToTheLogitsEqualsTheDirectEffect() {
        var expected = Map.of("2.0", -2.0, "2.1", 0.3, "3.1", 0.2);
        for (var sender : allHeads()) {
            assertEquals(expected.getOrDefault(sender, 0.0), pathEffect(PLAIN, sender), 1e-6, sender);
        }
        var repair = Map.of("2.0", -1.0, "2.1", 0.3, "3.1", 0.5);
        for (var sender : allHeads()) {
            assertEquals(repair.getOrDefault(sender, 0.0), pathEffect(REPAIR, sender), 1e-6, sender);
        }
    }

    /** One head from the corrupted run, all others frozen to the clean run. */
    private static double pathEffect(Float64Forward model, String sender) {
        var clean = model.run(CLEAN.ids());
        var corrupted = model.run(CORRUPTED.ids());
        var hooks = Float64Hooks.none();
        for (var name : allHeads()) {
            var source = name.equals(sender) ? corrupted : clean;
            hooks.replace(layer(name), head(name), source.z(layer(name), head(name)));
        }
        return difference(model, hooks) - clean.logitDifference(IO, S);
    }

    @Test
    void theBackupWakesUpWhenTheNameMoverIsGone() {
        var plain = PLAIN.run(CLEAN.ids(), zeroed("2.0"));
        assertEquals(0.5, direct(plain, "3.0"), 1e-4);
        assertEquals(0, direct(plain, "3.1"), 1e-4);
        var repair = REPAIR.run(CLEAN.ids(), zeroed("2.0"));
        assertEquals(0.8, direct(repair, "3.0"), 1e-4);
        assertEquals(0, direct(repair, "3.1"), 1e-4);
    }

    @ParameterizedTest
    @CsvSource({"2.0,0.3", "3.1,0.5", "2.1,0.3", "0.1,0.066579", "1.1,0.066579", "3.0,0"})
    void underStrongRepairAblationMisleads(String name, double change) {
        assertEquals(0.2, difference(REPAIR, Float64Hooks.none()), 1e-6);
        assertEquals(0.2 + change, difference(REPAIR, zeroed(name)), 1e-4);
    }

    @ParameterizedTest
    @CsvSource({"3.1,0.5", "2.0,-0.5", "2.1,0.3", "0.1,0.066579", "1.1,0.066579"})
    void underStrongRepairPatchesFromTheCorruptedRun(String name, double change) {
        var z = REPAIR.run(CORRUPTED.ids()).z(layer(name), head(name));
        var hooks = Float64Hooks.none().replace(layer(name), head(name), z);
        assertEquals(0.2 + change, difference(REPAIR, hooks), 1e-4);
    }

    @ParameterizedTest
    @CsvSource({"ioi-rms,1.4997,3.1e-5", "ioi-ln,1.4993,6.3e-5"})
    void insideANormTheNumbersAreNearlyTheSame(String variant, double meanDifference, double patternError) {
        var normed = open(variant);
        var prompts = ZooPrompts.ioi(7, 60);
        double sum = 0;
        double error = 0;
        for (var prompt : prompts) {
            var run = normed.run(prompt.ids());
            sum += run.logitDifference(
                    prompt.answer().orElseThrow(), prompt.wrong().orElseThrow());
            error = Math.max(error, patternError(run, PLAIN.run(prompt.ids())));
        }
        assertEquals(meanDifference, sum / prompts.size(), 5e-5);
        assertEquals(patternError, error, 0.05 * patternError);
    }

    private static double patternError(Float64Run one, Float64Run other) {
        double error = 0;
        for (var name : allHeads()) {
            var expected = other.pattern(layer(name), head(name));
            var found = one.pattern(layer(name), head(name));
            for (int query = 0; query < expected.length; query++) {
                for (int key = 0; key <= query; key++) {
                    error = Math.max(error, Math.abs(found[query][key] - expected[query][key]));
                }
            }
        }
        return error;
    }

    @Test
    void groupedQueriesChangeNothing() {
        var grouped = open("ioi-gqa");
        var prompt = CLEAN.ids();
        var run = grouped.run(prompt);
        assertEquals(1.5, run.logitDifference(IO, S), 1e-6);
        assertEquals(1.0, run.pattern(2, 0)[END][1], 1e-6);
        assertEquals(1.0, run.pattern(2, 1)[END][1], 1e-6);
        var expected = new TreeMap<>(Map.of("0.2", -0.366667, "1.2", -0.366667, "2.0", 0.200018, "2.1", 1.8));
        expected.putAll(Map.of("3.0", 1.5, "3.2", 1.7, "2.2", 1.5, "0.10", 1.5));
        expected.forEach((name, difference) -> {
            int head = Integer.parseInt(name.substring(2));
            var ablated = grouped.run(prompt, Float64Hooks.none().zero(layer(name), head));
            assertEquals(difference, ablated.logitDifference(IO, S), 1e-6, name);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"ioi", "ioi-gqa"})
    void randomPromptsAllGiveTheSameDifference(String name) {
        var model = open(name);
        for (var prompt : ZooPrompts.ioi(11, 40)) {
            var run = model.run(prompt.ids());
            assertEquals(
                    1.5,
                    run.logitDifference(
                            prompt.answer().orElseThrow(), prompt.wrong().orElseThrow()),
                    1e-6);
        }
    }
}
