package dev.patchbay.bench.gpu;

import dev.patchbay.model.checkpoint.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What came of a stage, on disk as one JSON object.
 *
 * @param stage its name
 * @param device what it was asked to run on
 * @param build what was checked
 * @param state how it ended
 * @param seconds it took
 * @param summary one line
 * @param notes failures first, then what a reader of the numbers must know
 * @param columns of the table
 * @param rows of the table, every cell already in words
 */
record StageReport(
        String stage,
        String device,
        String build,
        State state,
        double seconds,
        String summary,
        List<String> notes,
        List<String> columns,
        List<List<String>> rows) {
    /** How a stage ended. */
    enum State {
        PASSED,
        FAILED,
        NOT_RUN;

        String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    StageReport {
        notes = List.copyOf(notes);
        columns = List.copyOf(columns);
        rows = rows.stream().map(List::copyOf).toList();
    }

    /** A stage without a table. */
    static StageReport plain(String stage, String device, State state, String summary, List<String> notes) {
        return new StageReport(stage, device, "", state, 0, summary, notes, List.of(), List.of());
    }

    /** The same as the report of a stage, of the device as it was asked for. */
    StageReport of(String name, String asked, String checked, double took) {
        return new StageReport(name, asked, checked, state, took, summary, notes, columns, rows);
    }

    Map<String, Object> tree() {
        var tree = new LinkedHashMap<String, Object>();
        tree.put("stage", stage);
        tree.put("device", device);
        tree.put("build", build);
        tree.put("state", state.label());
        tree.put("seconds", Math.round(seconds * 10) / 10.0);
        tree.put("summary", summary);
        tree.put("notes", notes);
        tree.put("columns", columns);
        tree.put("rows", rows);
        return tree;
    }

    /** Appears whole or not at all. */
    void write(Path file) {
        try {
            var part = file.resolveSibling(file.getFileName() + ".part");
            Files.writeString(part, JsonPage.of(tree()));
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException failure) {
            throw new UncheckedIOException("the report cannot be written: " + file, failure);
        }
    }

    static StageReport read(Path file) {
        try {
            var root = (Json.Members) Json.parse(Files.readAllBytes(file), file.toString());
            return new StageReport(
                    text(member(root, "stage")),
                    text(member(root, "device")),
                    text(member(root, "build")),
                    State.valueOf(
                            text(member(root, "state")).toUpperCase(Locale.ROOT).replace(' ', '_')),
                    ((Json.Numeral) member(root, "seconds")).value(),
                    text(member(root, "summary")),
                    texts(member(root, "notes")),
                    texts(member(root, "columns")),
                    ((Json.Array) member(root, "rows"))
                            .values().stream().map(StageReport::texts).toList());
        } catch (IOException failure) {
            throw new UncheckedIOException("the report cannot be read: " + file, failure);
        }
    }

    private static Json member(Json.Members members, String name) {
        return members.find(name).orElseThrow(() -> new IllegalArgumentException("no member '" + name + "'"));
    }

    private static String text(Json value) {
        return ((Json.Text) value).value();
    }

    private static List<String> texts(Json value) {
        return ((Json.Array) value).values().stream().map(StageReport::text).toList();
    }
}
