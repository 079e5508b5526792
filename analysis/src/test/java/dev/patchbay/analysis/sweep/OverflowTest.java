package dev.patchbay.analysis.sweep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.device.DeviceOptions;
import dev.patchbay.device.Devices;
import dev.patchbay.model.site.Site;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** A patch under which the model overflows. */
class OverflowTest {
    @Test
    void numbersThatAreNotFiniteAreKeptAndFlaggedAndLeftOutOfTheMeans() {
        try (var device = Devices.open(DeviceOptions.of("cpu"));
                var golden = GoldenCase.open("gpt2_a", device)) {
            var spec = SweepSpec.at(Site.MLP_OUT)
                    .by(Axis.LAYER, Axis.POS)
                    .method(new Method.Scale(Float.MAX_VALUE))
                    .build();
            var effects = new SweepRunner(
                            golden.model(), Grid.of(spec, golden.model().architecture(), golden.pairs()))
                    .run(SweepProgress.SILENT)
                    .effects();
            int pairs = effects.pairs().size();
            int cells = effects.cells();
            int odd = 0;
            for (int cell = 0; cell < cells; cell++) {
                double sum = 0;
                int finite = 0;
                for (int pair = 0; pair < pairs; pair++) {
                    double value = effects.patched()[pair * cells + cell];
                    finite += Double.isFinite(value) ? 1 : 0;
                    sum += Double.isFinite(value) ? value - effects.clean()[pair] : 0;
                }
                odd += pairs - finite;
                assertEquals(finite, effects.count()[cell]);
                assertEquals(pairs - finite, effects.notFinite()[cell]);
                assertEquals(finite == 0 ? Double.NaN : sum / finite, effects.delta()[cell], 1e-9);
            }
            // Scaling overflows, but not where END cannot read it any more.
            assertTrue(odd > 0);
            assertFalse(Arrays.stream(effects.count()).allMatch(count -> count == 0));
            assertTrue(
                    effects.notes().stream().anyMatch(note -> note.contains("NaN or infinite")),
                    effects.notes().toString());
        }
    }
}
