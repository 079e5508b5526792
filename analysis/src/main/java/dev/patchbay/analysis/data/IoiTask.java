package dev.patchbay.analysis.data;

import dev.patchbay.analysis.pairs.Prompt;
import dev.patchbay.analysis.pairs.PromptPair;
import dev.patchbay.analysis.pairs.PromptPairs;
import dev.patchbay.model.InputException;
import dev.patchbay.model.zoo.ZooPrompt;
import dev.patchbay.model.zoo.ZooPrompts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Indirect object identification (Wang et al. 2022, arXiv:2211.00593): two names, one of them again, and the question to
 * whom; the answer is the name that was there once. The corrupted prompt is ABC: three other names, so that nothing decides
 * the answer. Spans: {@code IO}, {@code S1}, {@code S2}, {@code END}.
 */
public final class IoiTask {
    /** Most pairs that are made at once. */
    public static final int MOST = 1_000_000;

    private IoiTask() {}

    /**
     * Pairs for the indirect-object models of the zoo, templates {@code ioi-ABBA} and {@code ioi-BABA} alternating.
     *
     * @param count how many
     * @param seed the same seed gives the same pairs, and fewer pairs are the beginning of more
     */
    public static PromptPairs zoo(int count, long seed) {
        checkCount(count);
        var pairs = new ArrayList<PromptPair>();
        for (var pair : ZooPrompts.ioiPairs(seed, count)) {
            pairs.add(pair(Integer.toString(pairs.size()), pair));
        }
        return PromptPairs.of(pairs);
    }

    /** A pair of zoo prompts with an answer. */
    static PromptPair pair(String id, ZooPrompt.Pair pair) {
        var spans = pair.clean().positions();
        return new PromptPair(
                id,
                pair.clean().template(),
                new Prompt(pair.clean().tokens(), spans),
                Optional.of(new Prompt(pair.corrupted().tokens(), spans)),
                List.of(List.of(pair.clean().answer().orElseThrow())),
                List.of(List.of(pair.clean().wrong().orElseThrow())),
                true);
    }

    static void checkCount(int count) {
        if (count < 1 || count > MOST) {
            throw new InputException("pairs: expected 1 to " + MOST + ", found " + count);
        }
    }

    /** Keeps the order in which roles appear in a prompt. */
    static Map<String, List<Integer>> spans(Map<String, Integer> places) {
        var spans = new java.util.LinkedHashMap<String, List<Integer>>();
        places.entrySet().stream()
                .sorted(Map.Entry.comparingByValue())
                .forEach(place -> spans.put(place.getKey(), List.of(place.getValue())));
        return spans;
    }
}
