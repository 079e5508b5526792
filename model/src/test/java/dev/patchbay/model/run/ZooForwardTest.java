package dev.patchbay.model.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.device.Device;
import dev.patchbay.model.program.Edit;
import dev.patchbay.model.program.Edit.LayerHead;
import dev.patchbay.model.program.Positions;
import dev.patchbay.model.program.Program;
import dev.patchbay.model.program.Source;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.site.SitePoint;
import dev.patchbay.model.zoo.Float64Forward;
import dev.patchbay.model.zoo.Zoo;
import dev.patchbay.model.zoo.ZooPrompts;
import dev.patchbay.model.zoo.ZooPrompts.IoiOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The numbers of the hand-weighted models, through the engine: captures, edits, ablations. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.patchbay.model.run.Runs#devices")
class ZooForwardTest {
    private static final int IO = 1;
    private static final int S = 2;
    private static final int END = 8;
    private static final int[] CLEAN = ZooPrompts.ioi(IoiOrder.ABBA).ids();
    private static final int[] CORRUPTED =
            ZooPrompts.abc(ZooPrompts.ioi(IoiOrder.ABBA), 3, 4, 5).ids();
    private final Device device;
    private final Model ioi;

    ZooForwardTest(String name) {
        device = Runs.open(name);
        ioi = Runs.zoo(device, "ioi");
    }

    @AfterEach
    void close() {
        ioi.close();
        device.close();
    }

    private static double difference(Model model, Program program, Bindings bindings) {
        float[] end = Runs.logits(model, program, bindings, CLEAN)[END];
        return (double) end[IO] - end[S];
    }

    private static List<LayerHead> heads(String names) {
        return Arrays.stream(names.split(" ", -1))
                .map(name -> new LayerHead(name.charAt(0) - '0', name.charAt(2) - '0'))
                .toList();
    }

    private static Program zero(String names) {
        return Program.edits(Edit.at(Site.Z).layerHeads(heads(names)).zero());
    }

    @Test
    void indirectObjectLogitDifferenceIsOneAndAHalf() {
        assertEquals(1.5, difference(ioi, Program.EMPTY, Bindings.NONE), 1e-4);
        float[] end = Runs.logits(ioi, CLEAN)[END];
        for (int token = 0; token < end.length; token++) {
            assertEquals(token == IO ? 1.5 : 0, end[token], 1e-4, "token " + token);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0.1, -0.366667",
        "1.1, -0.366667",
        "2.0, 0.200018",
        "2.1, 1.8",
        "3.0, 1.5",
        "3.1, 1.7",
        "2.0 3.0, -0.299982"
    })
    void zeroAblationGivesTheClosedForm(String heads, double expected) {
        assertEquals(expected, difference(ioi, zero(heads), Bindings.NONE), 1e-4);
    }

