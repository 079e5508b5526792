package dev.patchbay.cli;

import static dev.patchbay.cli.CommandRun.GOLDEN;
import static dev.patchbay.cli.CommandRun.TINY;
import static dev.patchbay.cli.CommandRun.TINY_PAIRS;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.model.checkpoint.Json;
import dev.patchbay.model.checkpoint.SafetensorsFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** sweep, data and demo. */
class SweepTest {
    private static final Path ARRAYS = GOLDEN.resolve("patching/gpt2_a/arrays.safetensors");

    @TempDir
    private Path folder;

    @Test
    void patchingByHeadEqualsTheGoldenArray() {
        var run = folder.resolve("run");
        var json = CommandRun.of(
                        "sweep",
                        TINY,
                        "--pairs",
                        TINY_PAIRS,
                        "--site",
                        "z",
                        "--by",
                        "layer,head",
                        "--out",
                        run,
                        "--json")
                .json();
        assertEquals(
                Set.of(
                        "run",
                        "status",
                        "pairs",
                        "patches",
                        "seconds",
                        "seconds_base",
                        "seconds_load",
                        "patches_per_second",
                        "rows_planned",
                        "rows_skipped",
                        "rows_merged",
                        "rows_executed",
                        "audit_error",
                        "device",
                        "numerics"),
                json.keySet());
        assertEquals(new Json.Numeral("96"), json.get("patches"));
        assertEquals(new Json.Numeral("0.0"), json.get("audit_error"), "1 % of the patches, recomputed");
        try (var golden = SafetensorsFile.open(ARRAYS);
                var found = SafetensorsFile.open(run.resolve("effects.safetensors"))) {
            float[] expected = golden.floats("patch.denoise.z.all_pos.norm");
            float[] restored = found.floats("restored");
            for (int cell = 0; cell < expected.length; cell++) {
                assertEquals(expected[cell], restored[cell], 1e-4);
            }
            assertEquals(List.of(6L, 4L, 4L), found.tensor("patched").shape());
        }
        assertTrue(Files.exists(run.resolve("summary.json")));
        assertTrue(Files.exists(run.resolve("effects.csv")));
    }

    @Test
    void thePlanIsExplainedAndNothingRuns() {
        var run = folder.resolve("none");
        var said = CommandRun.of(
                        "sweep",
                        TINY,
                        "--pairs",
                        TINY_PAIRS,
                        "--site",
                        "z",
                        "--by",
                        "layer,head",
                        "--out",
                        run,
                        "--explain")
                .succeeds()
                .out();
        assertTrue(said.contains("96 patches") && said.contains("floor") && said.contains("time left"), said);
        assertFalse(Files.exists(run));
        CommandRun.of(
                        "sweep",
                        TINY,
                        "--pairs",
                        TINY_PAIRS,
                        "--site",
                        "z",
                        "--by",
                        "layer",
                        "--out",
                        run,
                        "--audit",
                        "-2")
                .isRefused("--audit", "-2");
    }

    @Test
    void everyMethodAndMetricRuns() throws IOException {
        var heads = Files.writeString(folder.resolve("heads"), "# two heads\n0.1\n2.2\n");
        var sets = Files.writeString(folder.resolve("sets"), "0.1 2.2\n3.0\n");
        int number = 0;
        for (var options : List.of(
                List.of("--method", "zero", "--metric", "kl"),
                List.of("--method", "mean", "--mean-skip-first", "--metric", "prob_diff"),
                List.of("--method", "mean-pos", "--reference", "corrupted", "--metric", "rank"),
                List.of("--method", "resample", "--draws", "2", "--metric", "log_prob"),
                List.of("--method", "add", "--value", "0.5", "--metric", "margin"),
                List.of("--method", "scale", "--value", "0.5", "--metric", "prob"),
                List.of("--method", "mean", "--reference", TINY_PAIRS, "--metric", "logit"),
                List.of("--direction", "noise", "--heads", "@" + heads, "--positions", "END"),
                List.of("--sets", sets.toString(), "--no-skip", "--positions", "-1,2"))) {
            var arguments = new java.util.ArrayList<Object>(List.of(
                    "sweep",
                    TINY,
                    "--pairs",
                    TINY_PAIRS,
                    "--site",
                    "z",
                    "--by",
                    "layer,head",
                    "--out",
                    folder.resolve("run" + number++)));
            arguments.addAll(options);
            CommandRun.of(arguments.toArray()).succeeds();
        }
    }

