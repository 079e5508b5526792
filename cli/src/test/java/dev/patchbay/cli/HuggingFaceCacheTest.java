package dev.patchbay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.model.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HuggingFaceCacheTest {
    @TempDir
    private Path hub;

    private Path snapshot = Path.of("");

    @BeforeEach
    void aCacheWithOneModel() throws IOException {
        var folder = hub.resolve("models--org--name");
        snapshot = Files.createDirectories(folder.resolve("snapshots/abc123"));
        Files.createDirectories(folder.resolve("refs"));
        Files.writeString(folder.resolve("refs/main"), "abc123\n");
    }

    @Test
    void aNameIsTheCommitThatMainPointsTo() {
        assertEquals(snapshot, new HuggingFaceCache(hub).find("org/name"));
    }

    @Test
    void aRevisionIsABranchOrACommit() {
        assertEquals(snapshot, new HuggingFaceCache(hub).find("org/name@main"));
        assertEquals(snapshot, new HuggingFaceCache(hub).find("org/name@abc123"));
    }

    @Test
    void whatIsNotThereIsNotDownloaded() {
        var cache = new HuggingFaceCache(hub);
        for (String name : new String[] {"org/other", "org/name@v2"}) {
            var refused = assertThrows(InputException.class, () -> cache.find(name));
            assertTrue(refused.toString().contains("nothing is downloaded"), refused::toString);
        }
    }

    @Test
    void namesCannotLeaveTheCache() throws IOException {
        var cache = new HuggingFaceCache(hub);
        for (String name :
                new String[] {"../name", "org/../name", "org/name@../..", "/etc", "a/b/c", "", "org/name@"}) {
            assertThrows(InputException.class, () -> cache.find(name), name);
        }
        Files.writeString(hub.resolve("models--org--name/refs/main"), "../../../elsewhere");
        assertThrows(InputException.class, () -> cache.find("org/name"));
    }

    @Test
    void theEnvironmentPointsToIt() {
        assertEquals(
                hub, HuggingFaceCache.of(Map.of("HF_HUB_CACHE", hub.toString())).hub());
        assertEquals(
                hub.resolve("hub"),
                HuggingFaceCache.of(Map.of("HF_HOME", hub.toString())).hub());
        assertEquals(
                hub.resolve("huggingface/hub"),
                HuggingFaceCache.of(Map.of("XDG_CACHE_HOME", hub.toString())).hub());
    }
}
