package dev.patchbay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.model.checkpoint.Json;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command and the library in processes of their own. */
class LauncherTest {
    @TempDir
    private Path folder;

    private record Ended(int code, String out, String err) {}

    private Ended start(List<String> command) throws IOException, InterruptedException {
        var out = folder.resolve("out");
        var err = folder.resolve("err");
        var process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        assertTrue(process.waitFor(3, TimeUnit.MINUTES), () -> command + " did not end");
        return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** Every class of this test run, as an embedding program has it: on the class path. */
    static String classPath() {
        return Arrays.stream((System.getProperty("jdk.module.path", "")
                                + File.pathSeparator
                                + System.getProperty("java.class.path", ""))
                        .split(File.pathSeparator))
                .filter(entry -> !entry.isBlank())
                .distinct()
                .collect(Collectors.joining(File.pathSeparator));
    }

    private Ended command(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(
                List.of(java(), "--enable-native-access=ALL-UNNAMED", "-cp", classPath(), "dev.patchbay.cli.Main"));
        command.addAll(List.of(arguments));
        return start(command);
    }

    @Test
    void theLibraryInTenLinesCompilesAndRunsWithTheOneFlag() throws IOException, InterruptedException {
        var ended = start(List.of(
                java(),
                "--enable-native-access=ALL-UNNAMED",
                "--illegal-native-access=deny",
                "-cp",
                classPath(),
                "../examples/TenLines.java",
                CommandRun.TINY,
                CommandRun.TINY_PAIRS));
        assertEquals(0, ended.code(), ended::toString);
        assertEquals("", ended.err());
        assertEquals(16, ended.out().lines().count(), ended::out);
        assertTrue(ended.out().startsWith("head 0.0 "), ended::out);
    }

    @Test
    void theReadmeShowsTheTenLinesThatAreCompiled() throws IOException {
        var readme = Files.readString(Path.of("../README.md"));
        var example = Files.readString(Path.of("../examples/TenLines.java"));
        var shown = readme.substring(
                readme.indexOf("```java\n") + 8, readme.indexOf("```", readme.indexOf("```java\n") + 8));
        assertEquals(10, shown.lines().count());
        for (String line : shown.lines().toList()) {
            assertTrue(example.contains(line.strip()), line);
        }
    }

    @Test
    void aProcessEndsWithTheExitCodeAndOneLine() throws IOException, InterruptedException {
        var bad = command("info", "no/such/folder");
        assertEquals(2, bad.code());
        assertEquals(1, bad.err().lines().count(), bad::err);
        assertEquals("", bad.out());
        var absent = command("generate", "zoo:ioi", "--tokens", "0", "--device", "cuda:999");
        assertEquals(3, absent.code());
        assertEquals(1, absent.err().lines().count(), absent::err);
    }

    @Test
    void aFullHeapIsTheEnvironmentsFault() {
        var err = new java.io.StringWriter();
        int code = Failures.explain(new OutOfMemoryError("Java heap space"), new java.io.PrintWriter(err), false);
        assertEquals(3, code);
        assertTrue(err.toString().contains("-Xmx"), err.toString());
    }

    @Test
    void jsonGoesToStandardOutputInUtf8() throws IOException, InterruptedException {
        var ended = command("info", "zoo:ioi", "--json");
        assertEquals(0, ended.code(), ended::toString);
        assertEquals(1, ended.out().lines().count());
        Json.parse(ended.out().getBytes(StandardCharsets.UTF_8), "standard output");
        assertTrue(ended.out().contains("offset −2"));
    }
}