    @Test
    void ablatingAnyOtherHeadChangesNothing() {
        for (int layer = 0; layer < 4; layer++) {
            for (int head = 0; head < 8; head++) {
                String name = layer + "." + head;
                if (!List.of("0.1", "1.1", "2.0", "2.1", "3.1").contains(name)) {
                    assertEquals(1.5, difference(ioi, zero(name), Bindings.NONE), 1e-4, name);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"2.0, -0.3", "0.1, -0.366667", "1.1, -0.366667", "2.1, 1.8", "3.1, 1.7", "3.0, 1.5"})
    void patchFromTheCorruptedRunGivesTheClosedForm(String head, double expected) {
        var place = heads(head).getFirst();
        try (var other = Runs.capture(ioi, List.of(Row.of(CORRUPTED)), new SitePoint(Site.Z, place.layer()))) {
            var patch = Program.edits(Edit.at(Site.Z).layerHeads(List.of(place)).replace(new Source.Run("other")));
            assertEquals(expected, difference(ioi, patch, Runs.bind(other)), 1e-4);
        }
    }

    @Test
    void backupHeadWakesUpWhenTheNameMoverIsKnockedOut() {
        var captures = new ArrayList<dev.patchbay.model.program.Capture>();
        captures.add(new dev.patchbay.model.program.Capture(new SitePoint(Site.RESULT, 3)));
        for (boolean knockedOut : List.of(false, true)) {
            var program = new Program(knockedOut ? zero("2.0").edits() : List.of(), captures);
            try (var run =
                    ioi.run(RunRequest.of(List.of(Row.of(CLEAN)), Logits.NONE).with(program, Bindings.NONE))) {
                float[] result = run.capture(new SitePoint(Site.RESULT, 3)).toFloats();
                int width = ioi.architecture().modelWidth();
                int outBlock = 300;
                float backup = result[END * 8 * width + outBlock + IO];
                float suppression = result[END * 8 * width + width + outBlock + IO];
                assertEquals(knockedOut ? 0.5 : 0, backup, 1e-4);
                assertEquals(knockedOut ? 0 : -0.2, suppression, 1e-4);
            }
        }
    }

    @Test
    void keyKnockoutOfTheAnswerSilencesTheNameMover() {
        var program = Program.edits(Edit.at(Site.ATTN_SCORES)
                .layers(2)
                .heads(0)
                .positions(Positions.END)
                .keys(Positions.of(1))
                .knockout());
        // The mass goes to the subject's two places, which inhibition holds at minus two betas: below BOS's half.
        assertEquals(0.2, difference(ioi, program, Bindings.NONE), 1e-3);
    }

    @Test
    void strongSelfRepairRaisesTheDifference() {
        try (var repair = Runs.zoo(device, "ioi-repair")) {
            assertEquals(0.2, difference(repair, Program.EMPTY, Bindings.NONE), 1e-4);
            assertEquals(0.5, difference(repair, zero("2.0"), Bindings.NONE), 1e-4);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ioi",
                "ioi-rms",
                "ioi-ln",
                "ioi-gqa",
                "ioi-repair",
                "ioi-mini",
                "facts",
                "induction",
                "function-vector"
            })
    void everyPatternAndLogitEqualsTheFloat64Forward(String name) {
        var zoo = Zoo.open(name);
        int vocabulary = zoo.architecture().vocabulary();
        int[] prompt = Arrays.stream(ZooPrompts.ioi(IoiOrder.BABA).ids())
                .map(id -> id % vocabulary)
                .toArray();
        var oracle = new Float64Forward(zoo.architecture(), zoo.tensors()).run(prompt);
        var captures = new ArrayList<dev.patchbay.model.program.Capture>();
        for (int layer = 0; layer < zoo.architecture().layers(); layer++) {
            captures.add(new dev.patchbay.model.program.Capture(new SitePoint(Site.PATTERN, layer)));
        }
        try (var model = Runs.zoo(device, name);
                var run = model.run(RunRequest.of(List.of(Row.of(prompt)), Logits.ALL)
                        .with(Program.captures(captures), Bindings.NONE))) {
            float[][] logits = Runs.matrix(run.logits().toFloats(), prompt.length);
            double largest = 0;
            for (double[] row : oracle.logits()) {
                largest = Math.max(
                        largest, Arrays.stream(row).map(Math::abs).max().orElse(0));
            }
            for (int position = 0; position < prompt.length; position++) {
                for (int token = 0; token < vocabulary; token++) {
                    assertEquals(
                            oracle.logits()[position][token], logits[position][token], 1e-5 * Math.max(largest, 1));
                }
            }
            for (int layer = 0; layer < zoo.architecture().layers(); layer++) {
                float[] pattern =
                        run.capture(new SitePoint(Site.PATTERN, layer)).toFloats();
                for (int head = 0; head < zoo.architecture().heads(); head++) {
                    for (int query = 0; query < prompt.length; query++) {
                        for (int key = 0; key <= query; key++) {
                            double expected = oracle.pattern(layer, head)[query][key];
                            int index = (head * prompt.length + query) * prompt.length + key;
                            assertTrue(Math.abs(expected - pattern[index]) < 2e-5, layer + "." + head);
                        }
                    }
                }
            }
        }
    }
}
