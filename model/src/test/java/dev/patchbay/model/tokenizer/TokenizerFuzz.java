package dev.patchbay.model.tokenizer;

import dev.patchbay.model.checkpoint.FuzzTarget;

/** What is checked of a tokenizer file before the native library sees it. */
public final class TokenizerFuzz {
    private TokenizerFuzz() {}

    /** One run. */
    public static void fuzzerTestOneInput(byte[] input) {
        FuzzTarget.refused(() -> {
            var vocabulary = TokenizerFile.parse(input, "a tokenizer", false).vocabulary();
            FuzzTarget.holds(!vocabulary.isEmpty() && vocabulary.size() > 0, "it has no tokens");
            FuzzTarget.holds(vocabulary.size() <= Vocabulary.MOST_IDS, "ids are out of bounds");
            FuzzTarget.holds(vocabulary.token(vocabulary.size() - 1).isPresent(), "its largest id has no token");
        });
    }
}
