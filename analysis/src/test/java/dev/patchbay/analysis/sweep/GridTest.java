package dev.patchbay.analysis.sweep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.analysis.Refused;
import dev.patchbay.analysis.data.IoiTask;
import dev.patchbay.analysis.metric.Metric;
import dev.patchbay.analysis.pairs.Prompt;
import dev.patchbay.analysis.pairs.PromptPair;
import dev.patchbay.analysis.pairs.PromptPairs;
import dev.patchbay.model.InputException;
import dev.patchbay.model.program.Edit.LayerHead;
import dev.patchbay.model.program.Positions;
import dev.patchbay.model.program.Selection;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.zoo.Zoo;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GridTest {
    private static final PromptPairs IOI = IoiTask.zoo(4, 1);

    private static Grid grid(SweepSpecBuilder spec, PromptPairs pairs) {
        return Grid.of(spec.build(), Zoo.open("ioi-gqa").architecture(), pairs);
    }

    private static String refusal(SweepSpecBuilder spec, PromptPairs pairs) {
        return Refused.line(() -> grid(spec, pairs));
    }

    private static void assertRefused(SweepSpecBuilder spec, String expected) {
        String message = refusal(spec, IOI);
        assertTrue(message.contains(expected), message);
    }

    private static List<Long> shape(Grid grid) {
        return grid.axes().stream().map(axis -> (long) axis.size()).toList();
    }

    @Test
    void axesComeInTheOrderWanted() {
        var grid = grid(SweepSpec.at(Site.Z).by(Axis.POS, Axis.HEAD, Axis.LAYER).mixTemplates(), IOI);
        assertEquals(List.of(9L, 16L, 4L), shape(grid));
        // pos 2, head 3, layer 1
        int cell = (2 * 16 + 3) * 4 + 1;
        assertEquals(
                Optional.of(new Place(Site.Z, List.of(1), Selection.of(3), List.of(), Selection.ALL)),
                grid.place(cell));
        assertEquals(List.of(2), grid.spots(cell, 0).orElseThrow().base());
    }

    @Test
    void keysAndValuesCountTheirOwnHeads() {
        assertEquals(List.of(4L, 8L), shape(grid(SweepSpec.at(Site.K).by(Axis.LAYER, Axis.HEAD), IOI)));
        assertEquals(List.of(4L, 16L), shape(grid(SweepSpec.at(Site.Q).by(Axis.LAYER, Axis.HEAD), IOI)));
        assertRefused(SweepSpec.at(Site.V).heads(List.of(new LayerHead(0, 8))), "kv-heads 0 to 7");
        assertRefused(SweepSpec.at(Site.Q, Site.K).by(Axis.HEAD), "different numbers of heads");
    }

    @Test
    void anAxisThatIsNotNamedIsPatchedAsAWhole() {
        var grid = grid(SweepSpec.at(Site.Z), IOI);
        assertEquals(1, grid.cells());
        assertEquals(
                Optional.of(new Place(Site.Z, List.of(0, 1, 2, 3), Selection.ALL, List.of(), Selection.ALL)),
                grid.place(0));
        assertEquals(9, grid.spots(0, 0).orElseThrow().base().size());
    }

    @Test
    void restrictedHeadsLeaveHolesInAGridAndNameThemselvesInAList() {
        var heads = List.of(new LayerHead(2, 0), new LayerHead(1, 1));
        var grid = grid(SweepSpec.at(Site.Z).by(Axis.LAYER, Axis.HEAD).heads(heads), IOI);
        assertEquals(List.of("1", "2"), grid.axes().get(0).labels());
        assertEquals(List.of("0", "1"), grid.axes().get(1).labels());
        assertEquals(
                List.of(false, true, true, false),
                List.of(0, 1, 2, 3).stream()
                        .map(cell -> grid.place(cell).isPresent())
                        .toList());
        var list = grid(SweepSpec.at(Site.Z).by(Axis.HEAD).heads(heads), IOI);
        assertEquals(List.of("2.0", "1.1"), list.axes().getFirst().labels());
    }

    @Test
    void setsStandWhereLayersAndHeadsWould() {
        var sets = HeadSet.parseLines(List.of("# movers", "2.0, 2.1", "", "1.1"), "sets.txt");
        var grid =
                grid(SweepSpec.at(Site.Z).by(Axis.SPAN, Axis.LAYER, Axis.HEAD).sets(sets), IOI);
        assertEquals(
                List.of("span", "set"), grid.axes().stream().map(GridAxis::name).toList());
        assertEquals(List.of("2.0,2.1", "1.1"), grid.axes().get(1).labels());
        assertThrows(InputException.class, () -> HeadSet.parse("2.0,2.0", "sets.txt line 1"));
        assertThrows(InputException.class, () -> HeadSet.parse("2", "sets.txt line 1"));
    }

    @Test
    void spansThatAPairLacksAreEmptyCells() {
        var pair = IOI.pairs().getFirst();
        var bare = new PromptPair(
                "bare",
                pair.template(),
                new Prompt(pair.clean().tokens(), Map.of()),
                pair.corrupted(),
                pair.answers(),
                pair.wrongs(),
                true);
        var grid = grid(
                SweepSpec.at(Site.Z).by(Axis.SPAN).spans(List.of("IO", "END")).direction(Direction.NOISE),
                PromptPairs.of(List.of(pair, bare)));
        assertTrue(grid.spots(0, 0).isPresent());
        assertTrue(grid.spots(0, 1).isEmpty());
        assertEquals(List.of(8), grid.spots(1, 1).orElseThrow().base());
    }

    @Test
    void promptsOfDifferentLengthsAreMappedByTheirSpans() {
        var pair = new PromptPair(
                "ragged",
                "t",
                new Prompt(List.of(0, 1, 2, 3), Map.of("S", List.of(1))),
                Optional.of(new Prompt(List.of(0, 3), Map.of("S", List.of(0)))),
                List.of(List.of(1)),
                List.of(List.of(2)),
                false);
        var pairs = PromptPairs.of(List.of(pair));
        var grid = grid(SweepSpec.at(Site.Z).by(Axis.SPAN).direction(Direction.NOISE), pairs);
        var spots = grid.spots(0, 0).orElseThrow();
        assertEquals(List.of(1), spots.base());
        assertEquals(0, spots.sourceOf(1));
        assertEquals(1, grid.spots(1, 0).orElseThrow().sourceOf(3));
        assertTrue(refusal(SweepSpec.at(Site.Z).by(Axis.LAYER), pairs).contains("span axis"));
        assertTrue(refusal(SweepSpec.at(Site.PATTERN).by(Axis.SPAN), pairs).contains("pattern"));
    }

    @Test
    void positionsAreRestrictedAndCounted() {
        var grid = grid(
                SweepSpec.at(Site.Z).by(Axis.POS).positions(Positions.of(-1, 2)).mixTemplates(), IOI);
        assertEquals(List.of("2", "8"), grid.axes().getFirst().labels());
        var span = grid(
                SweepSpec.at(Site.Z)
                        .by(Axis.POS)
                        .positions(new Positions.Span("IO"))
                        .mixTemplates(),
                IOI);
        assertEquals(List.of("1", "3"), span.axes().getFirst().labels());
        assertTrue(span.spots(0, 0).isPresent() != span.spots(0, 1).isPresent());
    }

    @Test
    void whatDoesNotFitIsRefused() {
        assertRefused(SweepSpec.at(Site.LN1_SCALE), "can only be read");
        assertRefused(SweepSpec.at(Site.RESID_PRE).by(Axis.HEAD), "has no heads");
        assertRefused(SweepSpec.at(Site.EMBED).by(Axis.LAYER), "exists once");
        assertRefused(SweepSpec.at(Site.PATTERN).by(Axis.UNIT), "has keys");
        assertRefused(SweepSpec.at(Site.MLP_OUT), "no MLP");
        assertRefused(SweepSpec.at(Site.Z).layers(4), "layers 0 to 3");
        assertRefused(SweepSpec.at(Site.Z).by(Axis.POS), "--mix-templates");
        assertRefused(SweepSpec.at(Site.Z).by(Axis.POS, Axis.SPAN), "name one of them");
        assertRefused(SweepSpec.at(Site.Z).by(Axis.SPAN).spans(List.of("X")), "span 'X'");
        assertRefused(SweepSpec.at(Site.Z).positions(Positions.of(9)), "9 is not in pair '0'");
        assertRefused(SweepSpec.at(Site.Z).positions(Positions.GENERATED), "generated");
        assertRefused(SweepSpec.at(Site.Z).metric(Metric.named("dot:f#v", _ -> new float[3])), "expected 384 values");
        assertThrows(InputException.class, () -> Axis.parse("layer,heads"));
        assertThrows(InputException.class, () -> Axis.parse("layer,layer"));
    }

    @Test
    void referencesMustSupplyWhatAMethodNeeds() {
        var lonely = PromptPairs.of(IOI.pairs().subList(0, 3));
        var resample = SweepSpec.at(Site.Z).method(new Method.Resample(new Reference.Clean(), 1));
        assertTrue(refusal(resample, lonely).contains("template 'ioi-BABA' has 1 prompts"));
        assertRefused(SweepSpec.at(Site.Z).method(new Method.Resample(new Reference.Clean(), 0)), "at least 1");
        assertRefused(SweepSpec.at(Site.PATTERN).method(new Method.Mean(new Reference.Clean(), false)), "use mean-pos");
        var bare = IOI.pairs().getFirst();
        var alone = new PromptPair("alone", "t", bare.clean(), Optional.empty(), bare.answers(), List.of(), true);
        assertTrue(refusal(SweepSpec.at(Site.Z), PromptPairs.of(List.of(alone))).contains("'corrupted'"));
        var zero = SweepSpec.at(Site.Z).method(new Method.Zero());
        assertTrue(refusal(zero, PromptPairs.of(List.of(alone))).contains("'wrong'"));
        assertEquals(
                1,
                grid(zero.metric(Metric.named("prob", _ -> new float[0])), PromptPairs.of(List.of(alone)))
                        .cells());
    }
}
