package dev.patchbay.model.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.model.checkpoint.Golden;
import dev.patchbay.model.checkpoint.ModelFolder;
import dev.patchbay.model.program.Capture;
import dev.patchbay.model.program.Program;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.site.SitePoint;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every array that another library computed for the golden checkpoints, within 1e-5 of its largest value. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.patchbay.model.run.Runs#devices")
class GoldenFamiliesTest {
    @Parameter
    private String device = "";

    /** Every folder but those of families that are not supported. */
    static List<String> names() throws IOException {
        try (var folders = Files.list(Golden.path("families"))) {
            return folders.map(folder -> folder.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyArrayAgrees(String name) {
        try (var opened = Runs.open(device)) {
            GoldenFamily.errors(opened, name)
                    .forEach((array, error) -> assertTrue(
                            error <= GoldenFamily.TOLERANCE, () -> name + ", " + array + ": relative error " + error));
        }
    }

    /** All but the one whose stream itself is normalised. */
    static List<String> adding() throws IOException {
        return names().stream().filter(name -> !name.equals("opt-post-proj")).toList();
    }

    /** attn_out and mlp_out are what is added: after norms of the output and multipliers, bit for bit. */
    @ParameterizedTest
    @MethodSource("adding")
    void theStreamIsTheSumOfWhatTheSublayersAdd(String name) {
        try (var opened = Runs.open(device);
                var folder = ModelFolder.open(Golden.path("families", name));
                var model = Model.load(opened, folder)) {
            var captures = new ArrayList<Capture>();
            for (int layer = 0; layer < model.architecture().layers(); layer++) {
                for (Site site : List.of(Site.RESID_PRE, Site.ATTN_OUT, Site.MLP_OUT, Site.RESID_POST)) {
                    captures.add(new Capture(new SitePoint(site, layer)));
                }
            }
            var rows = List.of(Row.of(3, 1, 4, 1, 5, 9, 2, 6));
            try (var run =
                    model.run(RunRequest.of(rows, Logits.NONE).with(Program.captures(captures), Bindings.NONE))) {
                for (int begin = 0; begin < captures.size(); begin += 4) {
                    var values = captures.subList(begin, begin + 4).stream()
                            .map(capture -> run.capture(capture.point()).toFloats())
                            .toList();
                    float[] sum = values.getFirst();
                    for (int i = 0; i < sum.length; i++) {
                        sum[i] = (sum[i] + values.get(1)[i]) + values.get(2)[i];
                    }
                    assertArrayEquals(sum, values.getLast(), captures.get(begin).toString());
                }
            }
        }
    }
}
