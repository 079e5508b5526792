package dev.patchbay.analysis.sweep;

import dev.patchbay.device.Tensor;
import dev.patchbay.model.program.Source;
import dev.patchbay.model.run.Bindings;
import dev.patchbay.model.run.SiteValues;
import dev.patchbay.model.site.SitePoint;
import java.util.List;
import java.util.Map;

/**
 * Means over a reference, for a whole sweep.
 *
 * @param source its name
 * @param tensors the means at each point; owned
 * @param layout where in them a pair's position lies
 */
record MeanSource(Source source, Map<SitePoint, Tensor> tensors, MeanLayout layout) implements ValueSource {
    /** Where the means of a pair lie. */
    interface MeanLayout {
        /** Tensor row (first element, for scores and pattern) of a pair's position. */
        long index(int pair, int position, int head, boolean keys);
    }

    @Override
    public Bindings bindings(List<PlannedRow> rows) {
        return new Bindings() {
            @Override
            public SiteValues values(Source asked, SitePoint point) {
                var tensor = tensors.get(point);
                if (tensor == null) {
                    throw new IllegalStateException("no mean of " + point.label());
                }
                return new RowValues(tensor, rows, layout, point.site().traits().keys());
            }
        };
    }

    private record RowValues(Tensor tensor, List<PlannedRow> rows, MeanLayout layout, boolean keys)
            implements SiteValues {
        @Override
        public long index(int row, int position, int head) {
            return layout.index(rows.get(row).pair(), position, head, keys);
        }
    }

    @Override
    public int firstChange(int pair) {
        return 0;
    }

    @Override
    public void close() {
        tensors.values().forEach(tensor -> tensor.buffer().close());
    }
}
