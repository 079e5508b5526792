package dev.patchbay.analysis.sweep;

import dev.patchbay.analysis.statistics.Estimates;

/**
 * The total effect parted into what reaches the head along the residual stream alone and the rest. Cells as in
 * {@link Effects}; NaN where a place has no direct effect. Whoever holds it may read the arrays and must not write into them.
 *
 * @param patched {@code [pairs, cells]}: the metric of each direct path: everything after the component at its base values but
 *     the final norm and the unembedding
 * @param direct mean of it − mean base
 * @param indirect delta − direct: what goes through later heads and MLPs
 * @param directEffect direct / (mean other − mean base)
 * @param indirectEffect indirect / (mean other − mean base)
 */
public record DirectEffects(
        double[] patched, Estimates direct, Estimates indirect, double[] directEffect, double[] indirectEffect) {}
