package dev.patchbay.model.checkpoint;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.model.tokenizer.TokenizerFuzz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The corpus that fuzzing has left behind, and seeded changes of it, through every fuzz target. {@code make fuzz} searches
 * further.
 */
class FuzzCorpusTest {
    private static final Path CORPUS = Path.of("src", "test", "resources", "fuzz");
    private static final int CHANGES = 8;

    private static final Map<String, Consumer<byte[]>> TARGETS = Map.of(
            "header", HeaderFuzz::fuzzerTestOneInput,
            "index", IndexFuzz::fuzzerTestOneInput,
            "config", ConfigFuzz::fuzzerTestOneInput,
            "tokenizer", TokenizerFuzz::fuzzerTestOneInput);

    @TestFactory
    List<DynamicTest> everyInputIsReadOrRefused() {
        return TARGETS.entrySet().stream()
                .map(target -> DynamicTest.dynamicTest(
                        target.getKey(), () -> replay(CORPUS.resolve(target.getKey()), target.getValue())))
                .toList();
    }

    private static void replay(Path folder, Consumer<byte[]> target) throws IOException {
        List<Path> inputs;
        try (var files = Files.list(folder)) {
            inputs = files.sorted().toList();
        }
        assertTrue(inputs.size() >= 20, folder + " has " + inputs.size() + " inputs");
        var random = new Random(20_260_101);
        for (var input : inputs) {
            var bytes = Files.readAllBytes(input);
            try {
                target.accept(bytes);
                for (int change = 0; change < CHANGES; change++) {
                    target.accept(HostileBytes.changed(bytes, random));
                }
            } catch (RuntimeException | Error finding) {
                throw new AssertionError(input + ", or a change of it", finding);
            }
        }
    }
}
