package dev.patchbay.cli;

import static dev.patchbay.cli.CommandRun.GOLDEN;
import static dev.patchbay.cli.CommandRun.TINY;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.analysis.io.JsonText;
import dev.patchbay.model.checkpoint.Json;
import dev.patchbay.model.checkpoint.SafetensorsFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** run and generate. */
class RunAndGenerateTest {
    private static final double TOLERANCE = 1e-5;

    @TempDir
    private Path folder;

    @Test
    void routingIsCapturedAndIndicesAreIntegers() throws IOException {
        var out = folder.resolve("o.safetensors");
        var tokens = Files.writeString(folder.resolve("t.json"), "{\"input_ids\": [[1, 2, 3], [4]]}");
        var sites = "router_logits,expert_weights.2,expert_index";
        var family = GOLDEN.resolve("families/qwen2_moe");
        CommandRun.of("run", family, "--tokens", tokens, "--capture", sites, "--out", out)
                .succeeds();
        try (var found = SafetensorsFile.open(out)) {
            assertFalse(found.tensors().containsKey("router_logits.0"));
            assertEquals(List.of(2L, 3L, 6L), found.tensor("router_logits.1").shape());
            assertEquals(List.of(2L, 3L, 2L), found.tensor("expert_weights.2").shape());
            assertEquals("I32", found.tensor("expert_index.1").type().name());
            long[] index = found.integers("expert_index.1");
            for (int i = 0; i < index.length; i++) {
                boolean filled = i >= 4 * 2;
                assertTrue(filled ? index[i] == -1 : index[i] >= 0 && index[i] < 6, "index " + i);
            }
        }
        CommandRun.of("run", family, "--tokens", tokens, "--capture", "mlp_post.1", "--out", out)
                .isRefused("mlp_post.1", "mlp_raw and mlp_out exist");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "gpt_neox-par", "llama2", "gpt_oss"})
    void arraysOfARunEqualTheGoldenOnes(String family) throws IOException {
        var golden = GOLDEN.resolve("families").resolve(family);
        var out = folder.resolve("o.safetensors");
        try (var expected = SafetensorsFile.open(golden.resolve("expected.safetensors"))) {
            var tokens = tokens(expected);
            CommandRun.of(
                            "run",
                            golden,
                            "--tokens",
                            tokens,
                            "--capture",
                            "resid_pre,resid_post,z,pattern",
                            "--out",
                            out)
                    .succeeds();
            try (var found = SafetensorsFile.open(out)) {
                assertArrayEquals(expected.integers("input_ids"), found.integers("input_ids"));
                for (var tensor : expected.tensors().values()) {
                    if (!tensor.name().equals("input_ids")) {
                        String name = tensor.name().equals("resid_post") ? lastResidual(found) : tensor.name();
                        assertEquals(tensor.shape(), found.tensor(name).shape(), name);
                        assertClose(expected.floats(tensor.name()), found.floats(name), name);
                    }
                }
                assertFalse(found.tensors().containsKey("lengths"));
            }
        }
    }

    /** From the option to the tensor cores' kernels and back: the profile is recorded, and is not exact. */
    @ParameterizedTest
    @ValueSource(strings = {"fast32", "tf32", "bf16"})
    void aFastProfileIsRecordedAndComputedIn(String profile) throws IOException {
        var golden = GOLDEN.resolve("families/llama2");
        var out = folder.resolve("o.safetensors");
        try (var expected = SafetensorsFile.open(golden.resolve("expected.safetensors"))) {
            var json = CommandRun.of(
                            "run",
                            golden,
                            "--tokens",
                            tokens(expected),
                            "--device",
                            "cuda-emulated",
                            "--numerics",
                            profile,
                            "--out",
                            out,
                            "--json")
                    .json();
            assertEquals(new Json.Text(profile), json.get("numerics"));
            try (var found = SafetensorsFile.open(out)) {
                assertEquals(profile, found.metadata().get("numerics"));
                double error = relative(expected.floats("logits"), found.floats("logits"));
                assertTrue(error > 1e-7 && error < 2e-2, profile + ": " + error);
            }
        }
    }

    private static double relative(float[] expected, float[] found) {
        double difference = 0;
        double length = 0;
        for (int i = 0; i < expected.length; i++) {
            difference += Math.pow((double) expected[i] - found[i], 2);
            length += Math.pow(expected[i], 2);
        }
        return Math.sqrt(difference / length);
    }

    private Path tokens(SafetensorsFile expected) throws IOException {
        var shape = expected.tensor("input_ids").shape();
        long[] ids = expected.integers("input_ids");
        var rows = new ArrayList<List<Long>>();
        for (int row = 0; row < shape.getFirst(); row++) {
            var list = new ArrayList<Long>();
            for (int position = 0; position < shape.getLast(); position++) {
                list.add(ids[row * shape.getLast().intValue() + position]);
            }
            rows.add(list);
        }
        return Files.writeString(folder.resolve("t.json"), JsonText.line(Map.of("input_ids", rows)));
    }

    private static String lastResidual(SafetensorsFile found) {
        return found.tensors().keySet().stream()
                .filter(name -> name.startsWith("resid_post."))
                .max(String::compareTo)
                .orElseThrow();
    }

    private static void assertClose(float[] expected, float[] found, String name) {
        double most = 0;
        for (float value : expected) {
            most = Math.max(most, Math.abs(value));
        }
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], found[i], TOLERANCE * most, name);
        }
    }

    @Test
    void raggedRowsAreFilledOnTheRight() throws IOException {
        var tokens = Files.writeString(folder.resolve("t.json"), "{\"input_ids\": [[1, 2, 3], [4]]}");
        var out = folder.resolve("o.safetensors");
        CommandRun.of("run", TINY, "--tokens", tokens, "--out", out).succeeds();
        try (var found = SafetensorsFile.open(out)) {
            assertArrayEquals(new long[] {1, 2, 3, 4, -1, -1}, found.integers("input_ids"));
            assertArrayEquals(new long[] {3, 1}, found.integers("lengths"));
            assertTrue(Float.isNaN(found.floats("logits")[4 * 101]));
        }
    }

    @Test
    void editsAreReportedAndMayTakeValuesFromAnotherRun() throws IOException {
        // z of the name mover taken from the ABC run leaves the negative one: logit difference −0.3.
        var edits = Files.writeString(
                folder.resolve("e.json"),
                "[{\"site\": \"z\", \"layer\": 2, \"head\": 0, \"op\": \"replace\", \"value\": {\"run\": \"other\"}}]");
        var out = folder.resolve("o.safetensors");
        var json = CommandRun.of(
                        "run",
                        "zoo:ioi",
                        "--tokens",
                        "0 1 10 2 20 2 11 21 12",
                        "--edits",
                        edits,
                        "--other",
                        "0 3 10 4 20 5 11 21 12",
                        "--out",
                        out,
                        "--json")
                .json();
        assertTrue(json.toString().contains("9"), json::toString);
        try (var found = SafetensorsFile.open(out)) {
            float[] logits = found.floats("logits");
            assertEquals(-0.3, logits[8 * 60 + 1] - logits[8 * 60 + 2], 1e-4);
        }
    }

    @Test
    void editsMayTakeTheMeanOverATokensFile() throws IOException {
        var pairs = Files.readAllLines(Path.of("../examples/pairs/gpt2-tiny.jsonl")).stream()
                .map(line -> (Json.Members) Json.parse(line.getBytes(StandardCharsets.UTF_8), "pair"))
                .toList();
        var prompts = pairs.stream().map(pair -> ids(pair, "clean")).toList();
        var tokens = Files.writeString(folder.resolve("clean.json"), JsonText.line(Map.of("input_ids", prompts)));
        var edits = Files.writeString(
                folder.resolve("e.json"),
                "[{\"site\": \"z\", \"layer\": 1, \"head\": 2, \"op\": \"replace\", \"value\": {\"mean\": \"clean.json\"}}]");
        var out = folder.resolve("o.safetensors");
        CommandRun.of("run", TINY, "--tokens", tokens, "--edits", edits, "--out", out)
                .succeeds();
        try (var found = SafetensorsFile.open(out);
                var golden = SafetensorsFile.open(GOLDEN.resolve("patching/gpt2_a/arrays.safetensors"))) {
            float[] expected = golden.floats("ablate.mean_batch_and_pos.z.per_pair");
            float[] logits = found.floats("logits");
            for (int pair = 0; pair < pairs.size(); pair++) {
                int end = (pair * 12 + 11) * 101;
                int answer = Integer.parseInt(number(pairs.get(pair), "answer"));
                int wrong = Integer.parseInt(number(pairs.get(pair), "wrong"));
                assertEquals(expected[(pair * 4 + 1) * 4 + 2], logits[end + answer] - logits[end + wrong], 1e-3);
            }
        }
    }

    private static String number(Json.Members pair, String name) {
        return ((Json.Numeral) pair.find(name).orElseThrow()).text();
    }

    private static List<Integer> ids(Json.Members pair, String name) {
        return ((Json.Array) pair.find(name).orElseThrow())
                .values().stream()
                        .map(id -> Integer.parseInt(((Json.Numeral) id).text()))
                        .toList();
    }

    @Test
    void generateIsGreedyAndGoesOnWhereAPromptEnds() {
        // Golden: gpt2_a, case.json, generation.
        var json = CommandRun.of("generate", TINY, "--tokens", "17 91 20 84 15", "--max-new-tokens", "12", "--json")
                .json();
        assertTrue(json.toString().contains(numbers(97, 3, 66, 66, 66, 66, 66, 66, 66, 65, 65, 65)), json::toString);
        assertTrue(CommandRun.of("generate", "zoo:ioi", "--tokens", "0 1 10 2 20 2 11 21 12", "--max-new-tokens", "1")
                .succeeds()
                .out()
                .startsWith("1  ("));
    }

    @Test
    void samplingFollowsTheSeed() {
        var first = CommandRun.of("generate", TINY, "--tokens", "1,2,3", "--temperature", "2", "--seed", "1");
        assertEquals(
                first.succeeds().out(),
                CommandRun.of("generate", TINY, "--tokens", "1,2,3", "--temperature", "2", "--seed", "1")
                        .out());
        assertFalse(first.out()
                .equals(CommandRun.of("generate", TINY, "--tokens", "1,2,3", "--temperature", "2", "--seed", "2")
                        .out()));
    }

    private static String numbers(int... ids) {
        var texts = new ArrayList<String>();
        for (int id : ids) {
            texts.add(new Json.Numeral(String.valueOf(id)).toString());
        }
        return String.join(", ", texts);
    }

    @Test
    void badInputLeavesNothingBehind() throws IOException {
        var out = folder.resolve("o.safetensors");
        CommandRun.of("run", TINY, "--tokens", "0 101", "--out", out).isRefused("101", "0 to 100");
        CommandRun.of("run", TINY, "--tokens", folder.resolve("no.json"), "--out", out)
                .isRefused("no.json");
        CommandRun.of("run", TINY, "--tokens", "0", "--capture", "zz", "--out", out)
                .isRefused("'zz'", "unknown");
        CommandRun.of("run", TINY, "--tokens", "0", "--capture", "z.9", "--out", out)
                .isRefused("z.9", "0 to 3");
        CommandRun.of("run", TINY, "--tokens", "0").isRefused("--out");
        CommandRun.of("run", TINY, "--tokens", "0", "--out", folder.resolve("no/o"))
                .isRefused("no folder");
        var tokens = Files.writeString(folder.resolve("t.json"), "{\"input_ids\": [[1, 2], [500]]}");
        CommandRun.of("run", TINY, "--tokens", tokens, "--out", out).isRefused("500", "t.json");
        for (var edit : Map.of(
                        "{\"site\": \"z\", \"layer\": 0, \"head\": 4, \"op\": \"zero\"}", "head",
                        "{\"site\": \"nowhere\", \"layer\": 0, \"op\": \"zero\"}", "nowhere",
                        "{\"site\": \"z\", \"layer\": 0, \"positions\": \"generated\", \"op\": \"zero\"}", "edit",
                        "{\"site\": \"z\", \"layer\": 0, \"positions\": [7], \"op\": \"zero\"}", "edit",
                        "{\"site\": \"z\", \"layer\": 0, \"op\": \"replace\", \"value\": {\"run\": \"other\"}}",
                                "other",
                        "{\"site\": \"z\", \"layer\": 0, \"op\": \"destroy\"}", "destroy")
                .entrySet()) {
            var edits = Files.writeString(folder.resolve("e.json"), "[" + edit.getKey() + "]");
            CommandRun.of("run", TINY, "--tokens", "0 1", "--edits", edits, "--out", out)
                    .isRefused(edit.getValue());
        }
        try (var files = Files.list(folder)) {
            assertEquals(
                    List.of("e.json", "t.json"),
                    files.map(file -> file.getFileName().toString()).sorted().toList());
        }
    }

    @Test
    void generateRefusesWhatItCannotDo() {
        CommandRun.of("generate", TINY, "--prompt", "Hello").isRefused("no tokenizer", "--tokens");
        CommandRun.of("generate", TINY, "--tokens", "1", "--max-new-tokens", "0")
                .isRefused("new tokens");
        CommandRun.of("generate", TINY, "--tokens", "1", "--max-new-tokens", "100")
                .isRefused("positions");
        CommandRun.of("generate", TINY, "--tokens", "1", "--temperature", "-1").isRefused("temperature");
        CommandRun.of("generate", TINY).isRefused("either --prompt or --tokens");
        CommandRun.of("generate", TINY, "--tokens", "1", "--prompt", "a").isRefused("either --prompt or --tokens");
    }
}
