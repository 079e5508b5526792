package dev.patchbay.model.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import dev.patchbay.model.InputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes a safetensors file: the same tensors and notes give the same bytes, in whatever order they were added. The file
 * appears whole under its name or not at all. For one thread.
 */
public final class SafetensorsWriter {
    private static final int CHUNK = 1 << 20;

    private final Map<String, Entry> entries = new TreeMap<>();
    private final Map<String, String> metadata = new TreeMap<>();

    /** Copies elements to the start of a little-endian buffer. */
    private interface Copy {
        void elements(int begin, int count, ByteBuffer out);
    }

    private record Entry(StoredType type, List<Long> shape, int count, Copy copy) {
        long bytes() {
            return (long) count * type.bits() / 8;
        }
    }

    /** A file with nothing in it yet. */
    public SafetensorsWriter() {}

    /** Adds a note. */
    public SafetensorsWriter note(String key, String value) {
        metadata.put(key, value);
        return this;
    }

    /** Adds an F32 tensor; the array must not change until the file is written. */
    public SafetensorsWriter add(String name, List<Long> shape, float[] values) {
        return add(
                name,
                new Entry(
                        StoredType.F32,
                        List.copyOf(shape),
                        values.length,
                        (begin, count, out) -> out.asFloatBuffer().put(values, begin, count)));
    }

    /** Adds an I32 tensor; the array must not change until the file is written. */
    public SafetensorsWriter add(String name, List<Long> shape, int[] values) {
        return add(
                name,
                new Entry(
                        StoredType.I32,
                        List.copyOf(shape),
                        values.length,
                        (begin, count, out) -> out.asIntBuffer().put(values, begin, count)));
    }

    /** Adds an I64 tensor; the array must not change until the file is written. */
    public SafetensorsWriter add(String name, List<Long> shape, long[] values) {
        return add(
                name,
                new Entry(
                        StoredType.I64,
                        List.copyOf(shape),
                        values.length,
                        (begin, count, out) -> out.asLongBuffer().put(values, begin, count)));
    }

    /** Adds a U8 tensor; the array must not change until the file is written. */
    public SafetensorsWriter add(String name, List<Long> shape, byte[] values) {
        return add(
                name,
                new Entry(
                        StoredType.U8,
                        List.copyOf(shape),
                        values.length,
                        (begin, count, out) -> out.duplicate().put(values, begin, count)));
    }

    private SafetensorsWriter add(String name, Entry entry) {
        long elements = entry.shape().stream().reduce(1L, Math::multiplyExact);
        if (elements != entry.count()) {
            throw new IllegalArgumentException(
                    "tensor " + name + ": shape " + entry.shape() + " with " + entry.count() + " values");
        }
        if (name.equals("__metadata__") || entries.putIfAbsent(name, entry) != null) {
            throw new IllegalArgumentException("tensor " + name + ": the name is taken");
        }
        return this;
    }

    /**
     * Writes the file, replacing one of that name: under a temporary name beside it, forced to the disk, then renamed.
     *
     * @throws InputException where the place cannot be written; nothing is left behind
     */
    public void write(Path path) {
        WholeFile.write(path, this::writeTo);
    }

    /** Widest elements first, then by name, so that every tensor is aligned to its elements. */
    private List<Map.Entry<String, Entry>> inOrder() {
        return entries.entrySet().stream()
                .sorted(Comparator.comparingInt(
                        entry -> -entry.getValue().type().bits()))
                .toList();
    }

    private byte[] header() throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var json = new JsonFactory().createGenerator(bytes)) {
            json.writeStartObject();
            if (!metadata.isEmpty()) {
                json.writeObjectFieldStart("__metadata__");
                for (var note : metadata.entrySet()) {
                    json.writeStringField(note.getKey(), note.getValue());
                }
                json.writeEndObject();
            }
            long begin = 0;
            for (var named : inOrder()) {
                var entry = named.getValue();
                json.writeObjectFieldStart(named.getKey());
                json.writeStringField("dtype", entry.type().name());
                json.writeFieldName("shape");
                var shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
                json.writeArray(shape, 0, shape.length);
                json.writeFieldName("data_offsets");
                json.writeArray(new long[] {begin, begin + entry.bytes()}, 0, 2);
                json.writeEndObject();
                begin += entry.bytes();
            }
            json.writeEndObject();
        }
        var text = bytes.toByteArray();
        var padded = Arrays.copyOf(text, Math.ceilDiv(text.length, 8) * 8);
        Arrays.fill(padded, text.length, padded.length, (byte) ' ');
        return padded;
    }

    private void writeTo(FileChannel channel) throws IOException {
        var header = header();
        var buffer = ByteBuffer.allocateDirect(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
        drain(buffer.putLong(header.length), channel);
        for (int at = 0; at < header.length; at += CHUNK) {
            drain(buffer.put(header, at, Math.min(CHUNK, header.length - at)), channel);
        }
        for (var named : inOrder()) {
            var entry = named.getValue();
            int most = CHUNK / (entry.type().bits() / 8);
            for (int at = 0; at < entry.count(); at += most) {
                int count = Math.min(most, entry.count() - at);
                entry.copy().elements(at, count, buffer);
                drain(buffer.position(count * (entry.type().bits() / 8)), channel);
            }
        }
    }

    private static void drain(ByteBuffer buffer, FileChannel channel) throws IOException {
        buffer.flip();
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        buffer.clear();
    }
}
