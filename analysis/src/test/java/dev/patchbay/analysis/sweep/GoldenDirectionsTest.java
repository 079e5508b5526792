package dev.patchbay.analysis.sweep;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.analysis.io.EditsFile;
import dev.patchbay.analysis.io.RunBindings;
import dev.patchbay.device.DeviceOptions;
import dev.patchbay.device.Devices;
import dev.patchbay.model.program.Capture;
import dev.patchbay.model.program.Program;
import dev.patchbay.model.run.Bindings;
import dev.patchbay.model.run.Logits;
import dev.patchbay.model.run.Row;
import dev.patchbay.model.run.Run;
import dev.patchbay.model.run.RunRequest;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.site.SitePoint;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Edits read from JSON, plain runs and captures equal TransformerLens's. */
class GoldenDirectionsTest {
    static Stream<Arguments> cases() {
        return GoldenCase.NAMES.stream()
                .flatMap(name -> GoldenCase.devices("cpu").stream().map(device -> Arguments.of(device, name)));
    }

    /** One golden case with its prompts as rows. */
    private record Bench(GoldenCase golden, String name) {
        private List<Row> rows(boolean clean) {
            return golden.pairs().pairs().stream()
                    .map(pair -> clean ? pair.clean() : pair.corrupted().orElseThrow())
                    .map(prompt -> Row.of(prompt.ids()))
                    .toList();
        }

        private Logits chosen() {
            return new Logits.Chosen(golden.pairs().pairs().stream()
                    .map(pair -> new int[] {pair.answerTokens()[0], pair.wrongTokens()[0]})
                    .toList());
        }

        private EditsFile edits(String json) {
            var folder = GoldenCase.root().resolve("patching").resolve(name);
            return EditsFile.parse(
                    json.getBytes(StandardCharsets.UTF_8),
                    "edits",
                    folder,
                    golden.model().architecture());
        }

        private Run run(String json, boolean clean, Logits logits, Map<String, Run> runs) {
            var file = edits(json);
            return golden.model()
                    .run(RunRequest.of(rows(clean), logits)
                            .with(Program.edits(file.edits()), new RunBindings(file.tensors(), runs, Map.of())));
        }

        /** Logit difference of each pair. */
        private double[] differences(String json, boolean clean, Map<String, Run> runs) {
            try (var run = run(json, clean, chosen(), runs)) {
                float[] logits = run.logits().toFloats();
                var differences = new double[logits.length / 2];
                Arrays.setAll(differences, pair -> logits[2 * pair] - (double) logits[2 * pair + 1]);
                return differences;
            }
        }

        private void close(String array, double[] found) {
            double distance = golden.distance(array, found);
            assertTrue(distance <= 1, array + ": " + distance + " tolerances away");
        }

        /** Compares an array of mean differences with its forms; per cell the differences of each pair. */
        private void means(String array, List<double[]> perCell) {
            int pairs = golden.pairs().size();
            double clean = mean(golden.array("base.clean.logit_diff"));
            double corrupted = mean(golden.array("base.corrupted.logit_diff"));
            var perPair = new double[pairs * perCell.size()];
            var means = new double[perCell.size()];
            for (int cell = 0; cell < means.length; cell++) {
                means[cell] = Arrays.stream(perCell.get(cell)).average().orElseThrow();
                for (int pair = 0; pair < pairs; pair++) {
                    perPair[pair * means.length + cell] = perCell.get(cell)[pair];
                }
            }
            close(array, means);
            close(array + ".per_pair", perPair);
            close(
                    array + ".delta",
                    Arrays.stream(means).map(mean -> mean - clean).toArray());
            close(
                    array + ".norm",
                    Arrays.stream(means)
                            .map(mean -> (mean - corrupted) / (clean - corrupted))
                            .toArray());
        }

        private static double mean(float[] values) {
            double sum = 0;
            for (float value : values) {
                sum += value;
            }
            return sum / values.length;
        }
    }

    private static final String VECTOR = "arrays.safetensors#direction.vector";

    private static String json(String layer, String rest) {
        return "[{\"site\": \"resid_pre\", \"layer\": " + layer + ", " + rest + "}]";
    }

