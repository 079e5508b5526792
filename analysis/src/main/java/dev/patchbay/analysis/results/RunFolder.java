package dev.patchbay.analysis.results;

import dev.patchbay.analysis.io.JsonLines;
import dev.patchbay.analysis.sweep.Effects;
import dev.patchbay.analysis.sweep.Grid;
import dev.patchbay.analysis.sweep.GridAxis;
import dev.patchbay.model.InputException;
import dev.patchbay.model.checkpoint.Json;
import dev.patchbay.model.checkpoint.SafetensorsWriter;
import dev.patchbay.model.checkpoint.WholeFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * The folder of a run: {@code effects.csv}, {@code effects.safetensors}, {@code summary.json}. Each is written under a
 * temporary name and renamed, the summary last, so that a folder with a summary is complete. The same sweep gives the same
 * bytes.
 */
public final class RunFolder {
    /** The format's name, in every summary. */
    public static final String FORMAT = "patchbay-run-1";

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
                    && facts.find("format").equals(java.util.Optional.of(new Json.Text(FORMAT)));
        } catch (InputException notJson) {
            return false;
        }
    }

    /** Where it is. */
    public Path path() {
        return path;
    }

    /**
     * Writes the results of a sweep.
     *
     * @param tokenText names a token, for the coordinates of positions
     * @throws InputException where the place cannot be written
     */
    public void write(Grid grid, Effects effects, Provenance provenance, IntFunction<String> tokenText) {
        var facts = new RunFacts(grid, effects, provenance, tokenText);
        try {
            Files.createDirectories(path);
        } catch (IOException failed) {
            throw new InputException(path + ": cannot be made: " + failed, failed);
        }
        arrays(effects, facts).write(path.resolve("effects.safetensors"));
        WholeFile.write(path.resolve("effects.csv"), csv(effects).getBytes(StandardCharsets.UTF_8));
        WholeFile.write(path.resolve(SUMMARY), JsonTree.page(facts.summary()).getBytes(StandardCharsets.UTF_8));
    }

    private static SafetensorsWriter arrays(Effects effects, RunFacts facts) {
        var writer = new SafetensorsWriter();
        facts.facts()
                .forEach((key, value) -> writer.note(key, value instanceof String text ? text : JsonTree.line(value)));
        long pairs = effects.pairs().size();
        var shape = effects.shape();
        var perPair = new ArrayList<>(List.of(pairs));
        perPair.addAll(shape);
        writer.add("patched", perPair, floats(effects.patched()));
        writer.add("clean", List.of(pairs), floats(effects.clean()));
        effects.corrupted().ifPresent(values -> writer.add("corrupted", List.of(pairs), floats(values)));
        writer.add("delta", shape, floats(effects.delta()));
        writer.add("effect", shape, floats(effects.effect()));
        writer.add("restored", shape, floats(effects.restored()));
        writer.add("n", shape, effects.count());
        return writer;
    }

    private static float[] floats(double[] values) {
        var floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    /** One line a cell: its coordinates, then its numbers as the arrays hold them. */
    private static String csv(Effects effects) {
        var text = new StringBuilder();
        effects.axes().forEach(axis -> text.append(axis.name()).append(','));
        text.append("n,delta,delta_se,effect,restored\n");
        for (int cell = 0; cell < effects.cells(); cell++) {
            int rest = cell;
            var labels = new ArrayList<String>();
            for (GridAxis axis : effects.axes().reversed()) {
                labels.addFirst(axis.labels().get(rest % axis.size()));
                rest /= axis.size();
            }
            labels.forEach(label -> text.append(quoted(label)).append(','));
            text.append(effects.count()[cell]);
            for (double value : new double[] {
                effects.delta()[cell], effects.deltaError()[cell], effects.effect()[cell], effects.restored()[cell]
            }) {
                text.append(',').append((float) value);
            }
            text.append('\n');
        }
        return text.toString();
    }

    private static String quoted(String label) {
        return label.matches("[^,\"\\r\\n]*") ? label : '"' + label.replace("\"", "\"\"") + '"';
    }
}
