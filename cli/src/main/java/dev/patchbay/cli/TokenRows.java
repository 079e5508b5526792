package dev.patchbay.cli;

import dev.patchbay.analysis.io.Fields;
import dev.patchbay.analysis.io.JsonLines;
import dev.patchbay.model.InputException;
import dev.patchbay.model.checkpoint.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Token ids of prompts: from a file {@code {"input_ids": [[…], …]}}, or written out: {@code 0 1 10} or {@code 0,1,10}. */
final class TokenRows {
    private static final long LARGEST = 1L << 30;
    private static final String FIELD = "input_ids";

    private TokenRows() {}

    /**
     * Reads {@code --tokens}.
     *
     * @throws InputException where it is neither, or an id is not one of the model's
     */
    static List<int[]> read(String argument, LoadedModel model) {
        boolean inline = argument.strip().matches("\\d+(?:[\\s,]+\\d+)*");
        String where = inline ? "--tokens" : argument;
        var rows = inline ? List.of(inline(argument)) : file(argument);
        for (int row = 0; row < rows.size(); row++) {
            for (int id : rows.get(row)) {
                model.checkToken(id, where + " row " + row);
            }
        }
        return rows;
    }

    private static int[] inline(String argument) {
        var ids = new ArrayList<Integer>();
        for (String id : argument.strip().split("[\\s,]+")) {
            try {
                ids.add(Integer.valueOf(id));
            } catch (NumberFormatException tooLarge) {
                throw new InputException("--tokens: " + id + " is no token id", tooLarge);
            }
        }
        return array(ids);
    }

    private static List<int[]> file(String path) {
        var json = Json.parse(JsonLines.bytes(Path.of(path), LARGEST), path);
        var fields = Fields.of(json, path, List.of(FIELD));
        String expected = "a list of rows of token ids, [[0, 1], [0, 2, 3]]";
        var rows = new ArrayList<int[]>();
        for (Json row : fields.array(FIELD, fields.require(FIELD, expected), expected)) {
            var ids = fields.integers(FIELD, row, expected);
            if (ids.isEmpty()) {
                throw fields.fault(FIELD, "at least one token a row", "an empty row " + rows.size());
            }
            rows.add(array(ids));
        }
        if (rows.isEmpty()) {
            throw fields.fault(FIELD, "at least one row", "none");
        }
        return List.copyOf(rows);
    }

    private static int[] array(List<Integer> ids) {
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    /** The bytes of a text, as files have them. */
    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
