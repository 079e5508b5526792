package dev.patchbay.model.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.device.Device;
import dev.patchbay.model.InputException;
import dev.patchbay.model.checkpoint.Golden;
import dev.patchbay.model.checkpoint.ModelFolder;
import dev.patchbay.model.program.Edit;
import dev.patchbay.model.program.Program;
import dev.patchbay.model.program.Source;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.site.SitePoint;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Routing as sites of the graph: what is captured, what an edit there does, and what does not exist. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.patchbay.model.run.Runs#devices")
class MixtureTest {
    private static final Row ROW = Row.of(3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 58);
    private static final int LAYER = 1;

    @Parameter
    private String device = "";

    private static Model load(Device device, String family) {
        try (var folder = ModelFolder.open(Golden.path("families", family))) {
            return Model.load(device, folder);
        }
    }

    private static SitePoint at(Site site) {
        return new SitePoint(site, LAYER);
    }

    private static Run run(Model model, Edit... edits) {
        var captures = List.of(Site.ROUTER_LOGITS, Site.EXPERT_WEIGHTS, Site.EXPERT_INDEX, Site.MLP_OUT).stream()
                .map(site -> new dev.patchbay.model.program.Capture(at(site)))
                .toList();
        return model.run(
                RunRequest.of(List.of(ROW), Logits.ALL).with(new Program(List.of(edits), captures), Bindings.NONE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"mixtral", "qwen2_moe", "qwen3_moe", "olmoe", "gpt_oss"})
    void theCapturedExpertsAreThoseWithTheGreatestCapturedScores(String family) {
        try (var opened = Runs.open(device);
                var model = load(opened, family);
                var run = run(model)) {
            var experts = model.architecture().mlp().get(LAYER).experts().orElseThrow();
            boolean renormalised = !family.equals("qwen2_moe") && !family.equals("olmoe");
            float[] scores = run.capture(at(Site.ROUTER_LOGITS)).toFloats();
            float[] weights = run.capture(at(Site.EXPERT_WEIGHTS)).toFloats();
            int[] index = run.capture(at(Site.EXPERT_INDEX)).toInts();
            assertEquals(ROW.length() * experts.count(), scores.length);
            for (int token = 0; token < ROW.length(); token++) {
                float[] own = Arrays.copyOfRange(scores, token * experts.count(), (token + 1) * experts.count());
                int[] best = IntStream.range(0, experts.count())
                        .boxed()
                        .sorted(Comparator.comparingDouble(expert -> -own[expert]))
                        .limit(experts.chosen())
                        .mapToInt(Integer::intValue)
                        .toArray();
                int from = token * experts.chosen();
                assertArrayEquals(best, Arrays.copyOfRange(index, from, from + experts.chosen()));
                double sum = (renormalised ? Arrays.stream(best) : IntStream.range(0, own.length))
                        .mapToDouble(expert -> Math.exp(own[expert]))
                        .sum();
                for (int choice = 0; choice < best.length; choice++) {
                    assertEquals(Math.exp(own[best[choice]]) / sum, weights[from + choice], 1e-6);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mixtral", "gpt_oss"})
    void anExpertWhoseScoreIsCutOffIsNeverChosen(String family) {
        try (var opened = Runs.open(device);
                var model = load(opened, family);
                var plain = run(model)) {
            int cut = plain.capture(at(Site.EXPERT_INDEX)).toInts()[0];
            var edit = Edit.at(Site.ROUTER_LOGITS).layers(LAYER).units(cut).replace(new Source.Constant(-1e30f));
            try (var run = run(model, edit)) {
                var left = Arrays.stream(run.capture(at(Site.EXPERT_INDEX)).toInts())
                        .boxed()
                        .toList();
                assertFalse(left.contains(cut));
                assertFalse(
                        Arrays.equals(plain.logits().toFloats(), run.logits().toFloats()));
                assertEquals(ROW.length(), run.reports().getFirst().fired());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mixtral", "qwen2_moe"})
    void withoutWeightsOnlyTheSharedExpertIsLeft(String family) {
        try (var opened = Runs.open(device);
                var model = load(opened, family);
                var run = run(model, Edit.at(Site.EXPERT_WEIGHTS).layers(LAYER).zero())) {
            assertEquals(
                    family.equals("mixtral"),
                    allZero(run.capture(at(Site.MLP_OUT)).toFloats()));
        }
    }

    private static boolean allZero(float[] values) {
        for (float value : values) {
            if (value != 0) {
                return false;
            }
        }
        return true;
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt_oss"})
    void withSinksThePatternAddsUpToLessThanOne(String family) {
        try (var opened = Runs.open(device);
                var model = load(opened, family);
                var run = Runs.capture(model, List.of(ROW), at(Site.PATTERN))) {
            float[] pattern = run.capture(at(Site.PATTERN)).toFloats();
            int length = ROW.length();
            double least = 1;
            for (int begin = 0; begin < pattern.length; begin += length) {
                double sum = 0;
                for (int key = 0; key < length; key++) {
                    sum += pattern[begin + key];
                }
                assertTrue(sum < 1 - 1e-6, "sum " + sum);
                least = Math.min(least, sum);
            }
            assertTrue(least < 0.9, "least sum " + least);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen2_moe"})
    void whatABlockDoesNotHaveIsRefusedWithItsReason(String family) {
        try (var opened = Runs.open(device);
                var model = load(opened, family)) {
            var architecture = model.architecture();
            assertEquals(List.of(new SitePoint(Site.MLP_POST, 0)), SitePoint.parse("mlp_post", architecture));
            assertEquals(2, SitePoint.parse("expert_index", architecture).size());
            refused("mlp_raw and mlp_out exist", () -> SitePoint.parse("mlp_post.1", architecture));
            refused("no mixture of experts", () -> SitePoint.parse("router_logits.0", architecture));
            refused(
                    "read-only",
                    () -> run(model, Edit.at(Site.EXPERT_INDEX).layers(LAYER).zero()));
            refused(
                    "mlp_raw and mlp_out exist",
                    () -> run(model, Edit.at(Site.MLP_PRE).layers(LAYER).zero()));
        }
    }

    private static void refused(String words, org.junit.jupiter.api.function.Executable asked) {
        var refusal = assertThrows(InputException.class, asked);
        assertTrue(String.valueOf(refusal.getMessage()).contains(words), refusal::getMessage);
    }
}
