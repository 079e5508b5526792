package dev.patchbay.model.run;

import dev.patchbay.device.Tensor;

/**
 * Values of one site, to be read by edits: rows of the site's full width, and which of them belongs to a row and position
 * of the edited batch. The tensor belongs to whoever bound it and outlives the run.
 */
public interface SiteValues {
    /** Rows of the site's width; for scores and pattern a flat {@code [1, n]}. */
    Tensor tensor();

    /**
     * Index of the tensor's row for a batch row and position; for scores and pattern the element at which the query's row
     * of {@code position + 1} keys begins. −1 where the source has no such position.
     *
     * @param head the query head, only for scores and pattern
     */
    long index(int row, int position, int head);
}
