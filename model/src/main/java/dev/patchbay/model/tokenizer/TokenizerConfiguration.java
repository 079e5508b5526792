package dev.patchbay.model.tokenizer;

import dev.patchbay.model.InputCode;
import dev.patchbay.model.InputException;
import dev.patchbay.model.checkpoint.Json;
import dev.patchbay.model.input.StableFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The one thing we read from {@code tokenizer_config.json}: which token begins a sequence. */
final class TokenizerConfiguration {
    private static final int MOST_BYTES = 16 << 20;

    private TokenizerConfiguration() {}

    /** The text of {@code bos_token}, empty where there is no such file or it names none. */
    static Optional<String> bosToken(Path path) {
        if (!Files.exists(path)) {
            return Optional.empty();
        }
        return InputCode.TOK.reasonOf(
                () -> parse(StableFile.readAll(path, MOST_BYTES, "a tokenizer_config.json"), path.toString()));
    }

    private static Optional<String> parse(byte[] bytes, String where) {
        var token = Json.parse(bytes, where).member("bos_token");
        if (token.isEmpty()) {
            return Optional.empty();
        }
        var text = token.get().member("content").orElse(token.get()).string();
        if (text.isEmpty()) {
            throw new InputException(where + ": bos_token is neither a string nor an object with \"content\"");
        }
        return text;
    }
}
