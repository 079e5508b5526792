package dev.patchbay.model.program;

import dev.patchbay.model.site.SitePoint;

/**
 * Keep a site's value, after any edit of it.
 *
 * @param point which site and layer
 * @param positions which positions of every chosen row; at {@code attn_scores} and {@code pattern} those of queries
 * @param rows which rows of the batch
 */
public record Capture(SitePoint point, Positions positions, Selection rows) {
    /** Every row and position. */
    public Capture(SitePoint point) {
        this(point, Positions.ALL, Selection.ALL);
    }
}
