package dev.patchbay.model.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.model.InputCode;
import dev.patchbay.model.InputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every kind of fault of a checkpoint is refused with the code of its reason, at the end of one line. */
class StatedFaultsTest {
    @TempDir
    Path folder;

    /** Files by the code they are refused with. */
    private static final List<List<String>> FILES = List.of(
            List.of("E-ST-SHORT", "empty", "seven-bytes"),
            List.of("E-ST-HEADER", "n-2p63", "n-2p64-minus-1", "n-100mb-plus-1", "n-larger-than-file"),
            List.of("E-ST-JSON", "header-not-utf8", "header-not-json", "header-deep-nesting", "header-lone-surrogate"),
            List.of("E-ST-JSON", "n-zero", "header-bom", "header-nul-padding", "entry-array-form", "missing-shape"),
            List.of(
                    "E-ST-DUP",
                    "dup-name-same-range",
                    "dup-name-escaped",
                    "dup-name-other-dtype",
                    "dup-metadata-block"),
            List.of("E-ST-DUP", "dup-field-in-entry"),
            List.of("E-ST-OFFSET", "offset-overlap", "offset-hole", "offset-reversed", "offset-first-not-zero"),
            List.of("E-ST-OFFSET", "offset-negative", "three-offsets", "offset-same-range", "many-names-one-range"),
            List.of("E-ST-LENGTH", "truncated-by-1", "trailing-1-byte", "offset-past-end"),
            List.of("E-ST-SHAPE", "shape-overflow", "shape-overflow-wraps-to-16", "dim-negative", "dim-float"),
            List.of("E-ST-SHAPE", "dim-2p64", "shape-zero-then-huge", "rank-9", "f4-odd-count", "dim-exponent"),
            List.of("E-ST-DTYPE", "dtype-unknown", "dtype-lower-case"),
            List.of("E-ST-NAME", "name-2000-bytes"),
            List.of("E-ST-VALUE", "bool-value-2"));

    private static final List<List<String>> FOLDERS = List.of(
            List.of("E-IDX-PATH", "index-path-traversal", "index-absolute-path", "index-backslash-path"),
            List.of("E-IDX-SET", "index-missing-shard", "index-tensor-in-two-shards", "index-ghost-tensor"),
            List.of("E-IDX-SET", "index-unlisted-tensor", "index-wrong-total-size"),
            List.of("E-IDX-JSON", "index-duplicate-key"),
            List.of("E-FMT-PICKLE", "pickle-only"),
            List.of("E-W-SET", "weights-missing-tensor", "weights-extra-tensor", "weights-wrong-shape", "no-weights"),
            List.of("E-W-SET", "weights-transposed", "config-vocab-mismatch"),
            List.of("E-W-NAN", "weights-nan"),
            List.of("E-ST-DTYPE", "weights-int-dtype"),
            List.of("E-W-LAYERS", "config-more-layers-than-file", "config-fewer-layers-than-file"),
            List.of("E-W-TIE", "config-tied-but-other-head"),
            List.of("E-CFG", "config-heads-not-dividing-hidden", "config-kv-not-dividing-heads", "config-not-json"),
            List.of("E-CFG-UNSUPPORTED", "config-unknown-model-type", "config-unknown-rope-type", "config-quantized"),
            List.of("E-CFG-ROPE", "config-rope-conflict"));

    private static void refused(String code, Runnable attempt) {
        var refusal = assertThrows(InputException.class, attempt::run);
        assertEquals(code, refusal.code().map(InputCode::label).orElse("none"), refusal.toString());
        var message = String.valueOf(refusal.getMessage());
        assertTrue(message.endsWith(" [" + code + "]") && message.lines().count() == 1, message);
    }

    private static Stream<DynamicTest> tests(List<List<String>> cases, BiConsumer<String, String> test) {
        return cases.stream()
                .flatMap(row -> row.stream()
                        .skip(1)
                        .map(name -> DynamicTest.dynamicTest(
                                row.getFirst() + " " + name, () -> test.accept(row.getFirst(), name))));
    }