    @Test
    void aBasisIsProjectedOut() {
        var name = Path.of(TINY, "model.safetensors") + "#" + "transformer.wte.weight";
        CommandRun.of(
                        "sweep",
                        TINY,
                        "--pairs",
                        TINY_PAIRS,
                        "--site",
                        "resid_pre",
                        "--by",
                        "layer",
                        "--method",
                        "project-out",
                        "--basis",
                        name,
                        "--out",
                        folder.resolve("run"))
                .isRefused("basis");
        var vector = Path.of(TINY, "model.safetensors") + "#transformer.ln_f.weight";
        CommandRun.of(
                        "sweep",
                        TINY,
                        "--pairs",
                        TINY_PAIRS,
                        "--site",
                        "resid_pre",
                        "--by",
                        "layer",
                        "--method",
                        "project-out",
                        "--basis",
                        vector,
                        "--metric",
                        "dot:" + vector,
                        "--out",
                        folder.resolve("run"))
                .succeeds();
    }

    @Test
    void generatedPairsAreSweptOverSpans() throws IOException {
        var pairs = folder.resolve("p.jsonl");
        CommandRun.of("data", "ioi", "--n", "4", "--model", "zoo:ioi", "--out", pairs)
                .succeeds();
        assertEquals(4, Files.readAllLines(pairs).size());
        var again = folder.resolve("again.jsonl");
        CommandRun.of("data", "ioi", "--n", "4", "--model", "zoo:ioi", "--out", again)
                .succeeds();
        assertEquals(Files.readString(pairs), Files.readString(again));
        // An empty folder is as good as none.
        Files.createDirectory(folder.resolve("run"));
        var run = CommandRun.of(
                        "sweep",
                        "zoo:ioi",
                        "--pairs",
                        pairs,
                        "--site",
                        "z",
                        "--by",
                        "head,span",
                        "--spans",
                        "S2,END",
                        "--heads",
                        "0.1,2.0",
                        "--out",
                        folder.resolve("run"))
                .succeeds();
        assertTrue(run.out().lines().anyMatch(line -> line.matches("2\\.0 +END +1\\.333 .*")), run.out());
    }

    @Test
    void badSweepsAreRefusedAndLeaveNothingBehind() throws IOException {
        var out = folder.resolve("run");
        refused(out, TINY_PAIRS, "zz", "layer,head", "zz");
        refused(out, TINY_PAIRS, "logits", "pos", "only be read");
        refused(out, TINY_PAIRS, "z", "layer,place", "place");
        refused(out, folder.resolve("no.jsonl").toString(), "z", "layer", "no.jsonl");
        refused(
                out,
                pairs("{\"clean\": [1, 2], \"corrupted\": [1, 2, 3], \"answer\": 4, \"wrong\": 5}"),
                "z",
                "layer",
                "2 tokens and corrupted 3");
        refused(
                out,
                pairs("{\"clean\": [1, 200], \"corrupted\": [1, 2], \"answer\": 4, \"wrong\": 5}"),
                "z",
                "layer",
                "200");
        refused(
                out,
                pairs("{\"clean\": [1, 2], \"corrupted\": [1, 3], \"answer\": {\"tokens\": [4, 5]}, \"wrong\": 5}"),
                "z",
                "layer",
                "1 of 1 pairs");
        refused(
                out,
                pairs("{\"clean\": \"text\", \"corrupted\": [1], \"answer\": 4, \"wrong\": 5}"),
                "z",
                "layer",
                "clean");
        refused(out, TINY_PAIRS, "z", "layer,head", "9.9", "--heads", "9.9");
        refused(out, TINY_PAIRS, "z", "layer,head", "--value", "--method", "scale");
        refused(out, TINY_PAIRS, "z", "layer,head", "--draws", "--draws", "3");
        refused(out, TINY_PAIRS, "z", "layer,head", "loudness", "--metric", "loudness");
        refused(out, TINY_PAIRS, "z", "layer,head", "sideways", "--direction", "sideways");
        CommandRun.of("sweep", TINY, "--site", "z").isRefused("--pairs");
        assertFalse(Files.exists(out));
        Files.createDirectory(out);
        Files.writeString(out.resolve("kept"), "");
        refused(out, TINY_PAIRS, "z", "layer", "exists");
        assertTrue(Files.exists(out.resolve("kept")));
    }

