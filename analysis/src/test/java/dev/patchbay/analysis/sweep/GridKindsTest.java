package dev.patchbay.analysis.sweep;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.analysis.pairs.PromptPair;
import dev.patchbay.device.Device;
import dev.patchbay.device.DeviceOptions;
import dev.patchbay.device.Devices;
import dev.patchbay.model.program.Capture;
import dev.patchbay.model.program.Edit;
import dev.patchbay.model.program.Edit.LayerHead;
import dev.patchbay.model.program.Positions;
import dev.patchbay.model.program.Program;
import dev.patchbay.model.program.Source;
import dev.patchbay.model.run.Bindings;
import dev.patchbay.model.run.Captured;
import dev.patchbay.model.run.Logits;
import dev.patchbay.model.run.Row;
import dev.patchbay.model.run.RunRequest;
import dev.patchbay.model.run.SiteValues;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.site.SitePoint;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Every kind of grid beside a loop written here: one whole forward pass for each pair and cell, its edit spelled out by hand.
 */
class GridKindsTest {
    private static final int UNITS = 32;
    private static Device device;
    private static GoldenFamily family;

    @BeforeAll
    static void open() {
        device = Devices.open(DeviceOptions.of("cpu"));
        family = GoldenFamily.open("olmo2", device);
    }

    @AfterAll
    static void close() {
        family.close();
        device.close();
    }

    /** Values of a run of the clean prompt, for one row. */
    private static Bindings clean(dev.patchbay.model.run.Run run) {
        return new Bindings() {
            @Override
            public SiteValues values(Source source, SitePoint point) {
                Captured captured = run.capture(point);
                return new SiteValues() {
                    @Override
                    public dev.patchbay.device.Tensor tensor() {
                        return captured.tensor();
                    }

                    @Override
                    public long index(int row, int position, int head) {
                        return captured.index(0, position);
                    }
                };
            }
        };
    }

    /** One whole forward pass: the clean values of the edits' places in the corrupted run. */
    private static double patched(PromptPair pair, List<Edit> edits) {
        var model = family.model();
        var captures = new ArrayList<Capture>();
        for (var site : edits.stream().map(Edit::site).distinct().toList()) {
            SitePoint.everywhere(site, model.architecture()).forEach(point -> captures.add(new Capture(point)));
        }
        var cleanRow = List.of(Row.of(pair.clean().ids()));
        var row = List.of(Row.of(pair.corrupted().orElseThrow().ids()));
        try (var source = model.run(
                        RunRequest.of(cleanRow, Logits.NONE).with(Program.captures(captures), Bindings.NONE));
                var run =
                        model.run(RunRequest.of(row, Logits.LAST).with(new Program(edits, List.of()), clean(source)))) {
            float[] logits = run.logits().toFloats();
            return (double) logits[5] - logits[6];
        }
    }

    private static void assertEqualsLoop(SweepSpecBuilder spec, BiFunction<PromptPair, int[], List<Edit>> byHand) {
        var grid = Grid.of(spec.build(), family.model().architecture(), family.pairs());
        var expected = new double[grid.cells() * grid.pairs().size()];
        var distinct = new HashSet<Double>();
        for (int i = 0; i < expected.length; i++) {
            var pair = family.pairs().pairs().get(i / grid.cells());
            expected[i] = patched(pair, byHand.apply(pair, grid.entries(i % grid.cells())));
            distinct.add(expected[i]);
        }
        assertTrue(distinct.size() > 2, "the cells differ");
        assertArrayEquals(expected, run(grid));
        assertArrayEquals(
                expected, run(Grid.of(spec.noSkip().build(), family.model().architecture(), family.pairs())));
    }

    private static double[] run(Grid grid) {
        return new SweepRunner(family.model(), grid)
                .run(SweepProgress.SILENT)
                .effects()
                .patched();
    }

    private static Edit replace(dev.patchbay.model.program.EditBuilder edit) {
        return edit.replace(new Source.Run("clean"));
    }

    private static List<LayerHead> heads(String names) {
        return HeadSet.parse(names, "test").heads();
    }

