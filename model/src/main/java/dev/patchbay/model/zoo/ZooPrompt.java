package dev.patchbay.model.zoo;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * A prompt for a zoo model.
 *
 * @param template prompts of one template put the same roles at the same positions
 * @param tokens token ids, BOS included
 * @param positions where the named parts are, for example {@code IO → [1]}, {@code END → [8]}
 * @param answer the right next token, where there is one
 * @param wrong the token it is compared with, where there is one
 */
public record ZooPrompt(
        String template,
        List<Integer> tokens,
        Map<String, List<Integer>> positions,
        OptionalInt answer,
        OptionalInt wrong) {

    /** Copies the collections; keeps the order of the names. */
    public ZooPrompt {
        tokens = List.copyOf(tokens);
        positions = Collections.unmodifiableMap(new LinkedHashMap<>(positions));
    }

    /**
     * Two prompts of one length.
     *
     * @param clean the prompt
     * @param corrupted the same prompt without the information that decides the answer
     */
    public record Pair(ZooPrompt clean, ZooPrompt corrupted) {}

    /** The token ids. */
    public int[] ids() {
        return tokens.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Number of tokens. */
    public int length() {
        return tokens.size();
    }

    /** The last position. */
    public int end() {
        return tokens.size() - 1;
    }

    /** The first position of a named part. */
    public int position(String part) {
        var found = positions.get(part);
        if (found == null || found.isEmpty()) {
            throw new IllegalArgumentException("no part \"" + part + "\" in a prompt with " + positions.keySet());
        }
        return found.getFirst();
    }

    /** This prompt with other tokens at some positions, answers kept. */
    public ZooPrompt with(Map<Integer, Integer> replacements) {
        var changed = new ArrayList<>(tokens);
        replacements.forEach(changed::set);
        return new ZooPrompt(template, changed, positions, answer, wrong);
    }

    /** Collects tokens and names their positions. */
    static final class Builder {
        private final String template;
        private final List<Integer> tokens = new ArrayList<>();
        private final Map<String, List<Integer>> positions = new LinkedHashMap<>();

        Builder(String template) {
            this.template = template;
        }

        Builder add(int... next) {
            for (int token : next) {
                tokens.add(token);
            }
            return this;
        }

        Builder addAll(List<Integer> next) {
            tokens.addAll(next);
            return this;
        }

        /** Adds a token and names its position; a name may have several. */
        Builder part(String name, int token) {
            positions.computeIfAbsent(name, _ -> new ArrayList<>()).add(tokens.size());
            return add(token);
        }

        ZooPrompt build() {
            return build(OptionalInt.empty(), OptionalInt.empty());
        }

        ZooPrompt build(int answer, int wrong) {
            return build(OptionalInt.of(answer), OptionalInt.of(wrong));
        }

        private ZooPrompt build(OptionalInt answer, OptionalInt wrong) {
            var named = new LinkedHashMap<String, List<Integer>>();
            positions.forEach((name, list) -> named.put(name, List.copyOf(list)));
            named.put("END", List.of(tokens.size() - 1));
            return new ZooPrompt(template, tokens, named, answer, wrong);
        }
    }
}
