package dev.patchbay.analysis.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.analysis.Refused;
import dev.patchbay.device.DeviceOptions;
import dev.patchbay.device.Devices;
import dev.patchbay.model.InputException;
import dev.patchbay.model.checkpoint.SafetensorsFile;
import dev.patchbay.model.run.Bindings;
import dev.patchbay.model.run.Model;
import dev.patchbay.model.zoo.Zoo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunOutputTest {
    private static final List<List<Integer>> PROMPTS =
            List.of(List.of(0, 1, 10, 2, 20, 2, 11, 21, 12), List.of(0, 20, 21, 20));

    private static SafetensorsFile run(List<List<Integer>> prompts, Path path) {
        var zoo = Zoo.open("ioi");
        try (var device = Devices.open(DeviceOptions.of("cpu"));
                var model = Model.load(device, zoo.architecture(), zoo.weights(), zoo.tensors())) {
            var points = RunOutput.points("z.2,pattern, resid_post", zoo.architecture());
            RunOutput.run(model, prompts, points, List.of(), Bindings.NONE)
                    .writer()
                    .write(path);
        }
        return SafetensorsFile.open(path);
    }

    @Test
    void raggedRowsAreFilledOnTheRight(@TempDir Path folder) {
        try (var both = run(PROMPTS, folder.resolve("both"));
                var alone = run(PROMPTS.subList(1, 2), folder.resolve("alone"))) {
            assertEquals(List.of(2L, 9L), both.tensor("input_ids").shape());
            assertEquals(
                    List.of(0L, 20L, 21L, 20L, -1L, -1L, -1L, -1L, -1L),
                    Arrays.stream(both.integers("input_ids")).skip(9).boxed().toList());
            assertArrayEquals(new long[] {9, 4}, both.integers("lengths"));
            assertFalse(alone.tensors().containsKey("lengths"));
            assertEquals(List.of(2L, 9L, 60L), both.tensor("logits").shape());
            assertEquals(List.of(2L, 9L, 8L * 128), both.tensor("z.2").shape());
            assertEquals(List.of(2L, 8L, 9L, 9L), both.tensor("pattern.3").shape());
            assertFalse(both.tensors().containsKey("z.1"));
            float[] logits = both.floats("logits");
            float[] shorter = alone.floats("logits");
            assertArrayEquals(shorter, Arrays.copyOfRange(logits, 9 * 60, 13 * 60));
            assertTrue(Float.isNaN(logits[13 * 60]));
            // END attends to IO in the name mover, head 2.0.
            assertEquals(1, both.floats("pattern.2")[8 * 9 + 1], 1e-5);
            int second = 8 * 9 * 9;
            float[] pattern = both.floats("pattern.2");
            assertEquals(0, pattern[second + 1]);
            assertTrue(Float.isNaN(pattern[second + 4]));
        }
    }

    @Test
    void tokensAreReadStrictly(@TempDir Path folder) throws Exception {
        var file = folder.resolve("t.json");
        Files.writeString(file, "{\"input_ids\": [[0, 1], [2]]}");
        assertEquals(List.of(List.of(0, 1), List.of(2)), TokensFile.read(file, 3));
        for (String wrong : List.of(
                "{\"input_ids\": [[3]]}",
                "{\"input_ids\": [[]]}",
                "{\"input_ids\": []}",
                "{\"input_ids\": [1]}",
                "{\"ids\": [[1]]}",
                "[[1]]")) {
            Files.writeString(file, wrong);
            String refusal = Refused.line(() -> TokensFile.read(file, 3));
            assertTrue(refusal.startsWith(file.toString()), refusal);
        }
        assertThrows(InputException.class, () -> TokensFile.read(folder.resolve("none"), 3));
    }
}
