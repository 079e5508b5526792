package dev.patchbay.analysis.pairs;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A prompt as token ids.
 *
 * @param tokens token ids, BOS included where there is one; at least one
 * @param spans named positions, ascending; {@code END}, the last position, is always among them
 */
public record Prompt(List<Integer> tokens, Map<String, List<Integer>> spans) {
    /** The span every prompt has: its last position, where metrics are read. */
    public static final String END = "END";

    /** Copies the collections, keeps the order of the names and adds {@code END}. */
    public Prompt {
        tokens = List.copyOf(tokens);
        if (tokens.isEmpty()) {
            throw new IllegalArgumentException("a prompt without tokens");
        }
        var named = new LinkedHashMap<String, List<Integer>>();
        spans.forEach((name, positions) -> named.put(name, List.copyOf(positions)));
        named.put(END, List.of(tokens.size() - 1));
        spans = Collections.unmodifiableMap(named);
    }

    /** Number of tokens. */
    public int length() {
        return tokens.size();
    }

    /** The last position. */
    public int end() {
        return tokens.size() - 1;
    }

    /** The positions of a span; empty where the prompt has none of that name. */
    public Optional<List<Integer>> span(String name) {
        return Optional.ofNullable(spans.get(name));
    }

    /** The token ids. */
    public int[] ids() {
        return tokens.stream().mapToInt(Integer::intValue).toArray();
    }
}