    @TestFactory
    Stream<DynamicTest> files() {
        return tests(
                FILES,
                (code, name) -> refused(code, () -> {
                    try (var file = SafetensorsFile.open(Golden.path("bad", name + ".safetensors"))) {
                        file.tensors().keySet().forEach(file::bytes);
                    }
                }));
    }

    @TestFactory
    Stream<DynamicTest> folders() {
        return tests(FOLDERS, (code, name) -> refused(code, () -> openAndVerify(Golden.path("bad", "models", name))));
    }

    private static void openAndVerify(Path path) {
        try (var model = ModelFolder.open(path)) {
            model.verify();
        }
    }

    @Test
    void faultsOfJsonSayTheirByte() {
        var message = Golden.refusal(() -> SafetensorsHeader.parse(
                "{\"\u20ac\u20ac\":\"\ud83d\ude00\",?".getBytes(StandardCharsets.UTF_8), 0, "x"));
        // Behind the string: 1 + 8 + 1 + 6 bytes of 10 characters.
        assertTrue(message.contains("(near byte 16)"), message);
        var bytes = "{\"abc\": 1}".getBytes(StandardCharsets.UTF_8);
        bytes[3] = (byte) 0xff;
        message = Golden.refusal(() -> SafetensorsHeader.parse(bytes, 0, "x"));
        assertTrue(message.contains("not UTF-8 text (at byte 3)"), message);
    }

    @Test
    void pickleIsRefusedBeforeItIsOpened() throws Exception {
        var pickle = folder.resolve("pytorch_model.bin");
        assertEquals(0, new ProcessBuilder("mkfifo", pickle.toString()).start().waitFor());
        // Opening the pipe would wait forever.
        refused("E-FMT-PICKLE", () -> ModelFolder.open(pickle).close());
    }

    @Test
    void notARegularFileIsNotOpened() throws Exception {
        Scratch.config(Golden.path("families", "llama2"), folder, text -> text);
        var weights = folder.resolve("model.safetensors");
        assertEquals(0, new ProcessBuilder("mkfifo", weights.toString()).start().waitFor());
        refused("E-IDX-PATH", () -> ModelFolder.open(folder).close());
        Files.delete(weights);
        Files.createDirectory(weights);
        refused("E-IDX-PATH", () -> ModelFolder.open(folder).close());
    }

    @Test
    void aFileThatChangesIsNoticed() throws Exception {
        for (var name : List.of("config.json", "model.safetensors")) {
            Files.copy(Golden.path("families", "llama2").resolve(name), folder.resolve(name));
        }
        try (var model = ModelFolder.open(folder)) {
            var weights = folder.resolve("model.safetensors");
            var whole = Files.readAllBytes(weights);
            Files.write(weights, Arrays.copyOf(whole, whole.length / 2));
            refused("E-IO-CHANGED", model::verify);
            Files.delete(weights);
            refused("E-IO-CHANGED", model::verify);
        }
    }

    @Test
    void codeOfACheckpointIsNeverRun() {
        var golden = Golden.path("families", "llama2");
        Scratch.config(
                golden, folder, text -> text.replaceFirst("\\{", "{\"auto_map\": {\"AutoModel\": \"evil.Model\"},"));
        Scratch.write(folder.resolve("evil.py"), "raise SystemExit");
        refused("E-CFG-UNSUPPORTED", () -> ModelFolder.open(folder).close());
    }

    @Test
    void millionsOfTensorsOnOneRangeAreRefusedEarly() {
        var header = new StringBuilder("{");
        for (int at = 0; at < 500_000; at++) {
            header.append("\"t")
                    .append(at)
                    .append("\":{\"dtype\":\"F32\",\"shape\":[40000],\"data_offsets\":[0,160000]},");
        }
        header.setCharAt(header.length() - 1, '}');
        var file = Scratch.safetensors(folder.resolve("many"), header.toString(), new byte[160_000]);
        long begin = System.nanoTime();
        refused("E-ST-OFFSET", () -> SafetensorsFile.open(file).close());
        assertTrue(System.nanoTime() - begin < 1_000_000_000L);
    }
}
