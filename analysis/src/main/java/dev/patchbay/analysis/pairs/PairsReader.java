package dev.patchbay.analysis.pairs;

import dev.patchbay.analysis.io.Fields;
import dev.patchbay.analysis.io.JsonLines;
import dev.patchbay.model.InputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads a file of prompt pairs, one JSON object a line: {@code clean}, {@code corrupted}, {@code answer}, {@code wrong} and
 * optionally {@code template}, {@code spans}, {@code char_spans}, {@code spans_corrupted}, {@code id}. Every fault is one
 * {@link InputException} that names file, line and field. For one thread.
 */
public final class PairsReader {
    static final List<String> KNOWN = List.of(
            "clean", "corrupted", "answer", "wrong", "template", "spans", "char_spans", "spans_corrupted", "id");

    private final PairsOptions options;
    private final PromptReader prompts;
    private final AnswerReader answers;

    /** A reader with these options. */
    public PairsReader(PairsOptions options) {
        this.options = options;
        prompts = new PromptReader(options);
        answers = new AnswerReader(options);
    }

    /** Reads a file. */
    public PromptPairs read(Path path) {
        return read(JsonLines.read(path), path.toString());
    }

    /**
     * Reads the lines of a file.
     *
     * @param lines each with its place in the file
     * @param name of the file, for messages
     */
    PromptPairs read(List<JsonLines.Line> lines, String name) {
        var pairs = new ArrayList<PromptPair>();
        Map<String, String> places = new HashMap<>();
        for (var line : lines) {
            var pair = pair(Fields.of(line.value(), line.where(), KNOWN), pairs.size());
            String earlier = places.putIfAbsent(pair.id(), line.where());
            if (earlier != null) {
                throw new InputException(line.where() + ": field 'id': '" + pair.id() + "' is already used at "
                        + earlier + "; give every pair an id of its own");
            }
            pairs.add(pair);
        }
        if (pairs.isEmpty()) {
            throw new InputException(name + ": holds no pair; expected one JSON object a line with clean, corrupted,"
                    + " answer and wrong");
        }
        answers.refuseLong(name, pairs.size());
        return PromptPairs.of(pairs, options.bos(), options.longAnswers());
    }

    private PromptPair pair(Fields fields, int index) {
        var clean = prompts.prompt(fields, "clean", fields.require("clean", PromptReader.EXPECTED));
        var corrupted = fields.find("corrupted").map(value -> prompts.prompt(fields, "corrupted", value));
        var spans = new SpanReader(fields, clean).read();
        boolean aligned = fields.find("spans_corrupted").isEmpty();
        var cleanPrompt = new Prompt(clean.ids(), spans);
        var other = corrupted.map(text -> new Prompt(
                text.ids(), aligned ? carried(fields, clean, text, spans) : corruptedSpans(fields, text, spans)));
        if (!aligned && other.isEmpty()) {
            throw new InputException(
                    fields.where() + ": field 'spans_corrupted' without 'corrupted'; give both or none");
        }
        var right = answers.read(fields, "answer", clean);
        var wrong = answers.read(fields, "wrong", clean);
        answers.refuseShared(fields, right, wrong);
        return new PromptPair(
                fields.find("id").map(id -> identifier(fields, id)).orElse(Integer.toString(index)),
                fields.find("template")
                        .map(name -> fields.text("template", name))
                        .orElse(PromptPair.NO_TEMPLATE),
                cleanPrompt,
                other,
                right,
                wrong,
                aligned);
    }

    private static String identifier(Fields fields, dev.patchbay.model.checkpoint.Json value) {
        if (value instanceof dev.patchbay.model.checkpoint.Json.Numeral number && number.isInteger()) {
            return number.text();
        }
        return fields.text("id", value);
    }

    /** Spans of a prompt whose positions correspond to the clean one's. */
    private static Map<String, List<Integer>> carried(
            Fields fields, PromptReader.Tokens clean, PromptReader.Tokens corrupted, Map<String, List<Integer>> spans) {
        int expected = clean.ids().size();
        int found = corrupted.ids().size();
        if (expected != found) {
            throw new InputException(fields.where() + ": clean has " + expected + " tokens and corrupted " + found
                    + "; expected one length; make them equal, or give spans and spans_corrupted for a span-wise grid");
        }
        return spans;
    }

    private static Map<String, List<Integer>> corruptedSpans(
            Fields fields, PromptReader.Tokens corrupted, Map<String, List<Integer>> spans) {
        var own =
                SpanReader.positions(fields, "spans_corrupted", corrupted.ids().size());
        own.forEach((name, positions) -> {
            var clean = Optional.ofNullable(spans.get(name));
            if (clean.isEmpty() && !name.equals(Prompt.END)) {
                throw fields.fault("spans_corrupted", "only names that spans has", "'" + name + "'");
            }
            if (clean.isPresent() && clean.get().size() != positions.size()) {
                throw fields.fault(
                        "spans_corrupted",
                        clean.get().size() + " positions for '" + name + "', as in spans",
                        positions.size() + "");
            }
        });
        return own;
    }
}
