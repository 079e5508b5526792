package dev.patchbay.model.zoo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patchbay.model.zoo.Float64Hooks.Projection;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The closed forms of {@code induction}, {@code ioi-mini}, {@code facts} and {@code function-vector}. */
class FixtureModelsTest {
    private static Float64Forward open(String name) {
        var zoo = Zoo.open(name);
        return new Float64Forward(zoo.architecture(), zoo.tensors());
    }

    @Test
    void inductionPredictsWhatFollowedLastTime() {
        var model = open("induction");
        var tokens = FixturePrompts.induction(1).ids();
        var run = model.run(tokens);
        for (int row = 1; row < tokens.length; row++) {
            assertEquals(1.0, run.pattern(0, 0)[row][row - 1], 1e-9);
        }
        assertEquals(1.0, prefixMatching(tokens, run.pattern(1, 0)), 1e-9);
        assertEquals(0.0, prefixMatching(tokens, run.pattern(0, 0)), 1e-9);
        assertEquals(39, rightAnswers(tokens, run));
        assertEquals(
                0, rightAnswers(tokens, model.run(tokens, Float64Hooks.none().zero(0, 0))));
    }

    /** Mean mass on keys whose previous token is the query's token. */
    private static double prefixMatching(int[] tokens, double[][] pattern) {
        double sum = 0;
        for (int query = 21; query < tokens.length; query++) {
            for (int key = 1; key <= query; key++) {
                sum += tokens[key - 1] == tokens[query] ? pattern[query][key] : 0;
            }
        }
        return sum / (tokens.length - 21);
    }

    private static int rightAnswers(int[] tokens, Float64Run run) {
        int right = 0;
        for (int position = 21; position + 1 < tokens.length; position++) {
            var logits = run.logits()[position];
            int best = 0;
            for (int token = 1; token < logits.length; token++) {
                best = logits[token] > logits[best] ? token : best;
            }
            right += best == tokens[position + 1] ? 1 : 0;
        }
        return right;
    }

    @Test
    void miniCircuitAttendsAndAnswers() {
        var pair = FixturePrompts.ioiMini();
        var model = open("ioi-mini");
        var run = model.run(pair.clean().ids());
        assertEquals(20.0, run.logitDifference(2, 4), 1e-6);
        assertEquals(1.0, run.pattern(2, 0)[7][1], 1e-6);
        assertEquals(1.0, run.pattern(1, 0)[7][5], 1e-6);
        assertEquals(1.0, run.pattern(0, 0)[5][3], 1e-6);
        assertEquals(0.0, model.run(pair.corrupted().ids()).logitDifference(2, 4), 1e-6);
    }

    @ParameterizedTest
    @CsvSource({"0,-6.667", "1,-6.667", "2,0"})
    void miniCircuitWithoutAHead(int layer, double expected) {
        var tokens = FixturePrompts.ioiMini().clean().ids();
        var run = open("ioi-mini").run(tokens, Float64Hooks.none().zero(layer, 0));
        assertEquals(expected, run.logitDifference(2, 4), 5e-4);
    }

    @ParameterizedTest
    @EnumSource(Projection.class)
    void inhibitionReachesTheNameMoverThroughItsQueriesOnly(Projection receiver) {
        var pair = FixturePrompts.ioiMini();
        var model = open("ioi-mini");
        var z = model.run(pair.corrupted().ids()).z(1, 0);
        var patched = model.run(pair.clean().ids(), Float64Hooks.none().replace(1, 0, z));
        assertEquals(-20.0 / 3, patched.logitDifference(2, 4), 5e-4);
        var hooks = Float64Hooks.none().replaceInput(2, receiver, patched.attentionInput(2));
        double expected = receiver == Projection.QUERY ? -20.0 / 3 : 20;
        assertEquals(expected, model.run(pair.clean().ids(), hooks).logitDifference(2, 4), 5e-4);
    }

