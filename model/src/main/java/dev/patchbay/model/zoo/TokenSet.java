package dev.patchbay.model.zoo;

import java.util.List;
import java.util.stream.IntStream;

/** Token ids, in order. */
record TokenSet(List<Integer> tokens) {
    TokenSet {
        tokens = List.copyOf(tokens);
    }

    static TokenSet of(Integer... tokens) {
        return new TokenSet(List.of(tokens));
    }

    /** Tokens {@code [begin, end)}. */
    static TokenSet range(int begin, int end) {
        return new TokenSet(IntStream.range(begin, end).boxed().toList());
    }
}
