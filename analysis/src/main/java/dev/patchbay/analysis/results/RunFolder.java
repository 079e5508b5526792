package dev.patchbay.analysis.results;

import dev.patchbay.analysis.io.JsonLines;
import dev.patchbay.analysis.io.JsonText;
import dev.patchbay.analysis.sweep.Effects;
import dev.patchbay.analysis.sweep.Grid;
import dev.patchbay.analysis.sweep.SweepAudit;
import dev.patchbay.model.InputException;
import dev.patchbay.model.checkpoint.Json;
import dev.patchbay.model.checkpoint.WholeFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * The folder of a run: {@code effects.csv}, {@code effects.safetensors}, {@code summary.json}. Each is written under a
 * temporary name and renamed, the summary last, so that a folder with a summary is complete. The same sweep gives the same
 * bytes.
 */
public final class RunFolder {
    /** The format's name, in every summary. */
    public static final String FORMAT = "patchbay-run-1";

    /** The file of the arrays. */
    static final String ARRAYS = "effects.safetensors";

    /** The file that is written last: a folder that has it is complete. */
    public static final String SUMMARY = "summary.json";

    private static final long LARGEST_SUMMARY = 1L << 28;

    private final Path path;

    private RunFolder(Path path) {
        this.path = path;
    }

    /**
     * A folder that a run may be written to: a new or empty one, or one that holds a run already, which is replaced.
     *
     * @throws InputException where something else is there
     */
    public static RunFolder at(Path path) {
        try {
            if (Files.exists(path) && !Files.isDirectory(path)) {
                throw new InputException(path + ": expected a folder for the run, found a file; choose another name");
            }
            if (Files.isDirectory(path) && !isEmpty(path) && !isRun(path.resolve(SUMMARY))) {
                throw new InputException(
                        path + ": expected a new folder or an earlier run, found other files; choose another name");
            }
        } catch (IOException failed) {
            throw new InputException(path + ": cannot be read: " + failed, failed);
        }
        return new RunFolder(path);
    }

    /** A folder whose run store says that it is ours to write. */
    public static RunFolder in(Path path) {
        return new RunFolder(path);
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.findAny().isEmpty();
        }
    }

    private static boolean isRun(Path summary) {
        if (!Files.isRegularFile(summary)) {
            return false;
        }
        try {
            return Json.parse(JsonLines.bytes(summary, LARGEST_SUMMARY), summary.toString())
                            instanceof Json.Members facts
                    && facts.find("format").equals(Optional.of(new Json.Text(FORMAT)));
        } catch (InputException notJson) {
            return false;
        }
    }

    /** Where it is. */
    public Path path() {
        return path;
    }

    /**
     * Writes the results of a sweep that was not audited.
     *
     * @param tokenText names a token, for the coordinates of positions
     * @throws InputException where the place cannot be written
     */
    public void write(Grid grid, Effects effects, Provenance provenance, IntFunction<String> tokenText) {
        write(grid, effects, Optional.empty(), provenance, tokenText);
    }

    /**
     * Writes the results of a sweep.
     *
     * @param audit what recomputing some of it found
     * @param tokenText names a token, for the coordinates of positions
     * @throws InputException where the place cannot be written
     */
    public void write(
            Grid grid,
            Effects effects,
            Optional<SweepAudit> audit,
            Provenance provenance,
            IntFunction<String> tokenText) {
        var facts = new RunFacts(grid, effects, provenance, tokenText);
        try {
            Files.createDirectories(path);
        } catch (IOException failed) {
            throw new InputException(path + ": cannot be made: " + failed, failed);
        }
        var arrays = RunArrays.of(effects, facts);
        arrays.safetensors().write(path.resolve(ARRAYS));
        WholeFile.write(path.resolve("effects.csv"), CellTable.csv(arrays).getBytes(StandardCharsets.UTF_8));
        WholeFile.write(
                path.resolve(SUMMARY), JsonText.page(facts.summary(audit)).getBytes(StandardCharsets.UTF_8));
    }
}
