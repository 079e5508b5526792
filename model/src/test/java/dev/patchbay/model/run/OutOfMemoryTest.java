package dev.patchbay.model.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.device.OutOfDeviceMemoryException;
import dev.patchbay.model.program.Capture;
import dev.patchbay.model.program.Edit;
import dev.patchbay.model.program.Program;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.site.SitePoint;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A run for which the device is too small says so, wherever it notices, and gives back all it had taken. */
class OutOfMemoryTest {
    private static final int STEP = 16 << 10;

    @Test
    void aRunThatDoesNotFitLeaksNothingAndTheNextOneIsRight() {
        var architecture = RandomTensors.llamaLike(2);
        var tensors = new RandomTensors(architecture);
        var captures = List.of(
                new Capture(new SitePoint(Site.Z, 0)),
                new Capture(new SitePoint(Site.PATTERN, 1)),
                new Capture(new SitePoint(Site.RESULT, 1)));
        var program = new Program(List.of(Edit.at(Site.RESID_PRE).layers(1).scale(2)), captures);
        var request = RunRequest.of(List.of(Row.of(new int[100])), Logits.ALL)
                .with(program, Bindings.NONE)
                .keeping();
        try (var device = Runs.open("cuda-emulated");
                var model = Model.load(device, architecture, tensors.map(), tensors)) {
            float[] expected = run(model, request);
            long free = device.freeBytes();
            int refused = 0;
            var places = new ArrayList<String>();
            try (var most = device.allocate(free - 64L * STEP, "nearly everything")) {
                for (long left = 0; left < 64L * STEP; left += 2 * STEP) {
                    try (var rest = device.allocate(64L * STEP - left, "everything but " + left)) {
                        try {
                            assertArrayEquals(expected, run(model, request));
                        } catch (OutOfDeviceMemoryException e) {
                            refused++;
                            places.add(e.label());
                        }
                        long taken = most.bytes() + rest.bytes();
                        assertEquals(free - taken, device.freeBytes(), left + " bytes left, refused at " + places);
                    }
                }
            }
            assertTrue(refused > 5 && refused < 32, refused + " refused");
            assertTrue(places.stream().distinct().count() >= 4, "refused at " + places);
        }
    }

    private static float[] run(Model model, RunRequest request) {
        try (var run = model.run(request)) {
            run.keyValues().close();
            return run.logits().toFloats();
        }
    }
}
