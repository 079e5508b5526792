package dev.patchbay.cli;

import static dev.patchbay.cli.CommandRun.GOLDEN;
import static dev.patchbay.cli.CommandRun.TINY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.analysis.io.JsonText;
import dev.patchbay.model.checkpoint.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** doctor, info and tokenize, and the arguments all commands share. */
class InspectionTest {
    @TempDir
    private Path folder;

    @Test
    void doctorListsEveryDeviceAndWhyItIsAbsent() {
        var json = CommandRun.of("doctor", "--json").json();
        var devices = assertInstanceOf(Json.Array.class, json.get("devices")).values();
        assertEquals(3, devices.size());
        for (Json device : devices) {
            var members = assertInstanceOf(Json.Members.class, device);
            assertTrue(members.find("description").isPresent()
                    != members.find("reason").isPresent());
        }
        var nvidia = assertInstanceOf(Json.Members.class, json.get("nvidia"));
        assertTrue(nvidia.find("driver").isPresent() != nvidia.find("reason").isPresent());
        assertInstanceOf(Json.Array.class, nvidia.find("gpus").orElseThrow());
        var text = CommandRun.of("doctor").succeeds().out();
        assertTrue(text.contains("cuda") && text.contains("nvidia driver"), text);
    }

    @Test
    void doctorSaysWhichProfilesADeviceHasAndWhyOthersAreMissing() {
        var run = CommandRun.of("doctor").succeeds();
        assertTrue(run.out().contains("exact, fast32, tf32, bf16"), run.out());
        assertTrue(
                run.out().contains("cpu has no numerics fast32, tf32, bf16: the fast profiles are those of GPUs"),
                run.out());
        var devices = assertInstanceOf(
                        Json.Array.class,
                        CommandRun.of("doctor", "--json").json().get("devices"))
                .values();
        var missing = assertInstanceOf(
                Json.Members.class,
                assertInstanceOf(Json.Members.class, devices.getFirst())
                        .find("numerics_missing")
                        .orElseThrow());
        assertEquals(3, missing.members().size());
    }

    @Test
    void infoSaysWhichQueryHeadsReadWhichKeyValueHead() {
        var run = CommandRun.of("info", GOLDEN.resolve("families/llama2")).succeeds();
        assertTrue(
                run.out().contains("query heads 0 to 1 read kv-head 0; query heads 2 to 3 read kv-head 1"), run.out());
        var json = CommandRun.of("info", GOLDEN.resolve("families/llama2"), "--json")
                .json();
        assertEquals(new Json.Numeral("2"), json.get("kv_heads"));
    }

    @Test
    void infoCountsParametersOfTheTiedHeadOnce() {
        // wte, wpe; ln1, attention, ln2, MLP of four layers; ln_f.
        long block = 2 * 64 + (64 * 192 + 192) + (64 * 64 + 64) + 2 * 64 + (64 * 256 + 256) + (256 * 64 + 64);
        long expected = 101 * 64 + 64 * 64 + 4 * block + 2 * 64;
        var json = CommandRun.of("info", TINY, "--verify", "--json").json();
        assertEquals(new Json.Numeral(String.valueOf(expected)), json.get("parameters"));
        assertEquals(new Json.Flag(true), json.get("verified"));
    }

    @Test
    void infoCountsTheExpertsThatATokenTakes() {
        var mixtral = GOLDEN.resolve("families/mixtral");
        var json = CommandRun.of("info", mixtral, "--verify", "--json").json();
        long all = Long.parseLong(((Json.Numeral) Objects.requireNonNull(json.get("parameters"))).text());
        // Two of four experts in each of three layers are idle: gate, linear branch and output of 24 neurons.
        assertEquals(new Json.Numeral(String.valueOf(all - 3 * 2 * 3 * 24 * 32)), json.get("active_parameters"));
        var text = CommandRun.of("info", mixtral).succeeds().out();
        assertTrue(text.contains("4 experts, each token takes 2; gated, silu, 24 neurons each"), text);
        var shared = CommandRun.of("info", GOLDEN.resolve("families/qwen2_moe"))
                .succeeds()
                .out();
        assertTrue(shared.contains("gated, silu, 48 neurons; 6 experts, each token takes 2 and one of 20"), shared);
    }

    @Test
    void infoOfALoneFileListsItsTensors() {
        var json = CommandRun.of("info", Path.of(TINY, "model.safetensors"), "--verify", "--json")
                .json();
        var tensors = assertInstanceOf(Json.Array.class, json.get("tensors")).values();
        assertTrue(tensors.size() > 40);
        assertEquals(
                new Json.Numeral("0"),
                assertInstanceOf(Json.Members.class, tensors.getFirst())
                        .members()
                        .get("nan"));
    }

    @Test
    void infoRefusesWhatIsNoModel() {
        CommandRun.of("info", folder.resolve("absent")).isRefused("absent", "no such model folder");
        CommandRun.of("info", folder).isRefused("config.json");
        CommandRun.of("info", "zoo:nothing").isRefused("nothing", "ioi");
        CommandRun.of("info", "hf:no-such-org/no-such-model").isRefused("local cache", "nothing is downloaded");
        CommandRun.of("info", "hf:../../etc").isRefused("expected hf:org/name");
    }

