package dev.patchbay.model.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.device.Device;
import dev.patchbay.model.checkpoint.Golden;
import dev.patchbay.model.program.Edit;
import dev.patchbay.model.program.EditBuilder;
import dev.patchbay.model.program.Positions;
import dev.patchbay.model.program.Program;
import dev.patchbay.model.site.Site;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** An edit of a generation is asked once, over all its steps, whether it acts. */
class GeneratorTest {
    private static final Device DEVICE = Runs.cpu();
    private static final Model MODEL = model();
    private static final List<int[]> PROMPTS = List.of(new int[] {3, 1, 4}, new int[] {1, 5, 9, 2, 6});

    private static Model model() {
        var architecture = RandomTensors.gptLike(2);
        var tensors = new RandomTensors(architecture);
        return Model.load(DEVICE, architecture, tensors.map(), tensors);
    }

    @AfterAll
    static void close() {
        MODEL.close();
        DEVICE.close();
    }

    private static List<Generator.Generated> generate(int newTokens, Edit... edits) {
        var options = new Generator.Options(newTokens, 0, 0, List.of(), true);
        return new Generator(MODEL, options).generate(PROMPTS, List.of(), Program.edits(edits), Bindings.NONE);
    }

    private static EditBuilder z(Positions positions) {
        return Edit.at(Site.Z).layers(0).positions(positions);
    }

    private static void refused(int newTokens, Edit edit, String... words) {
        String message = Golden.refusal(() -> generate(newTokens, edit));
        for (String word : words) {
            assertTrue(message.contains(word), message);
        }
    }

    @Test
    void anEditThatNoStepReachesIsRefused() {
        refused(1, z(Positions.GENERATED).zero(), "edit 0 (z)", "matches nothing");
        refused(4, z(Positions.of(6)).rows(0).zero(), "position 6", "6 positions");
        refused(4, z(Positions.of(-4)).rows(0).zero(), "position -4");
        refused(4, z(Positions.ALL).rows(2).zero(), "row 2", "0 to 1");
        refused(4, z(Positions.ALL).heads(4).zero(), "head 4");
        refused(4, z(new Positions.Span("IO")).zero(), "no span 'IO'");
        var later = Edit.at(Site.PATTERN).layers(1).positions(Positions.of(2)).keys(Positions.of(5));
        refused(4, later.zero(), "edit 0 (pattern)", "matches nothing");
        refused(4, z(Positions.of()).zero(), "matches nothing");
    }

    @Test
    void anEditThatSomeStepReachesActsThere() {
        float[] plain = generate(4).getFirst().logits().getLast();
        for (var edit : List.of(
                z(Positions.GENERATED).zero(),
                z(Positions.LAST).zero(),
                z(Positions.END).rows(0).zero(),
                z(Positions.of(5)).rows(0).zero(),
                Edit.at(Site.PATTERN)
                        .layers(1)
                        .positions(Positions.of(5))
                        .keys(Positions.of(4))
                        .rows(0)
                        .zero())) {
            var generated = generate(4, edit);
            assertNotEquals(plain[0], generated.getFirst().logits().getLast()[0], edit.toString());
        }
        float[] other = generate(4).getLast().logits().getLast();
        var first = generate(4, z(Positions.of(5)).rows(0).zero());
        assertArrayEquals(other, first.getLast().logits().getLast());
    }

    @Test
    void spansAreEachPromptsOwn() {
        var generator = new Generator(MODEL, Generator.Options.greedy(3));
        var spans = List.of(Map.of("X", List.of(1)), Map.of("X", List.of(4)));
        var program = Program.edits(z(new Positions.Span("X")).zero());
        var both = generator.generate(PROMPTS, spans, program, Bindings.NONE);
        for (int i = 0; i < 2; i++) {
            var alone = generator.generate(PROMPTS.subList(i, i + 1), spans.subList(i, i + 1), program, Bindings.NONE);
            assertEquals(alone.getFirst().tokens(), both.get(i).tokens());
        }
    }
}
