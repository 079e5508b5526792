package dev.patchbay.model.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.device.Device;
import dev.patchbay.device.DeviceOptions;
import dev.patchbay.device.Devices;
import dev.patchbay.device.Numerics;
import dev.patchbay.model.checkpoint.ModelFolder;
import dev.patchbay.model.checkpoint.SafetensorsFile;
import dev.patchbay.model.program.Capture;
import dev.patchbay.model.program.Program;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.site.SitePoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Golden checkpoints in the fast profiles, on the CUDA devices under test: families that differ in what the profiles touch
 * (grouped queries, windows, caps, norms on q and k, fused projections). Errors are relative to the length of an array.
 */
class FastGoldenTest {
    private static final Path FAMILIES = Path.of("src/test/resources/golden/families");
    private static final List<String> NAMES = List.of("gpt2", "gemma2", "mistral-sw5", "qwen3", "gpt_neox-par");

    static Stream<Arguments> cases() {
        return Runs.devices().stream()
                .filter(device -> !device.equals("cpu"))
                .flatMap(device -> Stream.of(Numerics.FAST32, Numerics.TF32, Numerics.BF16)
                        .flatMap(profile -> NAMES.stream().map(name -> Arguments.of(device, profile, name))));
    }

    private static double allowed(Numerics profile) {
        return switch (profile) {
            case EXACT -> 1e-5;
            case FAST32 -> 3e-5;
            case TF32 -> 2e-3;
            case BF16 -> 2e-2;
        };
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyArrayIsAsCloseAsTheProfileSays(String name, Numerics profile, String family) {
        try (Device device = Devices.open(DeviceOptions.of(name).withNumerics(profile));
                var folder = ModelFolder.open(FAMILIES.resolve(family));
                var expected = SafetensorsFile.open(FAMILIES.resolve(family).resolve("expected.safetensors"));
                var model = Model.load(device, folder)) {
            int length = Math.toIntExact(expected.tensor("input_ids").shape().getLast());
            int[] ids = Arrays.stream(expected.integers("input_ids"))
                    .mapToInt(Math::toIntExact)
                    .toArray();
            var rows = new ArrayList<Row>();
            for (int begin = 0; begin < ids.length; begin += length) {
                rows.add(Row.of(Arrays.copyOfRange(ids, begin, begin + length)));
            }
            int layers = model.architecture().layers();
            var captures = new ArrayList<Capture>();
            for (int layer = 0; layer < layers; layer++) {
                captures.add(new Capture(new SitePoint(Site.RESID_PRE, layer)));
                captures.add(new Capture(new SitePoint(Site.Z, layer)));
            }
            try (var run = model.run(RunRequest.of(rows, Logits.ALL).with(Program.captures(captures), Bindings.NONE))) {
                double error = check(expected, "logits", run.logits().toFloats(), profile);
                for (Capture capture : captures) {
                    String array = capture.point().label();
                    check(expected, array, run.capture(capture.point()).toFloats(), profile);
                }
                assertTrue(error > allowed(profile) / 1000, "logits are off by " + error + ": is this the profile?");
            }
            patternsAreCapturedToo(model, rows, expected, profile);
        }
    }

    /** Where the pattern is captured the attention is another kernel's. */
    private static void patternsAreCapturedToo(
            Model model, List<Row> rows, SafetensorsFile expected, Numerics profile) {
        var point = new SitePoint(Site.PATTERN, 1);
        var program = Program.captures(List.of(new Capture(point)));
        try (var run = model.run(RunRequest.of(rows, Logits.NONE).with(program, Bindings.NONE))) {
            check(expected, point.label(), run.capture(point).toFloats(), profile);
        }
    }

    private static double check(SafetensorsFile expected, String array, float[] found, Numerics profile) {
        float[] reference = expected.floats(array);
        assertEquals(reference.length, found.length, array);
        double difference = 0;
        double length = 0;
        for (int i = 0; i < reference.length; i++) {
            double off = (double) reference[i] - found[i];
            difference += off * off;
            length += (double) reference[i] * reference[i];
        }
        double error = Math.sqrt(difference / length);
        assertTrue(error <= allowed(profile), array + ": relative error " + error + ", allowed " + allowed(profile));
        return error;
    }
}
