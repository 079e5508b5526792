package dev.patchbay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The reader for Python prints what the sweep found with its labels, from every file that numpy can read. */
class PythonReaderTest {
    @TempDir
    private Path folder;

    private int python(String... arguments) throws IOException, InterruptedException {
        var command = new java.util.ArrayList<>(List.of("python3"));
        command.addAll(List.of(arguments));
        try {
            var process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("python").toFile())
                    .start();
            assertTrue(process.waitFor(2, TimeUnit.MINUTES));
            return process.exitValue();
        } catch (IOException absent) {
            return -1;
        }
    }

    @Test
    void theReaderPrintsTheStrongestCellsOfEveryFormat() throws IOException, InterruptedException {
        assumeTrue(python("-c", "import numpy") == 0, "skipped: no python3 with numpy here");
        var pairs = folder.resolve("p.jsonl");
        CommandRun.of("data", "ioi", "--n", "4", "--model", "zoo:ioi", "--out", pairs)
                .succeeds();
        var run = folder.resolve("run");
        CommandRun.of("sweep", "zoo:ioi", "--pairs", pairs, "--site", "z", "--by", "layer,head", "--out", run)
                .succeeds();
        var read = List.of(
                run,
                exported(run, "safetensors", "run.safetensors"),
                exported(run, "npz", "run.npz"),
                exported(run, "npy", "arrays"));
        List<String> first = List.of();
        for (Path path : read) {
            int code = python("../examples/python/patchbay_read.py", path.toString());
            var printed = Files.readAllLines(folder.resolve("python"));
            assertEquals(0, code, printed::toString);
            assertEquals("layer\thead\teffect\tlow\thigh", printed.getFirst());
            assertTrue(printed.get(1).startsWith("2\t0\t1.333"), printed::toString);
            first = first.isEmpty() ? printed : first;
            assertEquals(first, printed, path::toString);
        }
    }

    private Path exported(Path run, String format, String name) {
        var out = folder.resolve(name);
        CommandRun.of("export", run, "--format", format, "--out", out).succeeds();
        return out;
    }
}
