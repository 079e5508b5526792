package dev.patchbay.model.tokenizer;

import java.util.List;

/**
 * The tokens of an answer, found in context: an answer's tokens depend on the text before it, so prompt and answer are
 * encoded together, and the result must begin with the prompt's own tokens.
 */
public final class AnswerTokens {
    private AnswerTokens() {}

    /** What came out. */
    public sealed interface Result {}

    /**
     * The answer as tokens.
     *
     * @param ids at least one token
     */
    public record Found(List<Integer> ids) implements Result {
        /** Copies the list. */
        public Found {
            ids = List.copyOf(ids);
        }
    }

    /**
     * The answer has no tokens of its own.
     *
     * @param position the first token of the prompt that changes when the answer follows
     * @param message one sentence that names the boundary and what to do
     */
    public record Unsettled(int position, String message) implements Result {}

    /** The tokens that {@code answer} adds to {@code prompt}. */
    public static Result inContext(Tokenizer tokenizer, BosRule bos, String prompt, String answer) {
        var alone = bos.encode(tokenizer, prompt);
        var together = bos.encode(tokenizer, prompt + answer);
        int same = 0;
        while (same < alone.length()
                && same < together.length()
                && alone.ids().get(same).equals(together.ids().get(same))) {
            same++;
        }
        if (same < alone.length()) {
            return new Unsettled(same, boundary(tokenizer, bos, alone, together, same));
        }
        if (together.length() == alone.length()) {
            return new Unsettled(same, "the answer \"" + answer + "\" adds no token to the prompt");
        }
        return new Found(together.ids().subList(same, together.length()));
    }

    private static String boundary(Tokenizer tokenizer, BosRule bos, Encoding alone, Encoding together, int position) {
        if (bos != BosRule.NO
                && !tokenizer.templateSuffix().isEmpty()
                && position >= alone.length() - tokenizer.templateSuffix().size()) {
            return "the tokenizer's template ends every text with \""
                    + alone.tokens().getLast() + "\", so nothing can follow the prompt; use --bos no";
        }
        return "prompt and answer share a token: token " + position + " is \""
                + alone.tokens().get(position) + "\" for the prompt alone and \"" + tokenAt(together, position)
                + "\" with the answer; move the boundary (a space belongs to the answer) or give token ids";
    }

    private static String tokenAt(Encoding encoding, int position) {
        return position < encoding.length() ? encoding.tokens().get(position) : "nothing";
    }
}
