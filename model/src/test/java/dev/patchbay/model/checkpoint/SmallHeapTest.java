package dev.patchbay.model.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hostile files cost little: every golden one under 50 ms in one warm process whose heap is 256 MB. */
class SmallHeapTest {
    private static final long MOST_MICROSECONDS = 50_000;
    private static final int HEADER = 25_000_000;

    @TempDir
    Path folder;

    record Line(String name, long microseconds, String said) {}

    /** Runs {@link SmallHeap} in a process with this heap. */
    private static List<Line> run(String heap, Path... files) throws IOException, InterruptedException {
        var arguments = Stream.concat(Stream.of(Golden.path("bad")), Stream.of(files))
                .map(Path::toString)
                .toList();
        return ChildJava.run(heap, SmallHeap.class, arguments).stream()
                .map(line -> line.split("\t", 3))
                .map(parts -> new Line(parts[0], Long.parseLong(parts[1]), parts[2]))
                .toList();
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
    void aLargeHeaderNeedsAboutThreeTimesItsSize() throws Exception {
        var header = new StringBuilder(HEADER).append('{');
        int tensors = 0;
        while (header.length() < HEADER - 200) {
            var name = "layers." + tensors++ + ".a.name.of.the.usual.length.weight";
            header.append('"').append(name).append("\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]},");
        }
        header.setCharAt(header.length() - 1, '}');
        var file = folder.resolve("large");
        Scratch.safetensors(file, header.toString(), new byte[1]);
        var line = run("100m", file).getFirst();
        assertTrue(line.said().contains("[E-ST-LENGTH]"), line.toString());
        Files.delete(file);
    }
}
