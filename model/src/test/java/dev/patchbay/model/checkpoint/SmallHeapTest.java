package dev.patchbay.model.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import dev.patchbay.device.Device;
import dev.patchbay.model.InputException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hostile files cost little: every golden one under 50 ms in one warm process whose heap is 256 MB. */
class SmallHeapTest {
    private static final long MOST_MICROSECONDS = 50_000;
    private static final int HEADER = 30_000_000;

    @TempDir
    Path folder;

    record Line(String name, long microseconds, String said) {}

    /** Runs {@link SmallHeap} in a process with this heap. */
    private static List<Line> run(String heap, Path... files) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                "-cp",
                Stream.of(SmallHeap.class, InputException.class, Device.class, JsonFactory.class)
                        .map(SmallHeapTest::place)
                        .collect(Collectors.joining(":")),
                SmallHeap.class.getName(),
                Golden.path("bad").toString()));
        Stream.of(files).map(Path::toString).forEach(command::add);
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output.lines()
                .map(line -> line.split("\t", 3))
                .map(parts -> new Line(parts[0], Long.parseLong(parts[1]), parts[2]))
                .toList();
    }

    /** The folder or jar that a class was read from. */
    private static String place(Class<?> type) {
        var name = type.getName().replace('.', '/') + ".class";
        try {
            var url =
                    Objects.requireNonNull(type.getResource("/" + name)).toURI().toString();
            var whole = url.substring(0, url.length() - name.length());
            return whole.startsWith("jar:")
                    ? whole.substring("jar:file:".length(), whole.length() - "!/".length())
                    : whole.substring("file:".length());
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Test
    void everyGoldenFileAndFolderIsJudgedQuickly() throws Exception {
        var lines = run("256m");
        assertTrue(lines.size() > 100, lines.size() + " files");
        var slow = lines.stream()
                .filter(line -> line.microseconds() >= MOST_MICROSECONDS)
                .toList();
        assertTrue(slow.isEmpty(), slow.toString());
        for (var line : lines) {
            assertTrue(line.said().equals("accepted") || line.said().length() < 1000, line.toString());
        }
        var folders = Golden.cases("models/", "").stream()
                .filter(Golden.Case::isRefused)
                .count();
        var files = Golden.cases("", ".safetensors").stream()
                .filter(Golden.Case::isRefused)
                .count();
        // The folder that is only the target of a path has no configuration.
        assertEquals(
                folders + files + 1,
                lines.stream().filter(line -> !line.said().equals("accepted")).count());
    }

    @Test
    void aLargeHeaderNeedsThreeTimesItsSize() throws Exception {
        var header = new StringBuilder(HEADER).append('{');
        int tensors = 0;
        while (header.length() < HEADER - 200) {
            var name = "layers." + tensors++ + ".a.name.of.the.usual.length.weight";
            header.append('"').append(name).append("\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]},");
        }
        header.setCharAt(header.length() - 1, '}');
        var file = folder.resolve("large");
        Scratch.safetensors(file, header.toString(), new byte[1]);
        var line = run("90m", file).getFirst();
        assertTrue(line.said().contains("[E-ST-LENGTH]"), line.toString());
        Files.delete(file);
    }
}
