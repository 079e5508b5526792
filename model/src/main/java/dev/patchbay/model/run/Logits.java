package dev.patchbay.model.run;

import java.util.List;

/** Which logits a run returns. */
public sealed interface Logits {
    /** None. */
    Logits NONE = new None();
    /** The whole vocabulary at every position of every row. */
    Logits ALL = new All();
    /** The whole vocabulary at each row's last position. */
    Logits LAST = new Last();

    /** None. */
    record None() implements Logits {}

    /** The whole vocabulary at every position of every row. */
    record All() implements Logits {}

    /** The whole vocabulary at each row's last position. */
    record Last() implements Logits {}

    /**
     * Chosen tokens at each row's last position: the metric reads no more.
     *
     * @param tokens per row, token ids
     */
    record Chosen(List<int[]> tokens) implements Logits {
        public Chosen {
            tokens = List.copyOf(tokens);
        }
    }
}
