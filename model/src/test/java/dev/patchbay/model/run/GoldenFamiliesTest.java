package dev.patchbay.model.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every array that another library computed for the golden checkpoints, within 1e-5 of its largest value. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.patchbay.model.run.Runs#devices")
class GoldenFamiliesTest {
    private static final Path FAMILIES = Path.of("src/test/resources/golden/families");
    private static final double TOLERANCE = 1e-5;

    @Parameter
    private String device = "";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gpt2",
                "gpt2-inv-layer-scale",
                "gpt_neox-par",
                "gpt_neox-seq",
                "llama2",
                "llama3-rope-tied",
                "llama-linear-rope",
                "llama-bias",
                "llama-yarn"
            })
    void everyArrayAgrees(String name) {
        try (var opened = Runs.open(device);
                var folder = ModelFolder.open(FAMILIES.resolve(name));
                var expected = SafetensorsFile.open(FAMILIES.resolve(name).resolve("expected.safetensors"));
                var model = Model.load(opened, folder)) {
            var ids = expected.integers("input_ids");
            int length = Math.toIntExact(expected.tensor("input_ids").shape().getLast());
            var rows = new ArrayList<Row>();
            for (int begin = 0; begin < ids.length; begin += length) {
                rows.add(Row.of(Arrays.stream(ids, begin, begin + length)
                        .mapToInt(Math::toIntExact)
                        .toArray()));
            }
            int layers = model.architecture().layers();
            var captures = new ArrayList<Capture>();
            for (int layer = 0; layer < layers; layer++) {
                for (Site site : List.of(Site.RESID_PRE, Site.Z, Site.PATTERN)) {
                    captures.add(new Capture(new SitePoint(site, layer)));
                }
            }
            captures.add(new Capture(new SitePoint(Site.RESID_POST, layers - 1)));
            try (var run = model.run(RunRequest.of(rows, Logits.ALL).with(Program.captures(captures), Bindings.NONE))) {
                check(expected, "logits", run.logits().toFloats());
                for (Capture capture : captures) {
                    var point = capture.point();
                    String array = point.site() == Site.RESID_POST ? "resid_post" : point.label();
                    check(expected, array, run.capture(point).toFloats());
                }
            }
            assertArrayEquals(
                    new int[] {4 * layers - layers + 3},
                    new int[] {expected.tensors().size()},
                    "arrays checked");
        }
    }

    private static void check(SafetensorsFile expected, String name, float[] found) {
        float[] reference = expected.floats(name);
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < reference.length; i++) {
            largest = Math.max(largest, Math.abs(reference[i]));
            difference = Math.max(difference, Math.abs((double) reference[i] - found[i]));
        }
        assertTrue(reference.length == found.length, name + ": length");
        assertTrue(
                difference <= TOLERANCE * largest,
                name + ": largest difference " + difference + ", allowed " + TOLERANCE * largest);
    }
}
