package dev.patchbay.model.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.device.DeviceOptions;
import dev.patchbay.device.Devices;
import dev.patchbay.model.checkpoint.Scratch.Values;
import dev.patchbay.model.program.Capture;
import dev.patchbay.model.program.Program;
import dev.patchbay.model.run.Bindings;
import dev.patchbay.model.run.Logits;
import dev.patchbay.model.run.Model;
import dev.patchbay.model.run.Row;
import dev.patchbay.model.run.RunRequest;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.site.SitePoint;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Forms of families that no golden checkpoint has, held against golden ones or their definition. */
class OtherFormsTest {
    private static final Row ROW = Row.of(5, 7, 11, 13, 17, 19, 23);

    @TempDir
    private Path folder;

    /** Captured sites, or the logits where none are asked for. */
    private static List<float[]> run(Path path, SitePoint... points) {
        try (var device = Devices.open(DeviceOptions.of("cpu"));
                var opened = ModelFolder.open(path);
                var model = Model.load(device, opened)) {
            opened.verify();
            var program =
                    Program.captures(Arrays.stream(points).map(Capture::new).toList());
            try (var run = model.run(RunRequest.of(List.of(ROW), Logits.ALL).with(program, Bindings.NONE))) {
                return points.length == 0
                        ? List.of(run.logits().toFloats())
                        : Stream.of(points)
                                .map(point -> run.capture(point).toFloats())
                                .toList();
            }
        }
    }

    private Path wrapped(String root, Map<String, Values> more) {
        var golden = Golden.path("families", "gemma3");
        var tensors = new TreeMap<>(more);
        Scratch.tensors(golden).forEach((name, values) -> tensors.put(name.replaceFirst("^model[.]", root), values));
        Scratch.config(golden, folder, text -> "{\"model_type\": \"gemma3\", \"text_config\": " + text + "}");
        Scratch.write(folder.resolve("model.safetensors"), tensors);
        return folder;
    }

    private static Values vision() {
        return new Values(List.of(2L), List.of(new float[] {1, 2}));
    }

    @ParameterizedTest
    @ValueSource(strings = {"language_model.model.", "model.language_model."})
    void theTextPartOfAModelThatSeesPicturesIsTheModel(String root) {
        var beside = root.startsWith("model") ? "model.vision_tower.x" : "vision_tower.x";
        var path = wrapped(root, Map.of(beside, vision(), "multi_modal_projector.weight", vision()));
        assertArrayEquals(
                run(Golden.path("families", "gemma3")).getFirst(), run(path).getFirst());
        try (var opened = ModelFolder.open(path)) {
            assertTrue(
                    opened.notes().toString().contains("2 stored buffers, or parts beside"), opened.notes()::toString);
        }
    }

    @Test
    void whatBelongsToNeitherPartIsRefused() {
        var path = wrapped("language_model.model.", Map.of("audio_tower.x", vision()));
        assertTrue(Golden.refusal(() -> ModelFolder.open(path)).contains("audio_tower.x"));
    }

    @Test
    void eachHeadOfAStableLmHasANormOfItsOwn() {
        var golden = Golden.path("families", "stablelm");
        var tensors = Scratch.tensors(golden);
        var random = new Random(3);
        var weights = new float[4][8];
        for (float[] weight : weights) {
            for (int i = 0; i < weight.length; i++) {
                weight[i] = 1 + (float) random.nextGaussian() / 4;
            }
        }
        for (int layer = 0; layer < 3; layer++) {
            var prefix = "model.layers." + layer + ".self_attn.";
            for (int head = 0; head < 4; head++) {
                var norm = new Values(List.of(8L), List.of(weights[head]));
                tensors.put(prefix + "q_layernorm.norms." + head + ".weight", norm);
                if (head < 2) {
                    tensors.put(prefix + "k_layernorm.norms." + head + ".weight", norm);
                }
            }
        }
        Scratch.config(golden, folder, text -> text.replaceFirst("\"qk_layernorm\": false", "\"qk_layernorm\": true"));
        Scratch.write(folder.resolve("model.safetensors"), tensors);
        var found = run(folder, new SitePoint(Site.Q, 1), new SitePoint(Site.ROT_Q, 1));
        for (int head = 0; head < 4; head++) {
            // The first position is not turned.
            var plain = Arrays.copyOfRange(found.getFirst(), head * 8, head * 8 + 8);
            double mean = 0;
            for (float value : plain) {
                mean += value / 8.0;
            }
            double variance = 0;
            for (float value : plain) {
                variance += (value - mean) * (value - mean) / 8;
            }
            for (int i = 0; i < 8; i++) {
                double expected = (plain[i] - mean) / Math.sqrt(variance + 1e-2) * weights[head][i];
                assertEquals(expected, found.getLast()[head * 8 + i], 1e-5);
            }
        }
    }

    @Test
    void theStreamOfABloomCanGoOnFromItsNorms() {
        var golden = Golden.path("families", "bloom");
        Scratch.config(
                golden,
                folder,
                text -> text.replaceFirst(
                        "\"apply_residual_connection_post_layernorm\": false",
                        "\"apply_residual_connection_post_layernorm\": true"));
        Scratch.write(folder.resolve("model.safetensors"), Scratch.tensors(golden));
        var sites = List.of(
                Site.LN1_NORMALIZED, Site.ATTN_OUT, Site.RESID_MID, Site.LN2_NORMALIZED, Site.MLP_OUT, Site.RESID_POST);
        var found =
                run(folder, sites.stream().map(site -> new SitePoint(site, 1)).toArray(SitePoint[]::new));
        for (int begin = 0; begin < 6; begin += 3) {
            var sum = found.get(begin).clone();
            for (int i = 0; i < sum.length; i++) {
                sum[i] += found.get(begin + 1)[i];
            }
            assertArrayEquals(found.get(begin + 2), sum, sites.get(begin + 2).label());
        }
    }
}
