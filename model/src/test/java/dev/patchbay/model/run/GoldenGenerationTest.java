package dev.patchbay.model.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.device.DeviceOptions;
import dev.patchbay.device.Devices;
import dev.patchbay.model.checkpoint.Json;
import dev.patchbay.model.checkpoint.ModelFolder;
import dev.patchbay.model.checkpoint.SafetensorsFile;
import dev.patchbay.model.program.Edit;
import dev.patchbay.model.program.Program;
import dev.patchbay.model.site.Site;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Greedy generation with a cache of keys and values equals transformers', plain and with a head zeroed at every step. */
class GoldenGenerationTest {
    private static final Path PATCHING = Path.of("src/test/resources/golden/patching");
    private static final int STEPS = 12;
    private static final double TOLERANCE = 1e-4;

    static Stream<Arguments> cases() {
        return Stream.of("gpt2_a", "neox_a", "llama_a")
                .flatMap(name -> Runs.devices().stream().map(device -> Arguments.of(device, name)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void greedyTokensAndTheirLogitsEqualTransformers(String on, String name) throws IOException {
        var root = (Json.Members)
                Json.parse(Files.readAllBytes(PATCHING.resolve(name).resolve("case.json")), "case.json");
        var generation = (Json.Members) root.find("generation").orElseThrow();
        var prompts = numbers(generation, "prompts").stream()
                .map(ids -> ids.stream().mapToInt(Integer::intValue).toArray())
                .toList();
        try (var device = Devices.open(DeviceOptions.of(on));
                var folder = ModelFolder.open(PATCHING.resolve(name).resolve("model"));
                var model = Model.load(device, folder);
                var arrays = SafetensorsFile.open(PATCHING.resolve(name).resolve("arrays.safetensors"))) {
            var generator = new Generator(model, new Generator.Options(STEPS, 0, 0, List.of(), true));
            var plain = generator.generate(prompts, List.of(), Program.EMPTY, Bindings.NONE);
            check(plain, numbers(generation, "greedy"), arrays.floats("gen.logits"));

            var head = ((Json.Array) generation.find("ablated_head").orElseThrow())
                    .values().stream().map(GoldenGenerationTest::number).toList();
            var zeroed = Program.edits(
                    Edit.at(Site.Z).layers(head.get(0)).heads(head.get(1)).zero());
            var ablated = generator.generate(prompts, List.of(), zeroed, Bindings.NONE);
            check(ablated, numbers(generation, "greedy_with_head_zeroed"), arrays.floats("gen.ablated.logits"));
        }
    }

    private static void check(List<Generator.Generated> found, List<List<Integer>> tokens, float[] logits) {
        double largest = 0;
        for (float logit : logits) {
            largest = Math.max(largest, Math.abs(logit));
        }
        int vocabulary = logits.length / found.size() / STEPS;
        for (int prompt = 0; prompt < found.size(); prompt++) {
            assertEquals(tokens.get(prompt), found.get(prompt).tokens());
            for (int step = 0; step < STEPS; step++) {
                float[] row = found.get(prompt).logits().get(step);
                assertEquals(vocabulary, row.length);
                for (int token = 0; token < vocabulary; token++) {
                    float expected = logits[(prompt * STEPS + step) * vocabulary + token];
                    assertTrue(Math.abs((double) expected - row[token]) <= TOLERANCE * largest);
                }
            }
        }
    }

    private static List<List<Integer>> numbers(Json.Members members, String name) {
        return ((Json.Array) members.find(name).orElseThrow())
                .values().stream()
                        .map(row -> ((Json.Array) row)
                                .values().stream()
                                        .map(GoldenGenerationTest::number)
                                        .toList())
                        .toList();
    }

    private static int number(Json value) {
        return Integer.parseInt(((Json.Numeral) value).text());
    }
}
