package dev.patchbay.analysis.sweep;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;

/** Cuts a list of items into runs of neighbours whose cost stays within a limit; an item above it goes alone. */
final class PairBatches {
    private PairBatches() {}

    /**
     * The batches.
     *
     * @param count items, numbered from 0
     * @param cost of an item
     * @param limit of a batch's summed cost
     * @param most items in a batch
     */
    static List<List<Integer>> of(int count, IntUnaryOperator cost, long limit, int most) {
        var batches = new ArrayList<List<Integer>>();
        var open = new ArrayList<Integer>();
        long sum = 0;
        for (int item = 0; item < count; item++) {
            int its = cost.applyAsInt(item);
            if (!open.isEmpty() && (sum + its > limit || open.size() == most)) {
                batches.add(List.copyOf(open));
                open.clear();
                sum = 0;
            }
            open.add(item);
            sum += its;
        }
        if (!open.isEmpty()) {
            batches.add(List.copyOf(open));
        }
        return List.copyOf(batches);
    }
}
