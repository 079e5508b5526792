package dev.patchbay.analysis.sweep;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.analysis.data.IoiTask;
import dev.patchbay.analysis.pairs.PromptPairs;
import dev.patchbay.device.Device;
import dev.patchbay.device.DeviceOptions;
import dev.patchbay.device.Devices;
import dev.patchbay.model.run.Model;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.zoo.Zoo;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A sweep that is stopped and goes on gives the bits of one that was not. */
class JournalTest {
    private static Device device;
    private static Model model;
    private static PromptPairs pairs;

    /** Keeps units in memory and stops after some. */
    private static final class Memory implements SweepJournal, SweepProgress {
        private final List<SweepUnit> units = new ArrayList<>();
        private int left;

        @Override
        public Iterable<SweepUnit> known() {
            return List.copyOf(units);
        }

        @Override
        public void finished(SweepUnit unit) {
            units.add(unit);
            left--;
        }

        @Override
        public void done(long done, long total) {
            assertTrue(done <= total);
        }

        @Override
        public boolean isCancelled() {
            return left <= 0;
        }
    }

    @BeforeAll
    static void open() {
        device = Devices.open(DeviceOptions.of("cpu"));
        var zoo = Zoo.open("ioi");
        model = Model.load(device, zoo.architecture(), zoo.weights(), zoo.tensors());
        pairs = IoiTask.zoo(12, 5);
    }

    @AfterAll
    static void close() {
        model.close();
        device.close();
    }

    private static Grid grid(SweepSpecBuilder spec) {
        return Grid.of(spec.build(), model.architecture(), pairs);
    }

    private static void stopsAndGoesOn(Grid grid, int tokens, long seed) {
        var whole = new SweepRunner(model, grid).run(SweepProgress.SILENT);
        var random = new Random(seed);
        var memory = new Memory();
        int stops = 0;
        while (true) {
            memory.left = 1 + random.nextInt(4);
            // Another limit each time cuts other units: nothing may be lost or come twice.
            var runner = new SweepRunner(
                    model,
                    grid,
                    new PrefixPlanner(),
                    new SweepLimits(tokens + random.nextInt(tokens), 1L << 26, 1L << 26));
            try {
                var result = runner.run(memory, memory);
                assertEffects(whole.effects(), result.effects());
                break;
            } catch (CancellationException stopped) {
                stops++;
            }
        }
        assertTrue(stops > 2, stops + " stops");
        int draws = grid.spec().method() instanceof Method.Resample resample ? resample.draws() : 1;
        assertEquals(
                pairs.size() * draws,
                memory.units.stream().mapToInt(SweepUnit::pairs).sum());
    }

    private static void assertEffects(Effects expected, Effects found) {
        assertBits(expected.patched(), found.patched());
        assertBits(expected.clean(), found.clean());
        assertEquals(expected.corrupted().isPresent(), found.corrupted().isPresent());
        expected.corrupted()
                .ifPresent(values -> assertBits(values, found.corrupted().orElseThrow()));
        assertBits(expected.effect(), found.effect());
        assertBits(expected.delta(), found.delta());
        assertBits(
                expected.direct().orElseThrow().patched(),
                found.direct().orElseThrow().patched());
    }

    private static void assertBits(double[] expected, double[] found) {
        assertArrayEquals(bits(expected), bits(found));
    }

    private static long[] bits(double[] values) {
        return IntStream.range(0, values.length)
                .mapToLong(i -> Double.doubleToRawLongBits(values[i]))
                .toArray();
    }

    @Test
    void patchesStoppedAtRandomUnitsAreBitIdentical() {
        for (int seed = 0; seed < 4; seed++) {
            stopsAndGoesOn(
                    grid(SweepSpec.at(Site.Z)
                            .by(Axis.LAYER, Axis.HEAD, Axis.POS)
                            .mixTemplates()),
                    150,
                    seed);
        }
    }

    @Test
    void drawsStoppedInBetweenAreBitIdentical() {
        for (int seed = 0; seed < 4; seed++) {
            stopsAndGoesOn(
                    grid(SweepSpec.at(Site.Z)
                            .by(Axis.LAYER, Axis.HEAD)
                            .method(new Method.Resample(new Reference.Clean(), 5))),
                    400,
                    seed);
        }
    }

    @Test
    void drawsOutOfOrderAreRefused() {
        var grid = grid(SweepSpec.at(Site.Z).by(Axis.LAYER).method(new Method.Resample(new Reference.Clean(), 2)));
        var memory = new Memory();
        memory.units.add(new SweepUnit(
                0, 1, 1, new double[1], new double[0], new double[grid.cells()], new double[grid.cells()]));
        memory.left = 1;
        assertThrows(IllegalStateException.class, () -> new SweepRunner(model, grid).run(memory, memory));
    }
}
