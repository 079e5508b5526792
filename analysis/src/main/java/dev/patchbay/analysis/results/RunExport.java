package dev.patchbay.analysis.results;

import dev.patchbay.analysis.io.JsonText;
import dev.patchbay.model.InputException;
import dev.patchbay.model.checkpoint.WholeFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

/** Writes the results of a finished run in other formats. The same run gives the same bytes. */
public final class RunExport {
    private final RunArrays arrays;

    private RunExport(RunArrays arrays) {
        this.arrays = arrays;
    }

    /**
     * Opens a run.
     *
     * @throws InputException where the folder holds no finished run
     */
    public static RunExport of(Path run) {
        if (!Files.isRegularFile(run.resolve(RunFolder.SUMMARY))
                || !Files.isRegularFile(run.resolve(RunFolder.ARRAYS))) {
            throw new InputException(run + ": expected the folder of a finished sweep with " + RunFolder.SUMMARY
                    + " and " + RunFolder.ARRAYS
                    + "; a sweep that was stopped is finished by the same command with --resume");
        }
        return new RunExport(RunArrays.read(run.resolve(RunFolder.ARRAYS)));
    }

    /** Number of cells. */
    public int cells() {
        return arrays.cells();
    }

    /**
     * Writes it: under a temporary name beside {@code path}, then renamed.
     *
     * @throws InputException where the place cannot be written, or a folder is to be written where something is
     */
    public void write(ExportFormat format, Path path) {
        switch (format) {
            case CSV -> WholeFile.write(path, CellTable.csv(arrays).getBytes(StandardCharsets.UTF_8));
            case JSONL -> WholeFile.write(path, CellTable.jsonLines(arrays).getBytes(StandardCharsets.UTF_8));
            case SAFETENSORS -> arrays.safetensors().write(path);
            case NPZ -> {
                var files = numpy();
                files.put("facts", NumpyFile.of(facts()));
                WholeFile.write(path, NumpyFile.archive(files));
            }
            case NPY -> folder(path);
        }
    }

    private Map<String, byte[]> numpy() {
        var files = new LinkedHashMap<String, byte[]>();
        arrays.arrays().forEach(array -> files.put(array.name(), NumpyFile.of(array)));
        return files;
    }

    private String facts() {
        return JsonText.line(arrays.facts());
    }

    private void folder(Path path) {
        var target = path.toAbsolutePath();
        if (Files.exists(target)) {
            throw new InputException(path + ": exists; a folder of arrays is written whole, so choose a new name");
        }
        var temporary = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".part");
        try {
            Files.createDirectory(temporary);
            numpy().forEach((name, bytes) -> WholeFile.write(temporary.resolve(name + ".npy"), bytes));
            WholeFile.write(temporary.resolve("facts.json"), (facts() + "\n").getBytes(StandardCharsets.UTF_8));
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException failed) {
            throw new InputException(path + ": cannot be written: " + failed, failed);
        } finally {
            discard(temporary);
        }
    }

    private static void discard(Path folder) {
        try (Stream<Path> files = Files.isDirectory(folder) ? Files.list(folder) : Stream.empty()) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(folder);
        } catch (IOException _) {
            // The error that matters is on its way already.
        }
    }
}
