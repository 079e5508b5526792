package dev.patchbay.model.run;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.model.checkpoint.ChildJava;
import dev.patchbay.model.checkpoint.StoredType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Loading needs little memory beyond the device's copy: at most 1.2 times the largest tensor. The checkpoint is a sparse file,
 * so it takes no room on the disk; {@code -Dpatchbay.test.checkpoint.layers=N} makes it larger, 16 MiB of float32 a layer.
 */
class BigCheckpointTest {
    private static final int WIDTH = 512;
    private static final int MLP = 2048;
    private static final int VOCABULARY = 32_000;
    private static final int LAYERS = Integer.getInteger("patchbay.test.checkpoint.layers", 8);

    /** What a JVM, its staging buffers and the memory allocator may take besides. */
    private static final long SLACK_KILOBYTES = 24 << 10;

    @TempDir
    Path folder;

    private static Map<String, List<Integer>> shapes() {
        var shapes = new LinkedHashMap<String, List<Integer>>();
        shapes.put("model.embed_tokens.weight", List.of(VOCABULARY, WIDTH));
        for (int layer = 0; layer < LAYERS; layer++) {
            var prefix = "model.layers." + layer + ".";
            for (var name : List.of("q", "k", "v", "o")) {
                shapes.put(prefix + "self_attn." + name + "_proj.weight", List.of(WIDTH, WIDTH));
            }
            shapes.put(prefix + "mlp.gate_proj.weight", List.of(MLP, WIDTH));
            shapes.put(prefix + "mlp.up_proj.weight", List.of(MLP, WIDTH));
            shapes.put(prefix + "mlp.down_proj.weight", List.of(WIDTH, MLP));
            shapes.put(prefix + "input_layernorm.weight", List.of(WIDTH));
            shapes.put(prefix + "post_attention_layernorm.weight", List.of(WIDTH));
        }
        shapes.put("model.norm.weight", List.of(WIDTH));
        shapes.put("lm_head.weight", List.of(VOCABULARY, WIDTH));
        return shapes;
    }

    private static long elements(List<Integer> shape) {
        return shape.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
    }

    /** Writes the header; the data is one hole. */
    private void writeCheckpoint(StoredType type) throws IOException {
        Files.writeString(folder.resolve("config.json"), """
                {"model_type": "llama", "hidden_size": %d, "intermediate_size": %d, "num_hidden_layers": %d, "vocab_size": %d,
                 "num_attention_heads": 8, "num_key_value_heads": 8, "rms_norm_eps": 1e-5, "hidden_act": "silu",
                 "max_position_embeddings": 64, "rope_theta": 10000.0, "tie_word_embeddings": false}
                """.formatted(WIDTH, MLP, LAYERS, VOCABULARY));
        var begin = new long[1];
        var header = shapes().entrySet().stream()
                .map(entry -> {
                    long end = begin[0] + elements(entry.getValue()) * type.bits() / 8;
                    var text = "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
                            .formatted(entry.getKey(), type, entry.getValue(), begin[0], end);
                    begin[0] = end;
                    return text;
                })
                .collect(Collectors.joining(",", "{", "}"))
                .getBytes(StandardCharsets.UTF_8);
        var bytes = ByteBuffer.allocate(8 + header.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(header.length).put(header).flip();
        try (var file = FileChannel.open(
                folder.resolve("model.safetensors"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            file.write(bytes);
            file.write(ByteBuffer.allocate(1), 8 + header.length + begin[0] - 1);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "BF16"})
    void memoryIsTheDevicesCopyAndAboutOneTensor(StoredType type) throws Exception {
        writeCheckpoint(type);
        var line = ChildJava.run("64m", LoadPeak.class, List.of(folder.toString()))
                .getLast()
                .split("\t", -1);
        long peak = Long.parseLong(line[0]);
        long after = Long.parseLong(line[1]);
        long copy = shapes().values().stream()
                        .mapToLong(BigCheckpointTest::elements)
                        .sum()
                * Float.BYTES
                / 1024;
        long largest = (long) VOCABULARY * WIDTH * Float.BYTES / 1024;
        var said =
                "peak %d kB, in the end %d kB, copy %d kB, largest tensor %d kB".formatted(peak, after, copy, largest);
        assertTrue(peak <= copy + largest * 12 / 10 + SLACK_KILOBYTES, said);
        assertTrue(after <= copy + SLACK_KILOBYTES, said);
        // A measurement that saw nothing would prove nothing.
        assertTrue(after > copy * 9 / 10, said);
    }

    @Test
    void theTestIsAboutTensorsThatMatter() {
        assertTrue(SLACK_KILOBYTES * 2 < (long) VOCABULARY * WIDTH * Float.BYTES / 1024);
    }
}
