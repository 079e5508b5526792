package dev.patchbay.model.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** Files that tests make. */
final class Scratch {
    private Scratch() {}

    /** A safetensors file of a header and data as given. */
    static Path safetensors(Path path, String header, byte[] data) {
        var json = header.getBytes(StandardCharsets.UTF_8);
        var bytes = ByteBuffer.allocate(8 + json.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(json.length).put(json).put(data);
        var whole = new byte[bytes.capacity()];
        bytes.get(0, whole);
        return write(path, whole);
    }

    /** A safetensors file with one tensor {@code x} of that type and rank 1. */
    static Path one(Path path, String type, int elements, ByteBuffer data) {
        var bytes = new byte[data.capacity()];
        data.get(0, bytes);
        return safetensors(
                path,
                "{\"x\":{\"dtype\":\"%s\",\"shape\":[%s],\"data_offsets\":[0,%s]}}"
                        .formatted(type, elements, bytes.length),
                bytes);
    }

    static ByteBuffer littleEndian(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The tensors of a golden model, as a map that can be changed. */
    static Map<String, Values> tensors(Path model) {
        try (var file = SafetensorsFile.open(model.resolve("model.safetensors"))) {
            var tensors = new TreeMap<String, Values>();
            file.tensors()
                    .forEach((name, tensor) ->
                            tensors.put(name, new Values(tensor.shape(), List.of(file.floats(name)))));
            return tensors;
        }
    }

    /** A shape and its values. */
    record Values(List<Long> shape, List<float[]> only) {
        float[] floats() {
            return only.getFirst();
        }
    }

    /** Writes tensors to a file. */
    static void write(Path path, Map<String, Values> tensors) {
        var writer = new SafetensorsWriter();
        tensors.forEach((name, values) -> writer.add(name, values.shape(), values.floats()));
        writer.write(path);
    }

    /** Copies a golden configuration, changed. */
    static void config(Path model, Path folder, UnaryOperator<String> change) {
        write(folder.resolve("config.json"), change.apply(read(model.resolve("config.json"))));
    }

    static String read(Path path) {
        try {
            return Files.readString(path);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    static Path write(Path path, String text) {
        return write(path, text.getBytes(StandardCharsets.UTF_8));
    }

    static Path write(Path path, byte[] bytes) {
        try {
            Files.createDirectories(path.toAbsolutePath().getParent());
            return Files.write(path, bytes);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
