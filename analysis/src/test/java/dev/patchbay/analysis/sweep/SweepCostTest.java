package dev.patchbay.analysis.sweep;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.analysis.pairs.PromptPair;
import dev.patchbay.analysis.pairs.PromptPairs;
import dev.patchbay.device.DeviceOptions;
import dev.patchbay.device.Devices;
import dev.patchbay.device.OutOfDeviceMemoryException;
import dev.patchbay.model.program.Positions;
import dev.patchbay.model.site.Site;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Memory that runs out, the audit and the estimate. */
class SweepCostTest {
    private static final SweepLimits LIMITS = new SweepLimits(4096, 1 << 20, 1 << 20);

    @Test
    void passesThatDoNotFitAreHalvedWithTheSameNumbers() {
        try (var device = new SmallDevice(Devices.open(DeviceOptions.of("cpu")));
                var family = GoldenFamily.open("gemma2", device)) {
            var model = family.model();
            var grid =
                    Grid.of(ExactSweepTest.everywhere(Site.Z).build(), model.architecture(), copies(family.pairs(), 6));
            var whole = new SweepRunner(model, grid, new PrefixPlanner(), LIMITS).run(SweepProgress.SILENT);
            // Refused ever earlier: large passes, then the base runs of both pairs, then everything.
            int refused = 0;
            for (long limit : new long[] {1 << 19, 1 << 18, 1 << 17, 80_000}) {
                device.refused = 0;
                try (var fresh = GoldenFamily.open("gemma2", unlimited(device))) {
                    device.limit = limit;
                    var halved =
                            new SweepRunner(fresh.model(), grid, new PrefixPlanner(), LIMITS).run(SweepProgress.SILENT);
                    assertArrayEquals(
                            whole.effects().patched(), halved.effects().patched(), "limit " + limit);
                    assertEquals(whole.counts(), halved.counts());
                    refused += device.refused;
                }
            }
            assertTrue(refused >= 4, refused + " refused");
            try (var fresh = GoldenFamily.open("gemma2", unlimited(device))) {
                device.limit = 100;
                var runner = new SweepRunner(fresh.model(), grid, new PrefixPlanner(), LIMITS);
                assertThrows(OutOfDeviceMemoryException.class, () -> runner.run(SweepProgress.SILENT));
            }
        }
    }

    private static PromptPairs copies(PromptPairs pairs, int times) {
        var copies = new ArrayList<PromptPair>();
        for (int time = 0; time < times; time++) {
            for (var pair : pairs.pairs()) {
                copies.add(new PromptPair(
                        pair.id() + " " + time,
                        pair.template(),
                        pair.clean(),
                        pair.corrupted(),
                        pair.answers(),
                        pair.wrongs(),
                        true));
            }
        }
        return PromptPairs.of(copies);
    }

    private static SmallDevice unlimited(SmallDevice device) {
        device.limit = Long.MAX_VALUE;
        return device;
    }

    @Test
    void theAuditRecomputesASampleAndSeesAPlantedError() {
        try (var device = Devices.open(DeviceOptions.of("cpu"));
                var family = GoldenFamily.open("granite", device)) {
            var model = family.model();
            var grid = Grid.of(ExactSweepTest.everywhere(Site.Z).build(), model.architecture(), family.pairs());
            var effects = new SweepRunner(model, grid).run(SweepProgress.SILENT).effects();
            var audit = SweepAudit.of(model, grid, effects, 20, SweepProgress.SILENT);
            assertEquals(20, audit.cells());
            assertEquals(0, audit.largest());
            assertEquals(0, audit.error());
            assertEquals(1, audit.rankCorrelation(), 1e-12);
            double[] patched = effects.patched();
            int last = patched.length - 1;
            patched[last] += 0.25;
            var all = SweepAudit.of(model, grid, effects, Integer.MAX_VALUE, SweepProgress.SILENT);
            assertEquals(patched.length, all.cells());
            assertEquals(0.25, all.largest(), 1e-12);
            assertEquals(0, all.percentile99());
            assertTrue(all.isBelowNoise(0.2) && !all.isBelowNoise(0.3));
            // The sample follows the seed.
            var again = SweepAudit.of(model, grid, effects, 20, SweepProgress.SILENT);
            assertEquals(audit.cells(), again.cells());
            assertEquals(3, SweepAudit.usual(201));
            assertEquals(256, SweepAudit.usual(1_000_000));
        }
    }

    @Test
    void ranksOfAnAuditAreSpearmans() {
        // Ranks 0 1 2 3 beside 1 0 2 3: 1 - 6 * 2 / (4 * 15).
        var audit = SweepAudit.compare(new double[] {1, 2, 3, 4}, new double[] {2, 1, 3, 4});
        assertEquals(0.8, audit.rankCorrelation(), 1e-12);
        assertEquals(1, audit.largest());
        assertEquals(0.25, audit.error());
        var missing = SweepAudit.compare(new double[] {1, Double.NaN}, new double[] {1, 2});
        assertEquals(Double.POSITIVE_INFINITY, missing.largest());
    }

    /** The operations of GPT-like blocks, counted by hand. */
    @Test
    void theFloorOfEndOnlyPatchesIsThatOfTheCostModel() {
        try (var device = Devices.open(DeviceOptions.of("cpu"));
                var golden = GoldenCase.open("gpt2_a", device)) {
            var model = golden.model();
            var architecture = model.architecture();
            var spec = SweepSpec.at(Site.Z).by(Axis.LAYER, Axis.HEAD).positions(Positions.END);
            var grid = Grid.of(spec.build(), architecture, golden.pairs());
            var estimate = SweepEstimate.of(model, grid, new PrefixPlanner(), LIMITS, 1e9, pair -> pair != 0);
            int layers = architecture.layers();
            double d = architecture.modelWidth();
            double hidden = architecture.mlp().getFirst().width();
            int n = golden.pairs().pairs().getFirst().clean().length();
            double later = 8 * d * d + 4 * d * hidden + 4 * n * d;
            double expected = 0;
            for (int layer = 0; layer < layers; layer++) {
                double head = 2 * d * d / architecture.heads();
                expected += architecture.heads() * (head + 4 * d * hidden + (layers - 1 - layer) * later);
            }
            int pairs = golden.pairs().size();
            assertEquals(expected * pairs, estimate.floor(), 1e-6 * expected);
            double whole = layers * (n * (8 * d * d + 4 * d * hidden) + 2.0 * n * (n + 1) * d)
                    + 2 * d * architecture.vocabulary();
            assertEquals(whole * pairs * layers * architecture.heads(), estimate.naive(), 1e-6 * whole);
            assertEquals(1, estimate.pairsLeft());
            assertEquals(estimate.counts().executed(), (long) pairs * grid.cells());
            assertEquals(5, estimate.lines().size());
            assertTrue(
                    estimate.lines().get(3).contains("GFLOP/s"),
                    List.of(estimate.lines()).toString());
            assertTrue(GemmRate.measure(device, 64) > 1e6);
            assertTrue(Arrays.stream(new double[] {estimate.base(), estimate.floorLeft()})
                    .allMatch(x -> x > 0));
        }
    }
}