    @Test
    void headSetsArePatchedJointly() {
        var sets = HeadSet.parseLines(List.of("0.1,2.3,1.0", "2.0 2.1 2.2 2.3", "1.2"), "sets.txt");
        assertEqualsLoop(
                SweepSpec.at(Site.Z).by(Axis.LAYER, Axis.HEAD).sets(sets),
                (_, cell) -> List.of(
                        replace(Edit.at(Site.Z).layerHeads(sets.get(cell[0]).heads()))));
        assertEqualsLoop(
                SweepSpec.at(Site.Z).by(Axis.POS, Axis.HEAD).sets(sets),
                (_, cell) -> List.of(replace(
                        Edit.at(Site.Z).layerHeads(sets.get(cell[1]).heads()).positions(Positions.of(cell[0])))));
    }

    /** All heads but a set: one entry of the program, one cell. */
    @Test
    void allHeadsButASetAreFrozenTogether() {
        var sets = HeadSet.parseLines(List.of("!1.2,2.0", "!0.0", "!2.0,2.1,2.2,2.3"), "sets.txt");
        assertEquals("!1.2,2.0", sets.getFirst().label());
        assertEqualsLoop(SweepSpec.at(Site.Z).by(Axis.HEAD).sets(sets), (_, cell) -> {
            var edits = new ArrayList<Edit>();
            for (int layer = 0; layer < 3; layer++) {
                for (int head = 0; head < 4; head++) {
                    if (!sets.get(cell[0]).heads().contains(new LayerHead(layer, head))) {
                        edits.add(replace(Edit.at(Site.Z).layers(layer).heads(head)));
                    }
                }
            }
            return edits;
        });
    }

    @Test
    void neuronsArePatchedOneByOne() {
        assertEqualsLoop(
                SweepSpec.at(Site.MLP_POST).by(Axis.LAYER, Axis.UNIT),
                (_, cell) ->
                        List.of(replace(Edit.at(Site.MLP_POST).layers(cell[0]).units(cell[1]))));
        assertEqualsLoop(
                SweepSpec.at(Site.MLP_POST).layers(1).by(Axis.POS, Axis.UNIT),
                (_, cell) -> List.of(
                        replace(Edit.at(Site.MLP_POST).layers(1).units(cell[1]).positions(Positions.of(cell[0])))));
    }

    @Test
    void severalSitesShareOnePlan() {
        var sites = List.of(Site.RESID_PRE, Site.ATTN_OUT, Site.MLP_OUT, Site.RESID_MID);
        assertEqualsLoop(
                SweepSpec.at(sites.toArray(Site[]::new)).by(Axis.LAYER, Axis.POS),
                (_, cell) -> List.of(
                        replace(Edit.at(sites.get(cell[0])).layers(cell[1]).positions(Positions.of(cell[2])))));
    }

    @Test
    void spansArePatchedAsAWhole() {
        assertEqualsLoop(
                SweepSpec.at(Site.V).by(Axis.SPAN, Axis.LAYER, Axis.HEAD).spans(List.of("S", "END")),
                (pair, cell) -> List.of(replace(Edit.at(Site.V)
                        .layers(cell[1])
                        .heads(cell[2])
                        .positions(
                                cell[0] == 0
                                        ? Positions.of(2, 4)
                                        : Positions.of(pair.clean().end())))));
    }

    @Test
    void editsOfOneHeadAtEveryLayerActTogether() {
        assertEqualsLoop(
                SweepSpec.at(Site.Q).by(Axis.HEAD),
                (_, cell) -> List.of(replace(Edit.at(Site.Q).heads(cell[0]))));
        assertEqualsLoop(
                SweepSpec.at(Site.Z).by(Axis.HEAD).heads(heads("0.3,1.1,2.2")),
                (_, cell) -> List.of(replace(
                        Edit.at(Site.Z).layerHeads(List.of(heads("0.3,1.1,2.2").get(cell[0]))))));
    }

    @Test
    void unitsOfAHeadArePatchedOneByOne() {
        int size = family.model().architecture().headSize();
        assertEquals(UNITS, size * 4);
        assertEqualsLoop(
                SweepSpec.at(Site.Z).by(Axis.LAYER, Axis.HEAD, Axis.UNIT).positions(Positions.END),
                (pair, cell) -> List.of(replace(Edit.at(Site.Z)
                        .layers(cell[0])
                        .heads(cell[1])
                        .units(cell[2])
                        .positions(Positions.of(pair.clean().end())))));
    }
}
