package dev.patchbay.analysis.sweep;

import dev.patchbay.analysis.pairs.Prompt;
import dev.patchbay.analysis.pairs.PromptPair;
import dev.patchbay.analysis.pairs.PromptPairs;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The prompts of a reference and their templates.
 *
 * @param prompts in the order of their pairs
 * @param templates one a prompt
 */
record ReferenceSet(List<Prompt> prompts, List<String> templates) {
    ReferenceSet {
        prompts = List.copyOf(prompts);
        templates = List.copyOf(templates);
    }

    static ReferenceSet of(Reference reference, PromptPairs pairs) {
        return switch (reference) {
            case Reference.Clean _ -> clean(pairs);
            case Reference.Corrupted _ ->
                new ReferenceSet(pairs.pairs().stream().map(Sides::corrupted).toList(), templates(pairs));
            case Reference.Other(String _, PromptPairs other) -> clean(other);
        };
    }

    private static ReferenceSet clean(PromptPairs pairs) {
        return new ReferenceSet(pairs.pairs().stream().map(PromptPair::clean).toList(), templates(pairs));
    }

    private static List<String> templates(PromptPairs pairs) {
        return pairs.pairs().stream().map(PromptPair::template).toList();
    }

    /** Indices of the prompts of a template. */
    List<Integer> group(String template) {
        return IntStream.range(0, prompts.size())
                .filter(index -> templates.get(index).equals(template))
                .boxed()
                .toList();
    }
}
