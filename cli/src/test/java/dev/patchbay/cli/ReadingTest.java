package dev.patchbay.cli;

import static dev.patchbay.cli.CommandRun.GOLDEN;
import static dev.patchbay.cli.CommandRun.TINY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.model.checkpoint.Json;
import dev.patchbay.model.checkpoint.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is tolerated in the files of a MODEL, and processed weights. */
class ReadingTest {
    private static final Path BAD = GOLDEN.resolve("bad");

    @TempDir
    private Path folder;

    private Path tokens() throws IOException {
        return Files.writeString(folder.resolve("t.json"), "{\"input_ids\": [[1, 2, 3]]}");
    }

    private CommandRun run(Object model, String... more) throws IOException {
        var arguments = new ArrayList<Object>(
                List.of("run", model, "--tokens", tokens(), "--out", folder.resolve("o.safetensors"), "--json"));
        arguments.addAll(List.of(more));
        return CommandRun.of(arguments.toArray());
    }

    @Test
    void nonfiniteWeightsAreComputedWithOnlyWhereAllowed() throws IOException {
        var model = BAD.resolve("models/weights-nan");
        run(model).isRefused("--allow-nonfinite", "[E-W-NAN]");
        assertFalse(Files.exists(folder.resolve("o.safetensors")));
        run(model, "--allow-nonfinite").succeeds();
    }

    @Test
    void aStoredHeadIsUsedOnlyWhereUntied() {
        var model = BAD.resolve("models/config-tied-but-other-head");
        CommandRun.of("info", model).isRefused("--untie", "[E-W-TIE]");
        assertTrue(CommandRun.of("info", model, "--untie").succeeds().out().contains("the stored head is used"));
    }

    @Test
    void unknownFieldsAreRefusedWhereAsked() {
        var file = BAD.resolve("ok-extra-field.safetensors");
        CommandRun.of("info", file).succeeds();
        CommandRun.of("info", file, "--strict-format").isRefused("--strict-format", "[E-ST-JSON]");
    }

    @Test
    void linksLeadOutOnlyWhereAllowed() throws IOException {
        for (String name : List.of("config.json", "model.safetensors")) {
            Files.createSymbolicLink(
                    folder.resolve(name), Path.of(TINY, name).toAbsolutePath().normalize());
        }
        CommandRun.of("info", folder).isRefused("--allow-symlinks", "[E-IDX-PATH]");
        CommandRun.of("info", folder, "--allow-symlinks").succeeds();
    }

    @Test
    void aTokenizerWithMoreTokensThanTheEmbeddingIsRefused() throws IOException {
        for (String name : List.of("config.json", "model.safetensors")) {
            Files.copy(Path.of(TINY, name), folder.resolve(name));
        }
        Files.copy(GOLDEN.resolve("tokenizers/gpt2/tokenizer.json"), folder.resolve("tokenizer.json"));
        CommandRun.of("generate", folder, "--prompt", "a")
                .isRefused("ids up to 606", "the rows of ids below 101", "[E-TOK]");
    }

    @Test
    void processedWeightsAreSaidAndChangeActivationsButNoProbability() throws IOException {
        var raw = run(TINY, "--capture", "resid_post.1").json();
        float[] before;
        float[] stream;
        try (var file = SafetensorsFile.open(folder.resolve("o.safetensors"))) {
            before = file.floats("logits");
            stream = file.floats("resid_post.1");
            assertEquals("raw", file.metadata().get("weights"));
        }
        var processed =
                run(TINY, "--capture", "resid_post.1", "--weights", "tl").json();
        assertEquals(new Json.Text("tl"), processed.get("weights"));
        assertNotEquals(raw.get("weights"), processed.get("weights"));
        try (var file = SafetensorsFile.open(folder.resolve("o.safetensors"))) {
            assertEquals("tl", file.metadata().get("weights"));
            float[] after = file.floats("logits");
            // A row's logits differ by one number.
            for (int at = 0; at < before.length; at++) {
                int row = at / 101 * 101;
                assertEquals(before[at] - before[row], after[at] - after[row], 1e-4);
            }
            double sum = 0;
            for (float value : file.floats("resid_post.1")) {
                sum += value;
            }
            assertEquals(0, sum, 1e-3);
            assertNotEquals(stream[0], file.floats("resid_post.1")[0]);
        }
        run(GOLDEN.resolve("families/olmo2"), "--weights", "tl").isRefused("--weights raw", "[E-TL]");
        run("zoo:ioi", "--weights", "tl").isRefused("no norms", "[E-TL]");
        run(TINY, "--weights", "folded").isRefused("expected raw or tl");
    }

    @Test
    void infoGivesTheMemoryOfEveryProfile() {
        var memory = ((Json.Members) Objects.requireNonNull(
                        CommandRun.of("info", TINY, "--json").json().get("memory")))
                .members();
        assertEquals(List.of("exact", "fast32", "tf32", "bf16"), List.copyOf(memory.keySet()));
        var exact = ((Json.Members) Objects.requireNonNull(memory.get("exact"))).members();
        // Four layers, keys and values of 64 floats.
        assertEquals(new Json.Numeral("2048"), exact.get("keys_and_values_per_token"));
        assertTrue(CommandRun.of("info", TINY).succeeds().out().contains("activations per token"));
    }
}
