package dev.patchbay.model.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each switch lifts, or tightens, the one rule it names, and is named by the refusal that it lifts. */
class SwitchesTest {
    private static final CheckpointOptions NONFINITE = new CheckpointOptions(true, false, false, false);
    private static final CheckpointOptions UNTIE = new CheckpointOptions(false, true, false, false);
    private static final CheckpointOptions SYMLINKS = new CheckpointOptions(false, false, true, false);
    private static final CheckpointOptions FORMAT = new CheckpointOptions(false, false, false, true);

    @TempDir
    Path folder;

    private static Path bad(String name) {
        return Golden.path("bad", "models", name);
    }

    private static void opened(Path path, CheckpointOptions options) {
        try (var model = ModelFolder.open(path, options)) {
            model.verify();
        }
    }

    @Test
    void nonfiniteWeightsAreReadWhereAllowed() {
        assertTrue(Golden.refusal(() -> opened(bad("weights-nan"), FORMAT)).contains("--allow-nonfinite"));
        try (var model = ModelFolder.open(bad("weights-nan"), NONFINITE)) {
            model.verify();
            assertTrue(Float.isNaN(model.assemble("layers.1.mlp.out.weight").values()[5]));
        }
    }

    @Test
    void aStoredHeadIsUsedWhereUntied() {
        var path = bad("config-tied-but-other-head");
        assertTrue(Golden.refusal(() -> opened(path, NONFINITE)).contains("--untie"));
        try (var model = ModelFolder.open(path, UNTIE)) {
            model.verify();
            assertArrayEquals(
                    model.tensors().floats("lm_head.weight"),
                    model.assemble("unembed.weight").values());
            assertTrue(model.notes().stream().anyMatch(note -> note.contains("stored head is used")));
        }
        try (var model = ModelFolder.open(Golden.path("families", "llama3-rope-tied"), UNTIE)) {
            assertTrue(model.notes().stream().anyMatch(note -> note.contains("changes nothing")));
            assertArrayEquals(
                    model.assemble("embed.weight").values(),
                    model.assemble("unembed.weight").values());
        }
    }

    @Test
    void linksMayLeadOutWhereAllowed() throws IOException {
        for (var name : List.of("config.json", "model.safetensors")) {
            Files.createSymbolicLink(folder.resolve(name), bad("control-single").resolve(name));
        }
        assertTrue(Golden.refusal(() -> opened(folder, UNTIE)).contains("--allow-symlinks"));
        opened(folder, SYMLINKS);
        // What an index may name stays what it is.
        Golden.refusal(() -> opened(bad("index-path-traversal"), SYMLINKS));
        Golden.refusal(() -> opened(bad("index-absolute-path"), SYMLINKS));
    }

    @Test
    void unknownFieldsAreRefusedWhereAsked() {
        var file = Golden.path("bad", "ok-extra-field.safetensors");
        try (var open = SafetensorsFile.open(file)) {
            assertEquals(1, open.warnings().size());
        }
        var message = Golden.refusal(() -> SafetensorsFile.open(file, FORMAT).close());
        assertTrue(message.contains("--strict-format"), message);
        SafetensorsFile.open(Golden.path("bad", "ok-basic.safetensors"), FORMAT).close();
    }
}
