package dev.patchbay.model.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {
    @TempDir
    Path folder;

    @Test
    void bytesAreThoseOfTheFormat() throws IOException {
        var path = folder.resolve("out.safetensors");
        new SafetensorsWriter()
                .note("z", "é\n")
                .note("a", "1")
                .add("f", List.of(2L, 1L), new float[] {1.5f, Float.NaN})
                .add("c", List.of(), new int[] {-1})
                .add("l", List.of(1L), new long[] {7})
                .write(path);
        var bytes = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
        var header = "{\"__metadata__\":{\"a\":\"1\",\"z\":\"é\\n\"},"
                + "\"l\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]},"
                + "\"c\":{\"dtype\":\"I32\",\"shape\":[],\"data_offsets\":[8,12]},"
                + "\"f\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[12,20]}}";
        int length = (int) bytes.getLong();
        assertEquals(0, length % 8);
        var found = new byte[length];
        bytes.get(found);
        assertEquals(header, new String(found, StandardCharsets.UTF_8).stripTrailing());
        assertEquals(7, bytes.getLong());
        assertEquals(-1, bytes.getInt());
        assertEquals(1.5f, bytes.getFloat());
        assertTrue(Float.isNaN(bytes.getFloat()));
        assertEquals(0, bytes.remaining());
    }

    @Test
    void orderOfAddingDoesNotMatterAndLargeTensorsComeBack() throws IOException {
        int count = (1 << 19) + 3;
        var floats = new float[count];
        var longs = new long[count];
        IntStream.range(0, count).forEach(at -> {
            floats[at] = at * 0.5f;
            longs[at] = -at;
        });
        var one = folder.resolve("one");
        var other = folder.resolve("other");
        var shape = List.of((long) count);
        new SafetensorsWriter()
                .add("a", shape, floats)
                .add("b", shape, longs)
                .note("k", "v")
                .note("j", "w")
                .write(one);
        new SafetensorsWriter()
                .note("j", "w")
                .note("k", "v")
                .add("b", shape, longs)
                .add("a", shape, floats)
                .write(other);
        assertEquals(-1, Files.mismatch(one, other));
        try (var file = SafetensorsFile.open(one)) {
            assertArrayEquals(floats, file.floats("a"));
            assertArrayEquals(longs, file.integers("b"));
            assertEquals(Map.of("j", "w", "k", "v"), file.metadata());
        }
    }

    @Test
    void replacesWholeFilesAndLeavesNothingElse() throws IOException {
        var path = folder.resolve("out.safetensors");
        for (float value : new float[] {1, 2}) {
            new SafetensorsWriter().add("a", List.of(1L), new float[] {value}).write(path);
        }
        try (var file = SafetensorsFile.open(path);
                var entries = Files.list(folder)) {
            assertArrayEquals(new float[] {2}, file.floats("a"));
            assertEquals(List.of(path), entries.toList());
        }
    }

    @Test
    void failureLeavesNothing() throws IOException {
        var taken = folder.resolve("taken");
        Files.createDirectories(taken.resolve("full"));
        var message = Golden.refusal(() -> new SafetensorsWriter().write(taken));
        assertTrue(message.contains("cannot be written"), message);
        try (var entries = Files.list(folder)) {
            assertEquals(List.of(taken), entries.toList());
        }
        Golden.refusal(
                () -> new SafetensorsWriter().write(folder.resolve("absent").resolve("x")));
    }

    @Test
    void shapesAndNamesAreChecked() {
        var writer = new SafetensorsWriter().add("a", List.of(2L), new float[2]);
        assertThrows(IllegalArgumentException.class, () -> writer.add("a", List.of(1L), new float[1]));
        assertThrows(IllegalArgumentException.class, () -> writer.add("b", List.of(3L), new float[2]));
        assertThrows(IllegalArgumentException.class, () -> writer.add("__metadata__", List.of(), new int[1]));
    }
}
