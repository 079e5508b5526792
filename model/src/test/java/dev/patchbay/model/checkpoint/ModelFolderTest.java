package dev.patchbay.model.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFolderTest {
    private static final Path LLAMA = Golden.path("families", "llama2");
    private static final Path TIED = Golden.path("families", "llama3-rope-tied");
    private static final Path GPT2 = Golden.path("families", "gpt2");
    private static final Path NEOX = Golden.path("families", "gpt_neox-par");

    @TempDir
    Path folder;

    /** A model in {@link #folder} with these tensors. */
    private ModelFolder made(Path golden, Map<String, Scratch.Values> tensors) {
        Scratch.config(golden, folder, UnaryOperator.identity());
        Scratch.write(folder.resolve("model.safetensors"), tensors);
        return ModelFolder.open(folder);
    }

    private static float[] floats(Map<String, Scratch.Values> tensors, String name) {
        return Objects.requireNonNull(tensors.get(name)).floats();
    }

    private static void assertSameNumbers(ModelFolder one, ModelFolder other) {
        assertEquals(one.architecture(), other.architecture());
        assertEquals(one.weights().sources().keySet(), other.weights().sources().keySet());
        for (var name : one.weights().sources().keySet()) {
            assertArrayEquals(one.assemble(name).values(), other.assemble(name).values(), name);
        }
    }

    @Test
    void shardedIsBitEqualToSingle() {
        try (var single = ModelFolder.open(Golden.path("bad", "models", "control-single"));
                var sharded = ModelFolder.open(Golden.path("bad", "models", "control-sharded"))) {
            assertSameNumbers(single, sharded);
            assertNotEquals(single.digest(), sharded.digest());
        }
    }

    @Test
    void digestIsOfContentAndNotOfPlace() {
        try (var here = made(LLAMA, Scratch.tensors(LLAMA))) {
            var digest = here.digest();
            assertEquals(digest, here.digest());
            Scratch.config(LLAMA, folder, text -> text + "\n");
            try (var other = ModelFolder.open(folder)) {
                assertNotEquals(digest, other.digest());
            }
            Scratch.config(LLAMA, folder, UnaryOperator.identity());
            var changed = Scratch.tensors(LLAMA);
            floats(changed, "model.norm.weight")[0] += 1;
            try (var other = made(LLAMA, changed)) {
                assertNotEquals(digest, other.digest());
            }
            try (var again = made(LLAMA, Scratch.tensors(LLAMA))) {
                assertEquals(digest, again.digest());
            }
        }
    }

    @Test
    void gpt2WithoutPrefixAndWithBuffersIsTheSameModel() {
        var tensors = new TreeMap<String, Scratch.Values>();
        Scratch.tensors(GPT2).forEach((name, values) -> tensors.put(name.substring("transformer.".length()), values));
        for (int layer = 0; layer < 3; layer++) {
            tensors.put(
                    "h." + layer + ".attn.bias", new Scratch.Values(List.of(1L, 1L, 2L, 2L), List.of(new float[4])));
            tensors.put("h." + layer + ".attn.masked_bias", new Scratch.Values(List.of(), List.of(new float[1])));
        }
        try (var usual = ModelFolder.open(GPT2);
                var bare = made(GPT2, tensors)) {
            assertSameNumbers(usual, bare);
            assertTrue(
                    bare.notes().getFirst().startsWith("6 stored buffers"),
                    bare.notes().toString());
            assertTrue(usual.notes().isEmpty());
        }
    }

    @Test
    void bufferOfALayerThatIsNotThereIsNoBuffer() {
        var tensors = Scratch.tensors(GPT2);
        tensors.put("transformer.h.3.attn.bias", new Scratch.Values(List.of(1L), List.of(new float[1])));
        assertTrue(Golden.refusal(() -> made(GPT2, tensors).close()).contains("holds 4"));
    }

    @Test
    void headMayBeStoredWhereItIsTiedAndMustThenBeEqual() {
        var tensors = Scratch.tensors(TIED);
        var embedding = Objects.requireNonNull(tensors.get("model.embed_tokens.weight"));
        var copy = embedding.floats().clone();
        tensors.put("lm_head.weight", new Scratch.Values(embedding.shape(), List.of(copy)));
        try (var model = made(TIED, tensors)) {
            assertTrue(
                    model.notes().getFirst().contains("equals"), model.notes().toString());
        }
        copy[7] = Math.nextUp(copy[7]);
        assertTrue(Golden.refusal(() -> made(TIED, tensors).close()).contains("their values differ"));
    }

    @Test
    void neoxHeadHasTwoNames() {
        var tensors = Scratch.tensors(NEOX);
        tensors.put("lm_head.weight", Objects.requireNonNull(tensors.remove("embed_out.weight")));
        try (var usual = ModelFolder.open(NEOX);
                var newer = made(NEOX, tensors)) {
            assertSameNumbers(usual, newer);
        }
    }

    @Test
    void fusedRowsOfNeoxAreQueryKeyValueOfEachHead() {
        var tensors = Scratch.tensors(NEOX);
        var name = "gpt_neox.layers.0.attention.query_key_value";
        fillWithPlace(floats(tensors, name + ".weight"), 32);
        fillWithPlace(floats(tensors, name + ".bias"), 1);
        try (var model = made(NEOX, tensors)) {
            int size = 8;
            for (int kind = 0; kind < 3; kind++) {
                var part = "layers.0." + List.of("q", "k", "v").get(kind);
                var weight = model.assemble(part + ".weight");
                assertEquals(List.of(32L, 32L), weight.shape());
                assertTrue(weight.transposed());
                for (int output = 0; output < 32; output++) {
                    int row = output / size * 3 * size + kind * size + output % size;
                    assertEquals(row, weight.values()[output * 32]);
                    assertEquals(row, weight.values()[output * 32 + 31]);
                    assertEquals(row, model.assemble(part + ".bias").values()[output]);
                }
            }
        }
    }

    private static void fillWithPlace(float[] values, int perPlace) {
        for (int at = 0; at < values.length; at++) {
            values[at] = Math.floorDiv(at, perPlace);
        }
    }

    @Test
    void fusedColumnsOfGpt2AreThirds() {
        var tensors = Scratch.tensors(GPT2);
        var fused = floats(tensors, "transformer.h.1.attn.c_attn.weight");
        for (int at = 0; at < fused.length; at++) {
            fused[at] = at;
        }
        try (var model = made(GPT2, tensors)) {
            for (int kind = 0; kind < 3; kind++) {
                var weight = model.assemble("layers.1." + List.of("q", "k", "v").get(kind) + ".weight");
                assertFalse(weight.transposed());
                for (int row = 0; row < 32; row++) {
                    for (int column = 0; column < 32; column++) {
                        assertEquals(row * 96 + kind * 32 + column, weight.values()[row * 32 + column]);
                    }
                }
            }
        }
    }

    @Test
    void infinityIsRefusedWhenItIsRead() {
        var tensors = Scratch.tensors(LLAMA);
        floats(tensors, "model.norm.weight")[3] = Float.NEGATIVE_INFINITY;
        try (var model = made(LLAMA, tensors)) {
            var message = Golden.refusal(() -> model.assemble("ln_final.weight"));
            assertTrue(message.contains("\"model.norm.weight\": element 3 of 32 is -Infinity"), message);
        }
    }

    @Test
    void indexWinsOverALoneFileAndSaysSo() throws IOException {
        for (var name : List.of(
                "config.json",
                "model.safetensors.index.json",
                "model-00001-of-00002.safetensors",
                "model-00002-of-00002.safetensors")) {
            Files.copy(Golden.path("bad", "models", "control-sharded", name), folder.resolve(name));
        }
        Scratch.write(folder.resolve("model.safetensors"), "not even a safetensors file");
        try (var model = ModelFolder.open(folder)) {
            assertTrue(model.notes().getFirst().startsWith("model.safetensors is not read"));
        }
    }

    @Test
    void shardOutsideOfTheFolderIsNeverOpened() throws Exception {
        var model = Files.createDirectory(folder.resolve("model"));
        var outside = folder.resolve("outside.safetensors");
        assertEquals(0, new ProcessBuilder("mkfifo", outside.toString()).start().waitFor());
        Scratch.config(LLAMA, model, UnaryOperator.identity());
        var writer = Thread.ofPlatform().daemon().start(() -> Scratch.write(outside, "x"));
        for (var name : List.of(
                "../outside.safetensors", outside.toString(), "..\\\\outside.safetensors", "link.safetensors")) {
            if (name.startsWith("link")) {
                Files.createSymbolicLink(model.resolve(name), outside);
            }
            Scratch.write(
                    model.resolve("model.safetensors.index.json"), "{\"weight_map\":{\"a\":\"%s\"}}".formatted(name));
            assertTimeoutPreemptively(
                    Duration.ofSeconds(5),
                    () -> Golden.refusal(() -> ModelFolder.open(model).close()));
        }
        // Somebody who opens the pipe to read would have let the writer go on.
        assertTrue(writer.isAlive());
        Files.readString(outside);
        writer.join();
    }

    @Test
    void shardsMayBeLinksWithinACacheRepository() throws IOException {
        var repository = folder.resolve("models--org--tiny");
        var commit = "0123456789abcdef0123456789abcdef01234567";
        var snapshot = Files.createDirectories(repository.resolve("snapshots").resolve(commit));
        var blobs = Files.createDirectories(repository.resolve("blobs"));
        for (var name : List.of("config.json", "model.safetensors")) {
            Files.copy(LLAMA.resolve(name), blobs.resolve(name + "-blob"));
            Files.createSymbolicLink(snapshot.resolve(name), Path.of("..", "..", "blobs", name + "-blob"));
        }
        Scratch.write(repository.resolve("refs").resolve("main"), commit);
        Scratch.write(repository.resolve("refs").resolve("bad"), "../../etc");
        var cache = HuggingFaceCache.of(Map.of("HF_HUB_CACHE", folder.toString()), Path.of("/home/nobody"));
        for (var model : List.of("hf:org/tiny", "hf:org/tiny@main", "hf:org/tiny@" + commit)) {
            assertEquals(snapshot, cache.snapshot(model));
        }
        try (var model = ModelFolder.open(snapshot)) {
            model.verify();
        }
        for (var model : List.of(
                "hf:org/absent",
                "hf:../tiny",
                "hf:org/tiny@..",
                "hf:org/tiny@bad",
                "hf:org/tiny@absent",
                "hf:",
                "hf:a/b/c")) {
            Golden.refusal(() -> cache.snapshot(model));
        }
        Files.delete(snapshot.resolve("config.json"));
        Files.createSymbolicLink(snapshot.resolve("config.json"), LLAMA.resolve("config.json"));
        assertTrue(Golden.refusal(() -> ModelFolder.open(snapshot).close()).contains("outside of the model folder"));
    }

    @Test
    void cacheIsWhereTheEnvironmentSays() {
        var home = Path.of("/home/somebody");
        assertEquals(
                Path.of("/h/hub"),
                HuggingFaceCache.of(Map.of("HF_HOME", "/h"), home).root());
        assertEquals(
                Path.of("/x/huggingface/hub"),
                HuggingFaceCache.of(Map.of("XDG_CACHE_HOME", "/x"), home).root());
        assertEquals(
                Path.of("/home/somebody/.cache/huggingface/hub"),
                HuggingFaceCache.of(Map.of(), home).root());
        assertEquals(
                Path.of("/c"),
                HuggingFaceCache.of(Map.of("HF_HUB_CACHE", "/c", "HF_HOME", "/h"), home)
                        .root());
    }

    @Test
    void paths() {
        assertEquals(Path.of("some", "folder"), ModelFolder.locate("some/folder"));
        Golden.refusal(() -> ModelFolder.locate("a\0b"));
        assertTrue(
                Golden.refusal(() -> ModelFolder.open(folder.resolve("absent")).close())
                        .contains("no such"));
        assertTrue(Golden.refusal(
                        () -> ModelFolder.open(LLAMA.resolve("config.json")).close())
                .contains("found a file"));
        assertTrue(Golden.refusal(() -> ModelFolder.open(folder).close()).contains("no config.json"));
    }

    @Test
    void turkishLettersChangeNothing() {
        var before = Locale.getDefault();
        try (var usual = ModelFolder.open(LLAMA)) {
            Locale.setDefault(Locale.forLanguageTag("tr-TR"));
            try (var turkish = ModelFolder.open(LLAMA)) {
                assertSameNumbers(usual, turkish);
                assertEquals(usual.digest(), turkish.digest());
            }
            new SafetensorsWriter().add("I", List.of(1L), new int[1]).write(folder.resolve("i"));
            try (var file = SafetensorsFile.open(folder.resolve("i"))) {
                assertEquals(StoredType.I32, file.tensor("I").type());
            }
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void noFileStaysOpenAfterARefusal() throws IOException {
        var open = openFiles();
        for (var folderCase : Golden.cases("models/", "")) {
            if (folderCase.isRefused() && !folderCase.name().equals("weights-nan")) {
                Golden.refusal(() -> ModelFolder.open(Golden.path("bad", "models", folderCase.name()))
                        .close());
            }
        }
        assertEquals(open, openFiles());
    }

    private static Set<String> openFiles() throws IOException {
        var open = new HashSet<String>();
        try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
            for (var descriptor : descriptors.toList()) {
                if (Files.isSymbolicLink(descriptor)) {
                    open.add(Files.readSymbolicLink(descriptor).toString());
                }
            }
        }
        open.removeIf(name -> !name.contains("golden"));
        return open;
    }

    @Test
    void useAfterCloseIsAnError() {
        var model = ModelFolder.open(LLAMA);
        model.close();
        model.close();
        assertThrows(IllegalStateException.class, () -> model.assemble("embed.weight"));
        assertThrows(IllegalArgumentException.class, () -> model.assemble("no such part"));
    }
}