    @Test
    void infoRefusesATruncatedFile() throws IOException {
        byte[] whole = Files.readAllBytes(Path.of(TINY, "model.safetensors"));
        var cut = Files.write(folder.resolve("cut.safetensors"), java.util.Arrays.copyOf(whole, whole.length - 100));
        CommandRun.of("info", cut).isRefused("cut.safetensors");
        Files.copy(Path.of(TINY, "config.json"), folder.resolve("config.json"));
        Files.move(cut, folder.resolve("model.safetensors"));
        CommandRun.of("info", folder, "--verify").isRefused("model.safetensors");
    }

    @Test
    void infoRefusesAnUnknownFamilyAndAWrongShape() throws IOException {
        var config = Files.readString(Path.of(TINY, "config.json"));
        Files.copy(Path.of(TINY, "model.safetensors"), folder.resolve("model.safetensors"));
        var place = folder.resolve("config.json");
        Files.writeString(place, config.replace("\"model_type\": \"gpt2\"", "\"model_type\": \"mystery\""));
        CommandRun.of("info", folder).isRefused("mystery", "gpt2");
        Files.writeString(place, config.replaceAll("\"vocab_size\": \\d+", "\"vocab_size\": 102"));
        CommandRun.of("info", folder).isRefused("wte", "102");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "llama3", "neox", "unigram"})
    void tokenizeEqualsTheGoldenCases(String kind) throws IOException {
        var golden = GOLDEN.resolve("tokenizers").resolve(kind);
        var cases = Files.readAllLines(golden.resolve("cases.jsonl"));
        var texts = new StringBuilder();
        for (String line : cases) {
            var members = object(line);
            texts.append(JsonText.line(Map.of(
                    "text", text(members.get("text")),
                    "add_special_tokens", new Json.Flag(true).equals(members.get("add_special_tokens")))));
            texts.append('\n');
        }
        var input = Files.writeString(folder.resolve("texts.jsonl"), texts);
        var output = folder.resolve("tokens.jsonl");
        CommandRun.of("tokenize", golden.resolve("tokenizer.json"), "--file", input, "--out", output)
                .succeeds();
        var found = Files.readAllLines(output);
        assertEquals(cases.size(), found.size());
        for (int index = 0; index < found.size(); index++) {
            var expected = object(cases.get(index));
            var members = object(found.get(index));
            for (String name : List.of("ids", "tokens", "offsets", "decoded", "decoded_skip_special")) {
                int line = index;
                assertEquals(expected.get(name), members.get(name), () -> kind + " case " + line + " " + name);
            }
        }
    }

    @Test
    void tokenizeNeedsTextsAndATokenizer() {
        CommandRun.of("tokenize", TINY, "--text", "a").isRefused("tokenizer.json");
        CommandRun.of("tokenize", "zoo:ioi", "--text", "a").isRefused("zoo:ioi");
        CommandRun.of("tokenize", TINY).isRefused("--text");
        var tokenizer = GOLDEN.resolve("tokenizers/gpt2/tokenizer.json");
        var json = CommandRun.of("tokenize", tokenizer, "--text", "Hello there", "--json")
                .json();
        assertEquals(new Json.Text("Hello there"), json.get("decoded"));
    }

    @Test
    void wrongArgumentsAreOneLine() {
        CommandRun.of().isRefused("no command");
        CommandRun.of("--no-such-option").isRefused("--no-such-option");
        CommandRun.of("no-such-command").isRefused("no-such-command");
        CommandRun.of("doctor", "--threads", "many").isRefused("--threads");
        CommandRun.of("doctor", "--threads", "-1").isRefused("--threads");
        CommandRun.of("doctor", "--device", "gpu").isRefused("--device", "cuda:N");
        CommandRun.of("doctor", "--numerics", "exactly").isRefused("--numerics", "fast32");
        CommandRun.of("doctor", "--weights", "folded").isRefused("--weights", "raw or tl");
        CommandRun.of("info").isRefused("PATH");
    }

    @Test
    void anAbsentDeviceIsExitCodeThree() {
        CommandRun.of("generate", "zoo:ioi", "--tokens", "0 1", "--device", "cuda:999")
                .failsWith(3, "cuda:999");
        CommandRun.of("generate", "zoo:ioi", "--tokens", "0 1", "--numerics", "bf16")
                .failsWith(3, "bf16", "exact", "GPUs");
    }

    @Test
    void debugAddsTheTrace() {
        var run = CommandRun.of("info", "zoo:nothing", "--debug");
        assertEquals(2, run.code());
        assertTrue(run.err().lines().count() > 3);
    }

    private static Map<String, Json> object(String line) {
        return assertInstanceOf(Json.Members.class, Json.parse(line.getBytes(StandardCharsets.UTF_8), "case"))
                .members();
    }

    private static String text(@Nullable Json value) {
        return assertInstanceOf(Json.Text.class, value).value();
    }
}
