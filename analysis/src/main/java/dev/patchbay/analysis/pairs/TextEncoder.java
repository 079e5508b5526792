package dev.patchbay.analysis.pairs;

import java.util.List;

/** Turns text into tokens, as prompts and answers need it. One thread at a time. */
public interface TextEncoder {
    /**
     * The tokens of a whole text, special ones of the tokenizer's template included as {@code bos} asks.
     *
     * @throws dev.patchbay.model.InputException where {@code bos} asks for a token that the tokenizer does not have
     */
    Encoded encode(String text, Bos bos);

    /**
     * Tokens and where they come from.
     *
     * @param ids token ids
     * @param begins first code point of each token in the text
     * @param ends one past its last code point; equal to the begin for tokens of the template
     */
    record Encoded(List<Integer> ids, List<Integer> begins, List<Integer> ends) {
        /** Copies the lists, which have one length. */
        public Encoded {
            ids = List.copyOf(ids);
            begins = List.copyOf(begins);
            ends = List.copyOf(ends);
        }
    }
}
