package dev.patchbay.analysis.results;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.analysis.data.IoiTask;
import dev.patchbay.analysis.sweep.Axis;
import dev.patchbay.analysis.sweep.Direction;
import dev.patchbay.analysis.sweep.Grid;
import dev.patchbay.analysis.sweep.SweepProgress;
import dev.patchbay.analysis.sweep.SweepResult;
import dev.patchbay.analysis.sweep.SweepRunner;
import dev.patchbay.analysis.sweep.SweepSpec;
import dev.patchbay.device.Device;
import dev.patchbay.device.DeviceOptions;
import dev.patchbay.device.Devices;
import dev.patchbay.model.InputException;
import dev.patchbay.model.checkpoint.Json;
import dev.patchbay.model.checkpoint.SafetensorsFile;
import dev.patchbay.model.program.Edit.LayerHead;
import dev.patchbay.model.run.Model;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.zoo.Zoo;
import dev.patchbay.model.zoo.ZooModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFolderTest {
    private static final Provenance PROVENANCE = new Provenance(
            "zoo:ioi", "d1", "raw", "cpu", "", "exact", "p.jsonl", "0.1.0", "sweep zoo:ioi --pairs p.jsonl");
    private static Device device;
    private static ZooModel zoo;
    private static Model model;

    @BeforeAll
    static void open() {
        device = Devices.open(DeviceOptions.of("cpu"));
        zoo = Zoo.open("ioi");
        model = Model.load(device, zoo.architecture(), zoo.weights(), zoo.tensors());
    }

    @AfterAll
    static void close() {
        model.close();
        device.close();
    }

    private static Grid grid() {
        return Grid.of(
                SweepSpec.at(Site.Z)
                        .by(Axis.LAYER, Axis.HEAD, Axis.POS)
                        .heads(List.of(new LayerHead(2, 0), new LayerHead(1, 1)))
                        .direction(Direction.NOISE)
                        .mixTemplates()
                        .build(),
                zoo.architecture(),
                IoiTask.zoo(4, 3));
    }

    private static SweepResult write(Path folder) {
        var grid = grid();
        var result = new SweepRunner(model, grid).run(SweepProgress.SILENT);
        RunFolder.at(folder).write(grid, result.effects(), PROVENANCE, zoo.tokenNames()::get);
        return result;
    }

    @Test
    void arraysHaveTheNamesTypesAndShapesOfTheContract(@TempDir Path folder) {
        var result = write(folder.resolve("run"));
        try (var file = SafetensorsFile.open(folder.resolve("run/effects.safetensors"))) {
            assertEquals(
                    List.of(
                            "clean",
                            "corrupted",
                            "delta",
                            "direct",
                            "direct_effect",
                            "direct_high",
                            "direct_low",
                            "direct_patched",
                            "direct_standard_error",
                            "effect",
                            "effect_high",
                            "effect_low",
                            "effect_standard_error",
                            "high",
                            "indirect",
                            "indirect_effect",
                            "indirect_high",
                            "indirect_low",
                            "indirect_standard_error",
                            "low",
                            "n",
                            "not_finite",
                            "patched",
                            "restored",
                            "standard_error"),
                    file.tensors().keySet().stream().sorted().toList());
            assertEquals(List.of(4L, 2L, 2L, 9L), file.tensor("patched").shape());
            assertEquals(List.of(4L), file.tensor("clean").shape());
            assertEquals(List.of(2L, 2L, 9L), file.tensor("effect").shape());
            assertEquals("I32", file.tensor("n").type().name());
            float[] effect = file.floats("effect");
            for (int cell = 0; cell < effect.length; cell++) {
                assertEquals((float) result.effects().effect()[cell], effect[cell]);
            }
            long[] n = file.integers("n");
            // Head 1.0 is not in the list, 1.1 is.
            assertEquals(0, n[0]);
            assertEquals(4, n[9]);
            assertTrue(Float.isNaN(file.floats("delta")[0]));
            assertEquals("[\"layer\",\"head\",\"pos\"]", file.metadata().get("axes"));
            assertEquals("noise", file.metadata().get("direction"));
            assertTrue(file.metadata().getOrDefault("coords", "").contains("\"layer\":[1,2]"));
        }
    }

    @Test
    void theSummaryTellsTheTokensOfPositionsAndTheStatistics(@TempDir Path folder) throws IOException {
        write(folder.resolve("run"));
        var bytes = Files.readAllBytes(folder.resolve("run/summary.json"));
        var summary = (Json.Members) Json.parse(bytes, "summary");
        String text = new String(bytes, StandardCharsets.UTF_8).replaceAll("\\s+", " ");
        assertTrue(text.contains("\"pos_tokens\" : [ \"<bos>\", \"*\", \"and\", \"*\""), text);
        assertTrue(text.contains("\"heads\" : [ [ \"1.0\", \"1.1\" ], [ \"2.0\", \"2.1\" ] ]"), text);
        assertTrue(text.contains("\"head_kind\" : \"query\""), text);
        var clean = (Json.Members) summary.find("clean").orElseThrow();
        assertEquals(1.5, ((Json.Numeral) clean.find("mean").orElseThrow()).value(), 1e-5);
        assertFalse(text.contains("NaN"));
    }

    @Test
    void theSameSweepGivesTheSameBytes(@TempDir Path folder) throws IOException {
        write(folder.resolve("a"));
        write(folder.resolve("b"));
        // Over an earlier run.
        write(folder.resolve("b"));
        for (String name : List.of("effects.csv", "effects.safetensors", "summary.json")) {
            assertArrayEquals(
                    Files.readAllBytes(folder.resolve("a").resolve(name)),
                    Files.readAllBytes(folder.resolve("b").resolve(name)),
                    name);
        }
        try (var files = Files.list(folder.resolve("b"))) {
            assertEquals(3, files.count());
        }
    }

    @Test
    void theTableHasALineACell(@TempDir Path folder) throws IOException {
        write(folder.resolve("run"));
        var lines = Files.readAllLines(folder.resolve("run/effects.csv"));
        assertEquals(1 + 36, lines.size());
        assertEquals(
                "layer,head,pos,n,not_finite,delta,standard_error,low,high,effect,effect_standard_error,effect_low,"
                        + "effect_high,restored,direct,direct_standard_error,direct_low,direct_high,indirect,"
                        + "indirect_standard_error,indirect_low,indirect_high,direct_effect,indirect_effect,interval",
                lines.getFirst());
        assertTrue(lines.get(1).startsWith("1,0,0,0,0,NaN,"), lines.get(1));
        assertTrue(lines.get(10).endsWith(",few pairs"), lines.get(10));
        assertTrue(lines.get(10).startsWith("1,1,0,4,0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,1.0,0.0"), lines.get(10));
    }

    @Test
    void foldersOfOthersAreLeftAlone(@TempDir Path folder) throws IOException {
        var other = Files.createDirectory(folder.resolve("other"));
        Files.writeString(other.resolve("notes.txt"), "mine");
        assertThrows(InputException.class, () -> RunFolder.at(other));
        Files.writeString(other.resolve("summary.json"), "{\"format\": \"something else\"}");
        assertThrows(InputException.class, () -> RunFolder.at(other));
        assertThrows(InputException.class, () -> RunFolder.at(other.resolve("notes.txt")));
        assertEquals(other.resolve("new"), RunFolder.at(other.resolve("new")).path());
    }

    @Test
    void theLineOfJsonHasEveryField() {
        var result = new SweepRunner(model, grid()).run(SweepProgress.SILENT);
        String line =
                RunLine.of("run", result, Optional.empty(), 0.5, PROVENANCE).toJson();
        var members = ((Json.Members) Json.parse(line.getBytes(StandardCharsets.UTF_8), "line")).members();
        assertEquals(
                List.of(
                        "run",
                        "status",
                        "pairs",
                        "patches",
                        "seconds",
                        "seconds_base",
                        "seconds_load",
                        "patches_per_second",
                        "rows_planned",
                        "rows_skipped",
                        "rows_merged",
                        "rows_executed",
                        "audit_error",
                        "device",
                        "numerics"),
                List.copyOf(members.keySet()));
        assertEquals(new Json.Numeral("144"), members.get("patches"));
        assertEquals(new Json.Numeral("72"), members.get("rows_planned"));
        assertEquals(new Json.Null(), members.get("audit_error"));
    }
}
