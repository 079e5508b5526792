package dev.patchbay.analysis.pairs;

import dev.patchbay.model.tokenizer.BosRule;
import dev.patchbay.model.tokenizer.Tokenizer;
import java.util.Optional;

/**
 * How a pairs file is read.
 *
 * @param vocabulary token ids are below it
 * @param tokenizer for texts; empty where the model has no tokenizer, then every prompt and answer is token ids
 * @param bos whether text prompts get a beginning-of-sequence token
 * @param longAnswers what happens to answers of several tokens
 */
public record PairsOptions(int vocabulary, Optional<Tokenizer> tokenizer, BosRule bos, LongAnswers longAnswers) {
    /** Token ids only, answers of one token. */
    public static PairsOptions ids(int vocabulary) {
        return new PairsOptions(vocabulary, Optional.empty(), BosRule.AUTO, LongAnswers.REFUSE);
    }
}