    @Test
    void factsAddUp() {
        var prompt = FixturePrompts.facts(3, 7);
        var run = open("facts").run(prompt.ids());
        for (int token = 0; token < 64; token++) {
            double expected = token == 33 ? 10 : token == 37 ? 8 : token >= 30 && token < 40 ? 4 : 0;
            assertEquals(expected, run.lastLogits()[token], 1e-4);
        }
        assertEquals(0.863844, run.lastProbabilities()[33], 2e-6);
        assertEquals(0.116909, run.lastProbabilities()[37], 2e-6);
    }

    @ParameterizedTest
    @CsvSource({"0,-4,1.412074,0", "1,4,0,0.226484", "2,0,0,0", "3,-2,0.746935,0", "4,0,0,0", "5,0,0,0"})
    void factHeadsAblatedAndPathPatched(int head, double ablated, double memoryPath, double contextPath) {
        var model = open("facts");
        var prompt = FixturePrompts.facts(3, 7);
        var clean = model.run(prompt.ids());
        var without = model.run(prompt.ids(), Float64Hooks.none().zero(0, head));
        assertEquals(ablated, without.logitDifference(33, 37) - clean.logitDifference(33, 37), 1e-4);
        assertEquals(memoryPath, pathDrop(model, prompt, head, "SUBJECT"), 5e-6);
        assertEquals(contextPath, -pathDrop(model, prompt, head, "CONTEXT"), 5e-6);
    }

    /** How much P(memory) − P(context) falls when one head alone reads the prompt with a part unknown. */
    private static double pathDrop(Float64Forward model, ZooPrompt prompt, int head, String part) {
        var z = model.run(FixturePrompts.unknown(prompt, part).ids()).z(0, head);
        var clean = model.run(prompt.ids()).lastProbabilities();
        var patched =
                model.run(prompt.ids(), Float64Hooks.none().replace(0, head, z)).lastProbabilities();
        return (clean[33] - clean[37]) - (patched[33] - patched[37]);
    }

    @ParameterizedTest
    @CsvSource({"0,0.000045", "1,0.002469", "2,0.118171", "3,0.873172", "4,0.996194", "5,0.999773"})
    void functionVectorCarriesTheTask(int ofTaskOne, double unpatched) {
        var model = open("function-vector");
        var prompt = FixturePrompts.functionVector(ofTaskOne);
        int answer = prompt.answer().orElseThrow();
        var clean = model.run(prompt.ids());
        assertEquals(unpatched, clean.lastProbabilities()[answer], 6e-7);
        var mean = meanOfCleanRuns(model, 0);
        var vector = model.run(prompt.ids(), Float64Hooks.none().replace(0, 0, mean));
        assertEquals(0.999773, vector.lastProbabilities()[answer], 6e-7);
        var uniform = clean.z(0, 1).clone();
        uniform[prompt.end()] = new double[64];
        Arrays.fill(uniform[prompt.end()], 0, 6, 1.0 / 6);
        var blurred = model.run(prompt.ids(), Float64Hooks.none().replace(0, 1, uniform));
        assertEquals(1.0 / 6, blurred.lastProbabilities()[answer], 1e-9);
    }

    private static double[][] meanOfCleanRuns(Float64Forward model, int head) {
        int count = 20;
        var mean = new double[12][64];
        for (var pair : FixturePrompts.functionVector(9, count)) {
            var z = model.run(pair.clean().ids()).z(0, head);
            for (int position = 0; position < mean.length; position++) {
                for (int i = 0; i < mean[position].length; i++) {
                    mean[position][i] += z[position][i] / count;
                }
            }
        }
        return mean;
    }

    @Test
    void functionVectorEffectsOverShuffledLabels() {
        var model = open("function-vector");
        double expected = 0;
        var ways = new int[] {1, 5, 10, 10, 5, 1};
        for (int ofTaskOne = 0; ofTaskOne < ways.length; ofTaskOne++) {
            var prompt = FixturePrompts.functionVector(ofTaskOne);
            int answer = prompt.answer().orElseThrow();
            expected += ways[ofTaskOne] / 32.0 * model.run(prompt.ids()).lastProbabilities()[answer];
        }
        assertEquals(0.497080, expected, 1e-6);
        assertEquals(0.502693, 0.999773 - expected, 1e-6);
        assertEquals(-0.330413, 1.0 / 6 - expected, 1e-6);
    }
}
