package dev.patchbay.analysis.pairs;

import dev.patchbay.analysis.io.Fields;
import dev.patchbay.model.InputException;
import dev.patchbay.model.checkpoint.Json;
import dev.patchbay.model.tokenizer.AnswerTokens;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/**
 * Reads answers: a text, tokenised in the context of its prompt, a token id, several tokens {@code {"tokens": […]}}, or a
 * list of such alternatives. Counts the pairs whose answers are too long, so that one error can tell.
 */
final class AnswerReader {
    private static final String EXPECTED = "a text, a token id, {\"tokens\": […]}, or a list of these";

    private final PairsOptions options;
    private final PromptReader prompts;
    private final LinkedHashSet<String> longPairs = new LinkedHashSet<>();
    private Optional<String> firstLong = Optional.empty();

    AnswerReader(PairsOptions options) {
        this.options = options;
        prompts = new PromptReader(options);
    }

    /** The alternatives of {@code field}, each once; none where the field is absent. */
    List<List<Integer>> read(Fields fields, String field, PromptReader.Tokens prompt) {
        var alternatives = new LinkedHashSet<List<Integer>>();
        fields.find(field).ifPresent(value -> {
            if (value instanceof Json.Array(List<Json> values)) {
                if (values.isEmpty()) {
                    throw fields.fault(field, EXPECTED, "an empty list");
                }
                values.forEach(each -> alternatives.add(alternative(fields, field, each, prompt)));
            } else {
                alternatives.add(alternative(fields, field, value, prompt));
            }
        });
        return List.copyOf(alternatives);
    }

    /** Refuses a token that stands for the answer and for the wrong one: it would cancel out unseen. */
    void refuseShared(Fields fields, List<List<Integer>> answers, List<List<Integer>> wrongs) {
        for (var wrong : wrongs) {
            if (answers.contains(wrong)) {
                throw fields.fault("wrong", "tokens that are not the answer's", wrong + " in both");
            }
        }
    }

    /** Refuses answers of several tokens, once for the whole file. */
    void refuseLong(String file, int pairs) {
        if (options.longAnswers() == LongAnswers.REFUSE && firstLong.isPresent()) {
            throw new InputException(file + ": " + longPairs.size() + " of " + pairs
                    + " pairs have answers of several tokens, first " + firstLong.get()
                    + "; expected one token; choose --answer-tokens first or --answer-tokens all");
        }
    }

    private List<Integer> alternative(Fields fields, String field, Json value, PromptReader.Tokens prompt) {
        List<Integer> tokens = switch (value) {
            case Json.Text(String text) -> inContext(fields, field, text, prompt);
            case Json.Numeral _ -> List.of(prompts.checked(fields, field, fields.integer(field, value, "a token id")));
            case Json.Members _ -> listed(fields, field, value);
            default -> throw fields.fault(field, EXPECTED, value.kind());
        };
        if (tokens.size() > 1) {
            longPairs.add(fields.where());
            if (firstLong.isEmpty()) {
                firstLong =
                        Optional.of(fields.where() + " field '" + field + "': " + tokens.size() + " tokens " + tokens);
            }
        }
        return options.longAnswers() == LongAnswers.FIRST ? tokens.subList(0, 1) : tokens;
    }

    private List<Integer> listed(Fields fields, String field, Json value) {
        var inner = Fields.of(value, fields.where() + ": field '" + field + "'", List.of("tokens"));
        var tokens = inner.integers("tokens", inner.require("tokens", "token ids"), "token ids");
        return prompts.ids(inner, "tokens", tokens);
    }

    /** What the tokens of prompt and answer together have more than those of the prompt. */
    private List<Integer> inContext(Fields fields, String field, String answer, PromptReader.Tokens prompt) {
        if (prompt.text().isEmpty()) {
            throw new InputException(fields.where() + ": field '" + field + "': the text '" + answer
                    + "' cannot be tokenised in context because 'clean' is token ids; give a token id");
        }
        String text = prompt.text().get().text();
        var tokenizer = prompts.tokenizer(fields, field);
        var result =
                prompts.located(fields, field, () -> AnswerTokens.inContext(tokenizer, options.bos(), text, answer));
        return switch (result) {
            case AnswerTokens.Found(List<Integer> ids) -> prompts.ids(fields, field, ids);
            case AnswerTokens.Unsettled(int _, String message) ->
                throw new InputException(fields.where() + ": field '" + field + "': '" + answer + "': " + message);
        };
    }
}
