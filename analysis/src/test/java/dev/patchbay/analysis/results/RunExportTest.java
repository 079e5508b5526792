package dev.patchbay.analysis.results;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.analysis.data.IoiTask;
import dev.patchbay.analysis.sweep.Axis;
import dev.patchbay.analysis.sweep.Grid;
import dev.patchbay.analysis.sweep.SweepProgress;
import dev.patchbay.analysis.sweep.SweepRunner;
import dev.patchbay.analysis.sweep.SweepSpec;
import dev.patchbay.device.DeviceOptions;
import dev.patchbay.device.Devices;
import dev.patchbay.model.InputException;
import dev.patchbay.model.checkpoint.Json;
import dev.patchbay.model.checkpoint.SafetensorsFile;
import dev.patchbay.model.run.Model;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.zoo.Zoo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exports hold the numbers of the run, always in the same bytes. */
class RunExportTest {
    @TempDir
    private static Path folder;

    private static Path run() {
        return folder.resolve("run");
    }

    @BeforeAll
    static void sweep() {
        var zoo = Zoo.open("ioi");
        try (var device = Devices.open(DeviceOptions.of("cpu"));
                var model = Model.load(device, zoo.architecture(), zoo.weights(), zoo.tensors())) {
            // As many pairs as cells: only the name tells an array of pairs from one of cells.
            var pairs = IoiTask.zoo(model.architecture().layers(), 3);
            var grid = Grid.of(SweepSpec.at(Site.Z).by(Axis.LAYER).build(), model.architecture(), pairs);
            var effects = new SweepRunner(model, grid).run(SweepProgress.SILENT).effects();
            var provenance = new Provenance("zoo:ioi", "d", "raw", "cpu", "", "exact", "p.jsonl", "0.1.0", "ü 😀");
            RunFolder.at(run()).write(grid, effects, provenance, id -> "t" + id);
        }
    }

    private static Path export(ExportFormat format, String name) {
        var out = folder.resolve(name);
        RunExport.of(run()).write(format, out);
        return out;
    }

    @Test
    void tablesAndArraysComeBackAsTheRunWroteThem() throws IOException {
        assertArrayEquals(
                Files.readAllBytes(run().resolve("effects.csv")),
                Files.readAllBytes(export(ExportFormat.CSV, "t.csv")));
        assertArrayEquals(
                Files.readAllBytes(run().resolve("effects.safetensors")),
                Files.readAllBytes(export(ExportFormat.SAFETENSORS, "t.safetensors")));
    }

    @Test
    void linesOfJsonHoldEveryColumnOfTheTable() throws IOException {
        var lines = Files.readAllLines(export(ExportFormat.JSONL, "t.jsonl"));
        var header = List.of(
                Files.readAllLines(run().resolve("effects.csv")).getFirst().split(",", -1));
        try (var file = SafetensorsFile.open(run().resolve("effects.safetensors"))) {
            float[] delta = file.floats("delta");
            assertEquals(delta.length, lines.size());
            for (int cell = 0; cell < delta.length; cell++) {
                var members =
                        ((Json.Members) Json.parse(lines.get(cell).getBytes(StandardCharsets.UTF_8), "line")).members();
                assertEquals(header, List.copyOf(members.keySet()));
                assertEquals(new Json.Numeral(Integer.toString(cell)), members.get("layer"));
                assertEquals(new Json.Numeral(Float.toString(delta[cell])), members.get("delta"));
                assertEquals(new Json.Text("few pairs"), members.get("interval"));
            }
        }
    }

    @Test
    void numpyFilesHaveTheDocumentedHeader() throws IOException {
        var arrays = export(ExportFormat.NPY, "arrays");
        byte[] bytes = Files.readAllBytes(arrays.resolve("patched.npy"));
        var file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals("\u0093NUMPY\u0001\u0000", new String(bytes, 0, 8, StandardCharsets.ISO_8859_1));
        int header = file.getShort(8);
        assertEquals(0, (10 + header) % 64);
        String text = new String(bytes, 10, header, StandardCharsets.US_ASCII);
        assertTrue(text.startsWith("{'descr': '<f4', 'fortran_order': False, 'shape': (4, 4,), }"), text);
        assertTrue(text.endsWith(" \n"), text);
        try (var run = SafetensorsFile.open(run().resolve("effects.safetensors"))) {
            float[] patched = run.floats("patched");
            assertEquals(10 + header + 4 * patched.length, bytes.length);
            for (int i = 0; i < patched.length; i++) {
                assertEquals(patched[i], file.getFloat(10 + header + 4 * i));
            }
            try (var files = Files.list(arrays)) {
                assertEquals(run.tensors().size() + 1, files.count());
            }
        }
        assertThrows(InputException.class, () -> export(ExportFormat.NPY, "arrays"));
    }

    @Test
    void anArchiveHoldsTheSameFilesAndItsBytesDoNotChange() throws IOException {
        var first = export(ExportFormat.NPZ, "a.npz");
        assertArrayEquals(Files.readAllBytes(first), Files.readAllBytes(export(ExportFormat.NPZ, "b.npz")));
        var arrays = export(ExportFormat.NPY, "again");
        try (var zip = new ZipFile(first.toFile())) {
            assertTrue(zip.stream().anyMatch(entry -> entry.getName().equals("facts.npy")));
            for (var entry : zip.stream()
                    .filter(each -> !each.getName().equals("facts.npy"))
                    .toList()) {
                assertArrayEquals(
                        Files.readAllBytes(arrays.resolve(entry.getName())),
                        zip.getInputStream(entry).readAllBytes());
            }
        }
    }

    @Test
    void whatIsNoFinishedRunIsRefused() {
        var refused = assertThrows(InputException.class, () -> RunExport.of(folder));
        assertTrue(String.valueOf(refused.getMessage()).contains("--resume"), refused::toString);
        assertThrows(InputException.class, () -> ExportFormat.named("parquet"));
    }
}
