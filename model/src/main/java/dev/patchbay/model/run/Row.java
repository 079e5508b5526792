package dev.patchbay.model.run;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * One run inside a batch.
 *
 * @param tokens the tokens it computes, at positions {@code start, start + 1, …}
 * @param start the position of the first of them; 0 for a plain run
 * @param base the row of the {@link KeyValues} that supplies positions {@code [0, start)}; ignored when start is 0
 * @param promptLength positions of the prompt, counted from position 0: END is the last of them
 * @param spans named positions
 * @param joinStep the step of the graph after which the row joins the batch with the values of its base run (its edits act
 *     there or later), {@link #FROM_THE_START} for a row that runs every step
 * @param early how many of its tokens join there: those from {@code start} on that its edits change
 * @param spreadStep the step after which the rest of its tokens join, before the attention that carries the change to them;
 *     {@code joinStep} where all join at once
 */
public record Row(
        int[] tokens,
        int start,
        int base,
        int promptLength,
        Map<String, List<Integer>> spans,
        int joinStep,
        int early,
        int spreadStep) {
    /** The join step of a row that runs every step. */
    public static final int FROM_THE_START = -1;

    /** Copies what it is given. */
    public Row {
        tokens = tokens.clone();
        spans = Map.copyOf(spans);
    }

    /** A row that runs every step. */
    public Row(int[] tokens, int start, int base, int promptLength, Map<String, List<Integer>> spans) {
        this(tokens, start, base, promptLength, spans, FROM_THE_START, tokens.length, FROM_THE_START);
    }

    /** A plain run of a whole prompt. */
    public static Row of(int... tokens) {
        return new Row(tokens, 0, 0, tokens.length, Map.of());
    }

    /** The same run from position {@code from} on, over the keys and values of base row {@code baseRow}. */
    public Row from(int from, int baseRow) {
        if (start != 0 || joinStep != FROM_THE_START) {
            throw new IllegalStateException("this row already starts at " + start + ", after step " + joinStep);
        }
        return new Row(Arrays.copyOfRange(tokens, from, tokens.length), from, baseRow, promptLength, spans);
    }

    /**
     * The same run joining after {@code step}, with the values that base row {@code baseRow} has there; see
     * {@link dev.patchbay.model.graph.Graph#joinStep} and {@link RunRequest#over(KeyValues, Run)}.
     */
    public Row joining(int step, int baseRow) {
        return new Row(tokens, start, baseRow, promptLength, spans, step, tokens.length, step);
    }

    /**
     * The same run with only its first {@code count} tokens joining where it joins, the rest after {@code step}; see
     * {@link dev.patchbay.model.graph.Graph#spreadStep}.
     */
    public Row spreading(int count, int step) {
        if (count < 1 || count > tokens.length || step < joinStep) {
            throw new IllegalArgumentException(count + " of " + tokens.length + " tokens, the rest after step " + step);
        }
        return new Row(tokens, start, base, promptLength, spans, joinStep, count, step);
    }

    /** The same run with named positions. */
    public Row withSpans(Map<String, List<Integer>> named) {
        return new Row(tokens, start, base, promptLength, named, joinStep, early, spreadStep);
    }

    /** Number of tokens it computes. */
    public int length() {
        return tokens.length;
    }

    /** One past its last position. */
    public int end() {
        return start + tokens.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Row row
                && Arrays.equals(tokens, row.tokens)
                && start == row.start
                && base == row.base
                && promptLength == row.promptLength
                && joinStep == row.joinStep
                && early == row.early
                && spreadStep == row.spreadStep
                && spans.equals(row.spans);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(tokens) + start;
    }

    @Override
    public String toString() {
        return "Row[" + tokens.length + " tokens from " + start + "]";
    }
}
