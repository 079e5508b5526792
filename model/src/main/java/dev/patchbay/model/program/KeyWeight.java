package dev.patchbay.model.program;

import java.util.List;

/** A weight of every key and query head, for {@link Statistic.Measure.WeightedMass}. */
public sealed interface KeyWeight {
    /**
     * How far a key's value moves the residual stream along a direction u: {@code (v_key · W_O of the head) · u}. Summed
     * over keys it is the head's direct contribution along u, split by source; norms and multipliers behind the output
     * projection are not applied.
     *
     * @param name of a tensor of d_model elements, bound when the program runs
     */
    record Along(String name) implements KeyWeight {}

    /** A number for each position, the same in every row and head, as long as the longest row. */
    record ByPosition(List<Float> weights) implements KeyWeight {
        /** Copies the list. */
        public ByPosition {
            weights = List.copyOf(weights);
        }
    }
}
