package dev.patchbay.analysis.pairs;

import dev.patchbay.analysis.io.Fields;
import dev.patchbay.model.InputException;
import dev.patchbay.model.checkpoint.Json;
import java.util.List;
import java.util.Optional;

/** Reads a prompt that is a text or a list of token ids. */
final class PromptReader {
    static final String EXPECTED = "a text or an array of token ids";

    private final PairsOptions options;

    PromptReader(PairsOptions options) {
        this.options = options;
    }

    /**
     * A prompt's tokens.
     *
     * @param text and where its tokens lie in it, where the prompt is one
     */
    record Tokens(List<Integer> ids, Optional<Text> text) {}

    /** The text of a prompt. */
    record Text(String text, TextEncoder.Encoded encoded) {}

    Tokens prompt(Fields fields, String field, Json value) {
        return switch (value) {
            case Json.Text(String text) -> {
                var encoded = encode(fields, field, text);
                yield new Tokens(ids(fields, field, encoded.ids()), Optional.of(new Text(text, encoded)));
            }
            case Json.Array _ -> new Tokens(ids(fields, field, fields.integers(field, value, "token ids")), Optional.empty());
            default -> throw fields.fault(field, EXPECTED, value.kind());
        };
    }

    TextEncoder.Encoded encode(Fields fields, String field, String text) {
        var encoder = options.encoder().orElseThrow(() -> new InputException(fields.where() + ": field '" + field
                + "' is a text, but the model has no tokenizer; give token ids instead"));
        return encoder.encode(text, options.bos());
    }

    List<Integer> ids(Fields fields, String field, List<Integer> ids) {
        if (ids.isEmpty()) {
            throw fields.fault(field, "at least one token", "none");
        }
        for (int id : ids) {
            checked(fields, field, id);
        }
        return ids;
    }

    int checked(Fields fields, String field, int id) {
        if (id < 0 || id >= options.vocabulary()) {
            throw fields.fault(field, "token ids from 0 to " + (options.vocabulary() - 1), Integer.toString(id));
        }
        return id;
    }
}
