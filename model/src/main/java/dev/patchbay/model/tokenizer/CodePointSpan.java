package dev.patchbay.model.tokenizer;

/**
 * Characters {@code [begin, end)} of a text, counted in Unicode code points (not UTF-16 units, not bytes). Tokens that a
 * template adds have {@code [0, 0)}.
 */
public record CodePointSpan(int begin, int end) {
    /** Checks the order. */
    public CodePointSpan {
        if (begin < 0 || end < begin) {
            throw new IllegalArgumentException("span from " + begin + " to " + end);
        }
    }

    /** Whether both have a character in common. */
    public boolean overlaps(CodePointSpan other) {
        return Math.max(begin, other.begin) < Math.min(end, other.end);
    }
}