    @ParameterizedTest
    @MethodSource("cases")
    void directionsEqualTransformerLens(String on, String name) {
        try (var device = Devices.open(DeviceOptions.of(on));
                var golden = GoldenCase.open(name, device)) {
            var bench = new Bench(golden, name);
            int layers = golden.model().architecture().layers();
            for (String place : List.of("all", "END")) {
                var cells = new ArrayList<double[]>();
                for (int layer = 0; layer < layers; layer++) {
                    for (float scale : golden.array("direction.scales")) {
                        cells.add(bench.differences(
                                json(
                                        "" + layer,
                                        String.format(
                                                Locale.ROOT,
                                                "\"positions\": \"%s\", \"op\": \"add\", \"factor\": %s, \"value\": \"%s\"",
                                                place,
                                                scale,
                                                VECTOR)),
                                true,
                                Map.of()));
                    }
                }
                bench.means("direction.add." + (place.equals("all") ? "all_pos" : "end"), cells);
            }
            String remove = "\"op\": \"project_out\", \"basis\": \"" + VECTOR + "\"";
            bench.means(
                    "direction.remove",
                    each(layers, layer -> bench.differences(json("" + layer, remove), true, Map.of())));
            bench.means(
                    "direction.remove_all_layers", List.of(bench.differences(json("\"all\"", remove), true, Map.of())));
            var points = SitePoint.everywhere(Site.RESID_PRE, golden.model().architecture());
            try (var clean = golden.model()
                    .run(RunRequest.of(bench.rows(true), Logits.NONE)
                            .with(
                                    Program.captures(
                                            points.stream().map(Capture::new).toList()),
                                    Bindings.NONE))) {
                String swap =
                        "\"op\": \"project_swap\", \"value\": {\"run\": \"clean\"}, \"basis\": \"" + VECTOR + "\"";
                bench.means(
                        "direction.swap",
                        each(
                                layers,
                                layer -> bench.differences(json("" + layer, swap), false, Map.of("clean", clean))));
            }
            bench.means("ablate.uniform_pattern", uniform(bench, golden));
            try (var run = bench.run(
                    json("1", "\"op\": \"add\", \"factor\": 2, \"value\": \"" + VECTOR + "\""),
                    true,
                    Logits.LAST,
                    Map.of())) {
                bench.close(
                        "direction.add.logits_layer1_scale2",
                        widened(run.logits().toFloats()));
            }
        }
    }

    private static List<double[]> uniform(Bench bench, GoldenCase golden) {
        var cells = new ArrayList<double[]>();
        for (int layer = 0; layer < golden.model().architecture().layers(); layer++) {
            for (int head = 0; head < golden.model().architecture().heads(); head++) {
                cells.add(bench.differences(
                        "[{\"site\": \"pattern\", \"layer\": " + layer + ", \"head\": " + head
                                + ", \"op\": \"uniform\"}]",
                        true,
                        Map.of()));
            }
        }
        return cells;
    }

    private static List<double[]> each(int layers, java.util.function.IntFunction<double[]> differences) {
        return java.util.stream.IntStream.range(0, layers).mapToObj(differences).toList();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void plainRunsAndCapturesEqualTransformerLens(String on, String name) {
        try (var device = Devices.open(DeviceOptions.of(on));
                var golden = GoldenCase.open(name, device)) {
            var bench = new Bench(golden, name);
            for (boolean clean : new boolean[] {true, false}) {
                String side = clean ? "clean" : "corrupted";
                bench.close("base." + side + ".logit_diff", bench.differences("[]", clean, Map.of()));
                for (Site site : List.of(
                        Site.Z, Site.Q, Site.K, Site.V, Site.RESID_PRE, Site.ATTN_OUT, Site.MLP_OUT, Site.PATTERN)) {
                    captured(bench, clean, "act." + side + "." + site.label(), site);
                }
                var last = new SitePoint(
                        Site.RESID_POST, golden.model().architecture().layers() - 1);
                try (var run = capture(bench, clean, List.of(last))) {
                    bench.close("base." + side + ".logits", widened(run.logits().toFloats()));
                    bench.close(
                            "act." + side + ".resid_final",
                            widened(run.capture(last).toFloats()));
                }
            }
        }
    }

    private static Run capture(Bench bench, boolean clean, List<SitePoint> points) {
        return bench.golden()
                .model()
                .run(RunRequest.of(bench.rows(clean), Logits.ALL)
                        .with(Program.captures(points.stream().map(Capture::new).toList()), Bindings.NONE));
    }

    /** Golden activations have the pair first, then the layer. */
    private static void captured(Bench bench, boolean clean, String array, Site site) {
        var points = SitePoint.everywhere(site, bench.golden().model().architecture());
        try (var run = capture(bench, clean, points)) {
            int pairs = bench.golden().pairs().size();
            var layers =
                    points.stream().map(point -> run.capture(point).toFloats()).toList();
            int each = layers.getFirst().length / pairs;
            var found = new double[pairs * layers.size() * each];
            int at = 0;
            for (int pair = 0; pair < pairs; pair++) {
                for (float[] layer : layers) {
                    for (int i = 0; i < each; i++) {
                        found[at++] = layer[pair * each + i];
                    }
                }
            }
            bench.close(array, found);
        }
    }

    private static double[] widened(float[] values) {
        var widened = new double[values.length];
        Arrays.setAll(widened, i -> values[i]);
        return widened;
    }
}
