package dev.patchbay.analysis.sweep;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.patchbay.analysis.data.IoiTask;
import dev.patchbay.analysis.pairs.PromptPairs;
import dev.patchbay.device.Device;
import dev.patchbay.device.DeviceOptions;
import dev.patchbay.device.Devices;
import dev.patchbay.model.program.Edit.LayerHead;
import dev.patchbay.model.run.Model;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.zoo.Zoo;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The indirect-object circuit of the zoo: every change of the logit difference is known in closed form. */
class ZooSweepTest {
    private static final double TOLERANCE = 1e-4;
    private static Device device;
    private static Model model;
    private static PromptPairs pairs;

    @BeforeAll
    static void open() {
        device = Devices.open(DeviceOptions.of("cpu"));
        var zoo = Zoo.open("ioi");
        model = Model.load(device, zoo.architecture(), zoo.weights(), zoo.tensors());
        pairs = IoiTask.zoo(8, 5);
    }

    @AfterAll
    static void close() {
        model.close();
        device.close();
    }

    private static SweepResult run(SweepSpecBuilder spec) {
        return new SweepRunner(model, Grid.of(spec.build(), model.architecture(), pairs)).run(SweepProgress.SILENT);
    }

    /** Compares each pair of each head with its change, 0 where none is named. */
    private static void assertChanges(Effects effects, Map<LayerHead, Double> changes) {
        for (int pair = 0; pair < pairs.size(); pair++) {
            assertEquals(1.5, effects.clean()[pair], TOLERANCE);
            for (int cell = 0; cell < 32; cell++) {
                double expected = changes.getOrDefault(new LayerHead(cell / 8, cell % 8), 0.0);
                assertEquals(
                        1.5 + expected,
                        effects.patched()[pair * 32 + cell],
                        TOLERANCE,
                        "head " + cell / 8 + "." + cell % 8 + " pair " + pair);
                assertEquals(expected, effects.delta()[cell], TOLERANCE);
            }
        }
    }

    @Test
    void zeroAblationFollowsTheTable() {
        var result = run(SweepSpec.at(Site.Z).by(Axis.LAYER, Axis.HEAD).method(new Method.Zero()));
        assertChanges(
                result.effects(),
                Map.of(
                        new LayerHead(0, 1), -1.866667,
                        new LayerHead(1, 1), -1.866667,
                        new LayerHead(2, 0), -1.3,
                        new LayerHead(2, 1), 0.3,
                        new LayerHead(3, 1), 0.2));
    }

    @Test
    void aSetOfHeadsIsAblatedTogether() {
        var set = HeadSet.parse("2.0,3.0", "test");
        var result = run(SweepSpec.at(Site.Z).sets(List.of(set)).method(new Method.Zero()));
        assertEquals(
                List.of(new GridAxis("set", List.of("2.0,3.0"))),
                result.effects().axes());
        assertEquals(-1.8, result.effects().delta()[0], TOLERANCE);
    }

    @Test
    void valuesOfTheCorruptedRunFollowTheTable() {
        var result = run(SweepSpec.at(Site.Z).by(Axis.LAYER, Axis.HEAD).direction(Direction.NOISE));
        assertChanges(
                result.effects(),
                Map.of(
                        new LayerHead(0, 1), -1.866667,
                        new LayerHead(1, 1), -1.866667,
                        new LayerHead(2, 0), -1.8,
                        new LayerHead(2, 1), 0.3,
                        new LayerHead(3, 1), 0.2));
    }

    @Test
    void spansFindWhereTheCircuitWrites() {
        var result = run(SweepSpec.at(Site.Z)
                .by(Axis.SPAN, Axis.HEAD)
                .layers(1)
                .spans(List.of("IO", "S2", "END"))
                .method(new Method.Zero()));
        var effects = result.effects();
        assertEquals(List.of("IO", "S2", "END"), effects.axes().getFirst().labels());
        for (int cell = 0; cell < 24; cell++) {
            // S-inhibition, head 1.1, acts at END alone.
            assertEquals(cell == 17 ? -1.866667 : 0, effects.delta()[cell], TOLERANCE, "cell " + cell);
        }
    }
}
