package dev.patchbay.model.program;

import java.util.Optional;

/**
 * A number per attention row, made inside the attention pass and never from a matrix of queries and keys. Statistics see
 * the pattern after its edits. They come back from a run under their names, see {@link dev.patchbay.model.run.Measured}.
 *
 * @param name what the result is called; unique in its program
 * @param measure which number
 * @param layers in which layers
 * @param heads of which query heads
 */
public record Statistic(String name, Measure measure, Selection layers, Selection heads) {
    /** In every layer and head. */
    public Statistic(String name, Measure measure) {
        this(name, measure, Selection.ALL, Selection.ALL);
    }

    /** Which number of an attention row. */
    public sealed interface Measure {
        /** Logarithm of the sum of exponentials of the row's edited scores, the sink's included. */
        record LogSumExp() implements Measure {}

        /** Entropy of the keys' pattern in nats; a sink's share is left out and nothing is renormalised. */
        record Entropy() implements Measure {}

        /**
         * The two largest weights of the pattern and their keys, the lowest key on ties; the first is the row's maximum.
         *
         * @param among only these keys count; empty for all. One choice a layer
         */
        record TopTwo(Optional<Keys> among) implements Measure {
            /** Of all keys. */
            public TopTwo() {
                this(Optional.empty());
            }
        }

        /** The pattern's sum over keys; at most 8 different ones a layer. */
        record Mass(Keys keys) implements Measure {}

        /** The sum over keys of weight · pattern; at most 4 different weights a layer. */
        record WeightedMass(Keys keys, KeyWeight weight) implements Measure {}

        /**
         * What each key receives: the pattern summed over the row's own queries. The result's positions are those of keys,
         * from 0 to the row's end, the base's included.
         */
        record Received() implements Measure {}
    }
}
