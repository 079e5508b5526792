package dev.patchbay.analysis.pairs;

import dev.patchbay.analysis.io.Digest;
import dev.patchbay.model.tokenizer.BosRule;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * A data set of prompt pairs.
 *
 * @param pairs at least one
 * @param bos how texts were tokenised
 * @param longAnswers what happened to answers of several tokens
 * @param digest SHA-256 of the pairs' canonical form, see {@link PairsWriter#bytes}
 */
public record PromptPairs(List<PromptPair> pairs, BosRule bos, LongAnswers longAnswers, String digest) {
    /** Copies the list. */
    public PromptPairs {
        pairs = List.copyOf(pairs);
        if (pairs.isEmpty()) {
            throw new IllegalArgumentException("no pairs");
        }
    }

    /** Pairs with their digest. */
    public static PromptPairs of(List<PromptPair> pairs, BosRule bos, LongAnswers longAnswers) {
        return new PromptPairs(pairs, bos, longAnswers, Digest.of(PairsWriter.bytes(pairs)));
    }

    /** Pairs of token ids. */
    public static PromptPairs of(List<PromptPair> pairs) {
        return of(pairs, BosRule.AUTO, LongAnswers.REFUSE);
    }

    /** Number of pairs. */
    public int size() {
        return pairs.size();
    }

    /** The templates, in the order of their first pair. */
    public List<String> templates() {
        return List.copyOf(
                new LinkedHashSet<>(pairs.stream().map(PromptPair::template).toList()));
    }

    /** Names of all spans of the clean prompts, in the order of their first appearance, END last. */
    public List<String> spanNames() {
        var names = new LinkedHashSet<String>();
        pairs.forEach(pair -> names.addAll(pair.clean().spans().keySet()));
        names.remove(Prompt.END);
        var ordered = new ArrayList<>(names);
        ordered.add(Prompt.END);
        return List.copyOf(ordered);
    }

    /** Whether every clean prompt has the same number of tokens. */
    public boolean hasOneLength() {
        int length = pairs.getFirst().clean().length();
        return pairs.stream().allMatch(pair -> pair.clean().length() == length);
    }
}
