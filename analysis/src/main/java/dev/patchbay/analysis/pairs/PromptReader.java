package dev.patchbay.analysis.pairs;

import dev.patchbay.analysis.io.Fields;
import dev.patchbay.model.InputException;
import dev.patchbay.model.checkpoint.Json;
import dev.patchbay.model.tokenizer.Encoding;
import dev.patchbay.model.tokenizer.Tokenizer;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

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
    record Text(String text, Encoding encoding) {}

    Tokens prompt(Fields fields, String field, Json value) {
        return switch (value) {
            case Json.Text(String text) -> {
                var tokenizer = tokenizer(fields, field);
                var encoding = located(fields, field, () -> options.bos().encode(tokenizer, text));
                yield new Tokens(ids(fields, field, encoding.ids()), Optional.of(new Text(text, encoding)));
            }
            case Json.Array _ ->
                new Tokens(ids(fields, field, fields.integers(field, value, "token ids")), Optional.empty());
            default -> throw fields.fault(field, EXPECTED, value.kind());
        };
    }

    /** The tokenizer, which texts need. */
    Tokenizer tokenizer(Fields fields, String field) {
        return options.tokenizer()
                .orElseThrow(() -> new InputException(fields.where() + ": field '" + field
                        + "' is a text, but the model has no tokenizer; give token ids instead"));
    }

    /** Runs the tokenizer, and says where it failed. */
    <T> T located(Fields fields, String field, Supplier<T> work) {
        try {
            return work.get();
        } catch (InputException refused) {
            throw new InputException(fields.where() + ": field '" + field + "': " + refused.getMessage(), refused);
        }
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