    @Test
    void aFinishedRunIsNotRunAgainAndAnotherSweepDoesNotGoOnWithIt() throws IOException {
        var out = folder.resolve("run");
        Object[] sweep = {"sweep", TINY, "--pairs", TINY_PAIRS, "--site", "z", "--by", "layer,head", "--out", out};
        CommandRun.of(with(sweep, "--resume")).succeeds();
        var first = Files.readAllBytes(out.resolve("summary.json"));
        CommandRun.of(sweep).isRefused("exists");
        // Without its summary the run is not finished.
        Files.delete(out.resolve("summary.json"));
        CommandRun.of(sweep).isRefused("not finished", "--resume");
        CommandRun.of(with(sweep, "--resume", "--metric", "prob_diff", "--seed", "3"))
                .isRefused("metric is prob_diff, was logit_diff", "seed is 3, was 0");
        var json = CommandRun.of(with(sweep, "--resume", "--json")).json();
        assertEquals(new Json.Numeral("0"), json.get("rows_executed"));
        assertArrayEquals(first, Files.readAllBytes(out.resolve("summary.json")));
    }

    private static Object[] with(Object[] arguments, Object... more) {
        return java.util.stream.Stream.concat(java.util.Arrays.stream(arguments), java.util.Arrays.stream(more))
                .toArray();
    }

    private String pairs(String line) throws IOException {
        return Files.writeString(folder.resolve("p.jsonl"), line + "\n").toString();
    }

    private static void refused(Path out, String pairs, String site, String axes, String word, String... more) {
        var arguments = new java.util.ArrayList<Object>(
                List.of("sweep", TINY, "--pairs", pairs, "--site", site, "--by", axes, "--out", out));
        arguments.addAll(List.of(more));
        CommandRun.of(arguments.toArray()).isRefused(word);
    }

    @Test
    void dataRefusesWhatItCannotMake() {
        var out = folder.resolve("p.jsonl");
        CommandRun.of("data", "poems", "--n", "4", "--model", "zoo:ioi", "--out", out)
                .isRefused("poems", "ioi");
        CommandRun.of("data", "ioi", "--n", "0", "--model", "zoo:ioi", "--out", out)
                .isRefused("0");
        CommandRun.of("data", "ioi", "--n", "4", "--model", TINY, "--out", out).isRefused("tokenizer");
        CommandRun.of("data", "ioi", "--n", "4", "--model", "zoo:facts", "--out", out)
                .isRefused("zoo:ioi");
        assertFalse(Files.exists(out));
    }

    @Test
    void theDemoFindsTheKnownCircuit() throws IOException {
        var run = CommandRun.of("demo", "--n", "2", "--out", folder.resolve("demo-out"))
                .succeeds();
        assertTrue(run.out().contains("logit difference 1.500"), run.out());
        var heads = Files.readString(folder.resolve("demo-out/heads.json"), StandardCharsets.UTF_8);
        for (String name : List.of("0.1", "1.1", "2.0", "2.1", "3.1")) {
            assertTrue(heads.contains("\"head\":\"" + name + "\""), heads);
        }
        assertEquals(5, heads.split("\"head\":", -1).length - 1, heads);
        assertTrue(
                run.out().lines().anyMatch(line -> line.matches("2\\.0 +name mover +8 +1\\.333 +-1\\.300")), run.out());
        // A second demo replaces the first.
        CommandRun.of("demo", "--n", "2", "--out", folder.resolve("demo-out"), "--json")
                .json();
    }
}
