package dev.patchbay.analysis.sweep;

import dev.patchbay.model.graph.Graph;
import dev.patchbay.model.site.SitePoint;
import java.util.List;
import java.util.Set;
import java.util.function.IntUnaryOperator;

/** Turns cells into runs. Implementations are pure: the same question gets the same plan. */
public interface Planner {
    /** The sites that base runs must keep, so that the planned rows can join where they begin to differ. */
    Set<SitePoint> kept(Grid grid, Graph graph);

    /**
     * Whether runs may leave out what nothing reads: positions before the first change, and past the last attention all but
     * END.
     */
    boolean reuses(Grid grid);

    /** Whether a pair has anything to plan. */
    default boolean wants(int pair) {
        return true;
    }

    /**
     * Plans every cell of some pairs.
     *
     * @param grid the cells
     * @param graph of the model, asked what a change reaches
     * @param pairs indices of the pairs
     * @param firstChange of a pair's index: the values written at positions before it equal the base run's own
     */
    Plan plan(Grid grid, Graph graph, List<Integer> pairs, IntUnaryOperator firstChange);
}
