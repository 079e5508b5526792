package dev.patchbay.model.run;

import dev.patchbay.device.Tensor;
import dev.patchbay.model.site.SitePoint;
import java.util.List;

/**
 * A captured site. For most sites {@link #tensor} is {@code [captured tokens, width]}, rows one after another; for
 * {@code attn_scores} and {@code pattern} it is flat, {@code [query head, captured query, key]} for each row, keys 0 to
 * the row's end, what a query may not see being −∞ and 0. Belongs to its {@link Run}, which closes it.
 *
 * @param point which site and layer
 * @param tensor the values, on the device
 * @param rows where each captured row's values are, by batch row; −1 length where it was not captured
 */
public record Captured(SitePoint point, Tensor tensor, List<RowRange> rows) {
    public Captured {
        rows = List.copyOf(rows);
    }

    /**
     * Where a row's values are.
     *
     * @param begin first tensor row (first element, for scores and pattern)
     * @param positions the positions captured, ascending
     * @param start the row's own first position
     * @param end one past the row's last position
     */
    public record RowRange(long begin, List<Integer> positions, int start, int end) {
        public RowRange {
            positions = List.copyOf(positions);
        }
    }

    /** Tensor row that holds a batch row's position, −1 where it was not captured. */
    public long index(int row, int position) {
        var range = rows.get(row);
        int place = java.util.Collections.binarySearch(range.positions, position);
        return place < 0 ? -1 : range.begin + place;
    }

    /** First element of a batch row's head and query position, for scores and pattern; −1 where it was not captured. */
    public long index(int row, int position, int head) {
        var range = rows.get(row);
        int place = java.util.Collections.binarySearch(range.positions, position);
        return place < 0 ? -1 : range.begin + ((long) head * range.positions.size() + place) * range.end;
    }

    /** All values, as the tensor holds them; waits for the device. */
    public float[] toFloats() {
        return tensor.toFloats();
    }

    /** The same of a site that holds integers ({@code expert_index}). */
    public int[] toInts() {
        return tensor.toInts();
    }
}
