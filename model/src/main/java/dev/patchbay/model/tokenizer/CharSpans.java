package dev.patchbay.model.tokenizer;

import dev.patchbay.model.InputException;
import java.util.ArrayList;
import java.util.List;

/** Spans of a text as token positions. */
public final class CharSpans {
    private CharSpans() {}

    /**
     * The positions of all tokens that share a character with {@code span}, in order: a token that is only partly inside
     * counts, all byte tokens of a character count, template tokens do not.
     *
     * @throws InputException where there is no such token
     */
    public static List<Integer> positions(Encoding encoding, CodePointSpan span) {
        var positions = new ArrayList<Integer>();
        for (int position = 0; position < encoding.length(); position++) {
            if (encoding.offsets().get(position).overlaps(span)) {
                positions.add(position);
            }
        }
        if (positions.isEmpty()) {
            int end = encoding.offsets().stream()
                    .mapToInt(CodePointSpan::end)
                    .max()
                    .orElse(0);
            throw new InputException("no token has a character of [" + span.begin() + ", " + span.end()
                    + "); the tokens cover characters up to " + end + " (counted in code points)");
        }
        return List.copyOf(positions);
    }
}
