package dev.patchbay.analysis.sweep;

import java.util.List;
import java.util.Optional;

/**
 * The positions of a pair that a cell patches.
 *
 * @param base positions in the base prompt, ascending, at least one
 * @param source the corresponding positions of the prompt the values come from
 */
public record Spots(List<Integer> base, List<Integer> source) {
    /** Copies the lists, which have one length. */
    public Spots {
        base = List.copyOf(base);
        source = List.copyOf(source);
        if (base.isEmpty() || base.size() != source.size()) {
            throw new IllegalArgumentException(base.size() + " positions from " + source.size());
        }
    }

    /** Positions that correspond to themselves. */
    static Spots same(List<Integer> positions) {
        return new Spots(positions, positions);
    }

    /** Those from a base position on; empty where there are none. */
    Optional<Spots> from(int position) {
        int first = 0;
        while (first < base.size() && base.get(first) < position) {
            first++;
        }
        return first == base.size()
                ? Optional.empty()
                : Optional.of(new Spots(base.subList(first, base.size()), source.subList(first, source.size())));
    }

    /** The position the value for a base position comes from, −1 where it is not patched. */
    int sourceOf(int position) {
        int place = java.util.Collections.binarySearch(base, position);
        return place < 0 ? -1 : source.get(place);
    }
}
