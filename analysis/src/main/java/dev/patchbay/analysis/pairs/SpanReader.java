package dev.patchbay.analysis.pairs;

import dev.patchbay.analysis.io.Fields;
import dev.patchbay.model.InputException;
import dev.patchbay.model.checkpoint.Json;
import dev.patchbay.model.tokenizer.CharSpans;
import dev.patchbay.model.tokenizer.CodePointSpan;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the named positions of a clean prompt: {@code spans} in tokens, {@code char_spans} in code points. */
final class SpanReader {
    private final Fields fields;
    private final PromptReader.Tokens prompt;

    SpanReader(Fields fields, PromptReader.Tokens prompt) {
        this.fields = fields;
        this.prompt = prompt;
    }

    Map<String, List<Integer>> read() {
        var spans = positions(fields, "spans", prompt.ids().size());
        fields.find("char_spans").ifPresent(value -> {
            for (var entry : members(fields, "char_spans", value).entrySet()) {
                if (spans.putIfAbsent(entry.getKey(), covered(entry.getKey(), entry.getValue())) != null) {
                    throw fields.fault(
                            "char_spans", "names that spans does not have", "'" + entry.getKey() + "' in both");
                }
            }
        });
        return spans;
    }

    /** The positions of {@code field}, ascending, inside a prompt of {@code length} tokens. */
    static Map<String, List<Integer>> positions(Fields fields, String field, int length) {
        var spans = new LinkedHashMap<String, List<Integer>>();
        fields.find(field)
                .ifPresent(value -> members(fields, field, value).forEach((name, listed) -> {
                    var positions = fields.integers(field, listed, "an array of token positions for '" + name + "'");
                    if (positions.isEmpty()) {
                        throw fields.fault(
                                field, "at least one position for '" + name + "'", "none; leave the name out");
                    }
                    int last = -1;
                    for (int position : positions) {
                        if (position < 0 || position >= length) {
                            throw fields.fault(
                                    field,
                                    "positions from 0 to " + (length - 1) + " for '" + name + "'",
                                    position + "");
                        }
                        if (position <= last) {
                            throw fields.fault(field, "ascending positions for '" + name + "'", positions.toString());
                        }
                        last = position;
                    }
                    if (name.equals(Prompt.END) && !positions.equals(List.of(length - 1))) {
                        throw fields.fault(
                                field, "END at the prompt's last position, " + (length - 1), positions.toString());
                    }
                    spans.put(name, positions);
                }));
        return spans;
    }

    private static Map<String, Json> members(Fields fields, String field, Json value) {
        if (value instanceof Json.Members object) {
            return object.members();
        }
        throw fields.fault(field, "an object that names positions", value.kind());
    }

    /** The tokens that a range of code points touches. */
    private List<Integer> covered(String name, Json value) {
        var text = prompt.text()
                .orElseThrow(() -> new InputException(fields.where()
                        + ": field 'char_spans': expected a text in 'clean', found token ids; use spans"));
        var range = fields.integers("char_spans", value, "two code point positions for '" + name + "'");
        int length = text.text().codePointCount(0, text.text().length());
        if (range.size() != 2 || range.get(0) < 0 || range.get(0) >= range.get(1) || range.get(1) > length) {
            throw fields.fault(
                    "char_spans",
                    "[begin, end) with 0 ≤ begin < end ≤ " + length + " for '" + name + "'",
                    range.toString());
        }
        try {
            return CharSpans.positions(text.encoding(), new CodePointSpan(range.get(0), range.get(1)));
        } catch (InputException refused) {
            throw new InputException(
                    fields.where() + ": field 'char_spans': '" + name + "': " + refused.getMessage(), refused);
        }
    }
}
