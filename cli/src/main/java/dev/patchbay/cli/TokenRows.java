package dev.patchbay.cli;

import dev.patchbay.analysis.io.TokensFile;
import dev.patchbay.model.InputException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Token ids of prompts: from a file {@code {"input_ids": [[…], …]}}, or written out: {@code 0 1 10} or {@code 0,1,10}. */
final class TokenRows {
    private TokenRows() {}

    /**
     * Reads {@code --tokens}.
     *
     * @throws InputException where it is neither, or an id is not one of the model's
     */
    static List<List<Integer>> read(String argument, LoadedModel model) {
        if (!argument.strip().matches("\\d+(?:[\\s,]+\\d+)*")) {
            return TokensFile.read(Path.of(argument), model.architecture().vocabulary());
        }
        return List.of(Arrays.stream(argument.strip().split("[\\s,]+"))
                .map(id -> {
                    int number = id.length() > 9 ? Integer.MAX_VALUE : Integer.parseInt(id);
                    model.checkToken(number, "--tokens");
                    return number;
                })
                .toList());
    }

    /** As the model takes them. */
    static int[] array(List<Integer> ids) {
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }
}
