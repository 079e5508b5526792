package dev.patchbay.model.program;

import java.util.List;

/**
 * Which of the keys that a query sees are meant: a predicate over the two positions. {@code includeSelf} says whether the
 * query's own position may be among them.
 */
public sealed interface Keys {
    /** Every key. */
    Keys ALL = new Range(0, Integer.MAX_VALUE, true);

    /** Positions {@code from <= key < to}. */
    record Range(int from, int to, boolean includeSelf) implements Keys {}

    /** The one key {@code query − distance}: 0 the query itself, 1 the previous token. */
    record Offset(int distance) implements Keys {}

    /**
     * Keys {@code j} where the token at {@code j − shift} is the query's own: with 0 earlier copies of it (duplicate), with
     * 1 what followed them (induction). Only for rows that start at position 0, whose tokens are all known.
     */
    record SameToken(int shift, boolean includeSelf) implements Keys {}

    /**
     * Keys whose code is the query's: words, sentences, speakers. A key's and a query's code are listed by row of the batch
     * and position, for every position from 0 to the row's end. Query codes that are all alike make a mask of keys.
     */
    record SameCode(List<List<Integer>> keyCodes, List<List<Integer>> queryCodes, boolean includeSelf) implements Keys {
        /** Copies the lists. */
        public SameCode {
            keyCodes = keyCodes.stream().map(List::copyOf).toList();
            queryCodes = queryCodes.stream().map(List::copyOf).toList();
        }
    }

    /** The same positions for every query of a row: listed, a span, END. */
    record At(Positions positions, boolean includeSelf) implements Keys {}

    /** Keys by row of the batch and query position, for every position from 0 to the row's end; those of a base are unused. */
    record Listed(List<List<List<Integer>>> keys, boolean includeSelf) implements Keys {
        /** Copies the lists. */
        public Listed {
            keys = keys.stream()
                    .map(row -> row.stream().map(List::copyOf).toList())
                    .toList();
        }
    }

    /** The attention sink column: its share of the softmax, before edits of the pattern. */
    record Sink() implements Keys {}
}
