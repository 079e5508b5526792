package dev.patchbay.bench.gpu;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A program started in a process of its own, so that a device that is lost or hangs takes only its stage with it. What it
 * prints goes to a file.
 *
 * @param folder it runs in
 * @param log where what it prints goes
 * @param seconds it may take
 */
record Child(Path folder, Path log, long seconds) {
    private static final int LAST_LINES = 3;

    /** How a child ended: its exit status, or a reason that it has none. */
    record Ended(int status, boolean late) {}

    /** The command line of a Java program with this process's class path and Java. */
    static List<String> java(String device, Class<?> program, List<String> arguments) {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx6g",
                "-XX:+UseSerialGC",
                "-ea",
                "--enable-native-access=ALL-UNNAMED",
                "-Dpatchbay.test.devices=" + device,
                "-Dpatchbay.golden="
                        + Path.of("model/src/test/resources/golden").toAbsolutePath(),
                "-cp",
                absolute(System.getProperty("java.class.path")),
                program.getName()));
        command.addAll(arguments);
        return command;
    }

    private static String absolute(String path) {
        return String.join(
                File.pathSeparator,
                List.of(path.split(File.pathSeparator, -1)).stream()
                        .map(each -> Path.of(each).toAbsolutePath().toString())
                        .toList());
    }

    /** Runs it to its end, or to the end of its time. */
    Ended run(List<String> command) {
        try {
            var process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            var end = new Thread(process::destroyForcibly);
            Runtime.getRuntime().addShutdownHook(end);
            process.getOutputStream().close();
            boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
            if (!ended) {
                process.destroyForcibly().waitFor();
            }
            Runtime.getRuntime().removeShutdownHook(end);
            return new Ended(ended ? process.exitValue() : -1, !ended);
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot start " + command.getFirst(), failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", interrupted);
        }
    }

    /** What it printed. */
    String output() {
        try {
            return Files.readString(log);
        } catch (MalformedInputException binary) {
            return read();
        } catch (IOException absent) {
            return "";
        }
    }

    private String read() {
        try {
            return Files.readString(log, StandardCharsets.ISO_8859_1);
        } catch (IOException failure) {
            return "";
        }
    }

    /** The end of what it printed, on one line. */
    String lastWords() {
        var lines = output().lines().filter(line -> !line.isBlank()).toList();
        return String.join(" | ", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
    }
}
