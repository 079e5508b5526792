package dev.patchbay.model.run;

import dev.patchbay.model.program.Statistic;
import dev.patchbay.model.program.Statistic.Measure;
import java.util.List;

/**
 * A statistic of a run, on the host: an array {@code [row, layer, head, position]}, for {@link Measure.TopTwo} {@code
 * [row, layer, head, position, 2]} of weights and of keys. Rows are ragged; layers and heads are those chosen.
 */
public final class Measured {
    private final Statistic statistic;
    private final List<Integer> layers;
    private final List<Integer> heads;
    private final List<Span> rows;
    private final int allHeads;
    private final List<Numbers> numbers;

    /**
     * The positions of a row that have numbers.
     *
     * @param first its first: where the row starts, 0 for what keys receive
     * @param end one past its last
     * @param line of the first in the tensors that the numbers came in
     */
    public record Span(int first, int end, int line) {}

    /** A layer's numbers: a line a position, {@code perHead} columns a head, this statistic's from {@code begin} on. */
    record Numbers(int perHead, int begin, int places, float[] values, int[] keys) {}

    Measured(
            Statistic statistic,
            List<Integer> layers,
            List<Integer> heads,
            int allHeads,
            List<Span> rows,
            List<Numbers> numbers) {
        this.statistic = statistic;
        this.layers = List.copyOf(layers);
        this.heads = List.copyOf(heads);
        this.allHeads = allHeads;
        this.rows = List.copyOf(rows);
        this.numbers = List.copyOf(numbers);
    }

    /** What was asked for. */
    public Statistic statistic() {
        return statistic;
    }

    /** The layers that were chosen, ascending. */
    public List<Integer> layers() {
        return layers;
    }

    /** The query heads that were chosen, ascending. */
    public List<Integer> heads() {
        return heads;
    }

    /** The positions of each row of the batch. */
    public List<Span> rows() {
        return rows;
    }

    /**
     * The number of a row, layer, query head and position; of the largest weight, for two of them.
     *
     * @throws IllegalArgumentException for a place that was not measured
     */
    public float at(int row, int layer, int head, int position) {
        return at(row, layer, head, position, 0);
    }

    /** The largest weight at place 0, the second at place 1 (0 where there is none). */
    public float at(int row, int layer, int head, int position, int place) {
        Numbers found = numbersOf(layer);
        return found.values[index(found, row, head, position, place)];
    }

    /** The key of the largest weight at place 0, of the second at place 1; −1 where there is none. */
    public int keyAt(int row, int layer, int head, int position, int place) {
        Numbers found = numbersOf(layer);
        if (found.keys.length == 0) {
            throw missing("keys: only the two largest weights have them");
        }
        return found.keys[index(found, row, head, position, place)];
    }

    private Numbers numbersOf(int layer) {
        int index = layers.indexOf(layer);
        if (index < 0) {
            throw missing("layer " + layer + ", it has " + layers);
        }
        return numbers.get(index);
    }

    private int index(Numbers found, int row, int head, int position, int place) {
        if (row < 0 || row >= rows.size()) {
            throw missing("row " + row + " of " + rows.size());
        }
        Span span = rows.get(row);
        if (position < span.first || position >= span.end) {
            throw missing(
                    "position " + position + " of row " + row + ", it has " + span.first + " to " + (span.end - 1));
        }
        if (!heads.contains(head) || place < 0 || place >= found.places) {
            throw missing("head " + head + ", place " + place + "; it has heads " + heads);
        }
        int line = span.line + position - span.first;
        return (line * allHeads + head) * found.perHead + found.begin + place;
    }

    private IllegalArgumentException missing(String what) {
        return new IllegalArgumentException("statistic '" + statistic.name() + "' was not measured at " + what);
    }
}
