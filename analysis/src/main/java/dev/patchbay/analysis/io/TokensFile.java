package dev.patchbay.analysis.io;

import dev.patchbay.model.InputException;
import dev.patchbay.model.checkpoint.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The file {@code {"input_ids": [[…], …]}}: token ids of one or more prompts, which may differ in length. */
public final class TokensFile {
    private static final long LARGEST = 1L << 30;

    private TokensFile() {}

    /**
     * Reads the prompts.
     *
     * @param vocabulary token ids are below it
     * @throws InputException naming the row and what is wrong with it
     */
    public static List<List<Integer>> read(Path path, int vocabulary) {
        String name = path.toString();
        var fields = Fields.of(Json.parse(JsonLines.bytes(path, LARGEST), name), name, List.of("input_ids"));
        var rows = fields.array(
                "input_ids", fields.require("input_ids", "an array of arrays of token ids"), "an array of arrays");
        if (rows.isEmpty()) {
            throw fields.fault("input_ids", "at least one row", "none");
        }
        var prompts = new ArrayList<List<Integer>>();
        for (int row = 0; row < rows.size(); row++) {
            String field = "input_ids[" + row + "]";
            var ids = fields.integers(field, rows.get(row), "token ids");
            if (ids.isEmpty()) {
                throw fields.fault(field, "at least one token id", "none");
            }
            for (int id : ids) {
                if (id < 0 || id >= vocabulary) {
                    throw fields.fault(field, "token ids from 0 to " + (vocabulary - 1), Integer.toString(id));
                }
            }
            prompts.add(ids);
        }
        return List.copyOf(prompts);
    }
}
