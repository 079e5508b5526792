package dev.patchbay.analysis.sweep;

import dev.patchbay.analysis.pairs.Prompt;
import dev.patchbay.analysis.pairs.PromptPair;
import dev.patchbay.device.Tensor;
import dev.patchbay.model.InputException;
import dev.patchbay.model.run.Model;
import dev.patchbay.model.run.SiteValues;
import dev.patchbay.model.site.SitePoint;
import java.util.Collections;
import java.util.List;

/**
 * The mean of sites over prompts and positions (every token counts once), as the value of edits. Owns device memory; used
 * on the model's thread.
 */
public final class PromptMeans implements AutoCloseable {
    private final MeanSource means;

    private PromptMeans(MeanSource means) {
        this.means = means;
    }

    /**
     * Runs the prompts and averages, in double.
     *
     * @param points sites whose values have one width at every position
     * @throws InputException for {@code attn_scores} and {@code pattern}, whose width grows with the position
     */
    public static PromptMeans of(Model model, List<Prompt> prompts, List<SitePoint> points) {
        for (SitePoint point : points) {
            if (point.site().traits().keys()) {
                throw new InputException("mean of " + point.label()
                        + ": a mean over positions needs values of one width; choose another site");
            }
        }
        var reference = new ReferenceSet(prompts, Collections.nCopies(prompts.size(), PromptPair.NO_TEMPLATE));
        return new PromptMeans(
                new ReferenceMeans(model, points, SweepLimits.DEFAULT).overall(reference, "mean", false));
    }

    /** The mean at a point, the same for every row and position. */
    public SiteValues values(SitePoint point) {
        Tensor tensor = means.tensors().get(point);
        if (tensor == null) {
            throw new IllegalArgumentException("no mean of " + point.label() + " was made");
        }
        return new Everywhere(tensor);
    }

    private record Everywhere(Tensor tensor) implements SiteValues {
        @Override
        public long index(int row, int position, int head) {
            return 0;
        }
    }

    @Override
    public void close() {
        means.close();
    }
}
