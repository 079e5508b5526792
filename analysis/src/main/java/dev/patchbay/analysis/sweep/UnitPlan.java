package dev.patchbay.analysis.sweep;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.ToIntFunction;

/**
 * A unit of work to do: some neighbouring pairs and what of a plan concerns them.
 *
 * @param pairs indices of the pairs, ascending without a gap
 * @param plan their rows, in the order of the whole plan, and their skipped cells
 */
record UnitPlan(List<Integer> pairs, Plan plan) {
    /**
     * Cuts the plan of a batch into units of about one pass and leaves out pairs that are done. The cut depends on the plan
     * alone.
     *
     * @param batch indices of the batch's pairs, ascending without a gap
     * @param rowTokens what a row costs
     * @param limit of a unit's summed cost
     * @param open whether a pair is still to be done
     */
    static List<UnitPlan> cut(
            List<Integer> batch, Plan plan, ToIntFunction<PlannedRow> rowTokens, long limit, IntPredicate open) {
        int first = batch.getFirst();
        var tokens = new int[batch.size()];
        for (var row : plan.rows()) {
            int slot = row.pair() - first;
            tokens[slot] = (int) Math.min(limit, (long) tokens[slot] + rowTokens.applyAsInt(row));
        }
        var units = new ArrayList<List<Integer>>();
        for (var slots : PairBatches.of(batch.size(), slot -> tokens[slot], limit, batch.size())) {
            var pairs = new ArrayList<Integer>();
            for (int slot : slots) {
                if (open.test(first + slot)) {
                    pairs.add(first + slot);
                } else if (!pairs.isEmpty()) {
                    units.add(List.copyOf(pairs));
                    pairs.clear();
                }
            }
            if (!pairs.isEmpty()) {
                units.add(List.copyOf(pairs));
            }
        }
        return deal(units, plan, first, batch.size());
    }

    /** Gives every unit its part of the plan. */
    private static List<UnitPlan> deal(List<List<Integer>> units, Plan plan, int first, int pairs) {
        var unitOf = new int[pairs];
        Arrays.fill(unitOf, -1);
        var rows = new ArrayList<List<PlannedRow>>();
        var skipped = new ArrayList<List<Plan.Known>>();
        for (int unit = 0; unit < units.size(); unit++) {
            rows.add(new ArrayList<>());
            skipped.add(new ArrayList<>());
            for (int pair : units.get(unit)) {
                unitOf[pair - first] = unit;
            }
        }
        plan.rows().stream()
                .filter(row -> unitOf[row.pair() - first] >= 0)
                .forEach(row -> rows.get(unitOf[row.pair() - first]).add(row));
        plan.skipped().stream()
                .filter(known -> unitOf[known.pair() - first] >= 0)
                .forEach(known -> skipped.get(unitOf[known.pair() - first]).add(known));
        var parts = new ArrayList<UnitPlan>();
        for (int unit = 0; unit < units.size(); unit++) {
            long answered =
                    rows.get(unit).stream().mapToLong(row -> row.cells().size()).sum();
            var part = new Plan(
                    rows.get(unit),
                    skipped.get(unit),
                    answered + skipped.get(unit).size());
            parts.add(new UnitPlan(units.get(unit), part));
        }
        return parts;
    }

    /** The first of its pairs. */
    int firstPair() {
        return pairs.getFirst();
    }
}
