package dev.patchbay.analysis.sweep;

import dev.patchbay.analysis.pairs.Prompt;
import dev.patchbay.device.Tensor;
import dev.patchbay.model.program.Source;
import dev.patchbay.model.run.Bindings;
import dev.patchbay.model.run.Captured;
import dev.patchbay.model.run.Run;
import dev.patchbay.model.run.SiteValues;
import dev.patchbay.model.site.SitePoint;
import java.util.List;

/**
 * Values captured in another run of each pair of a batch.
 *
 * @param source its name
 * @param run one row a pair of the batch, in its order
 * @param owned whether it is closed with this
 * @param pairs indices of the pairs, neighbours
 * @param base their base prompts
 * @param from the prompts that were run
 * @param aligned whether their positions correspond one to one
 */
record RunSource(
        Source source,
        Run run,
        boolean owned,
        List<Integer> pairs,
        List<Prompt> base,
        List<Prompt> from,
        List<Boolean> aligned)
        implements ValueSource {
    @Override
    public Bindings bindings(List<PlannedRow> rows) {
        int[] slots =
                rows.stream().mapToInt(row -> row.pair() - pairs.getFirst()).toArray();
        return new Bindings() {
            @Override
            public SiteValues values(Source asked, SitePoint point) {
                return new RowValues(run.capture(point), rows, slots);
            }
        };
    }

    /** A captured site, seen from the rows of a patched batch. */
    private record RowValues(Captured captured, List<PlannedRow> rows, int[] slots) implements SiteValues {
        @Override
        public Tensor tensor() {
            return captured.tensor();
        }

        @Override
        public long index(int row, int position, int head) {
            int from = rows.get(row).spots().sourceOf(position);
            return captured.point().site().traits().keys()
                    ? captured.index(slots[row], from, head)
                    : captured.index(slots[row], from);
        }
    }

    @Override
    public int firstChange(int pair) {
        int slot = pair - pairs.getFirst();
        return aligned.get(slot) ? Sides.firstDifference(base.get(slot), from.get(slot)) : 0;
    }

    @Override
    public void close() {
        if (owned) {
            run.close();
        }
    }
}
