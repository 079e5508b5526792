package dev.patchbay.model.program;

import dev.patchbay.model.site.Site;
import java.util.List;
import java.util.Optional;

/**
 * One change of activations, chosen by sets: rows × layers × heads × units × positions (× keys inside attention).
 *
 * @param site what is changed
 * @param layers in which layers; at sites that exist once, all
 * @param heads which heads of every chosen layer, by the site's own head axis
 * @param layerHeads pairs {@code [layer, head]} instead of layers × heads; empty where those are used
 * @param units which elements of a head (of the whole width, at sites without heads)
 * @param positions which positions (query positions inside attention)
 * @param keys which key positions, only at {@code attn_scores} and {@code pattern}
 * @param rows which rows of the batch
 * @param operation what happens
 * @param factor of {@code scale}, {@code add} and {@code interpolate}
 * @param source where values come from
 * @param basis of the projections: the name of a tensor {@code [k, d]} bound when the program runs, orthonormalised by us
 */
public record Edit(
        Site site,
        Selection layers,
        Selection heads,
        List<LayerHead> layerHeads,
        Selection units,
        Positions positions,
        Positions keys,
        Selection rows,
        Operation operation,
        float factor,
        Source source,
        Optional<Basis> basis) {

    /** Copies the list. */
    public Edit {
        layerHeads = List.copyOf(layerHeads);
    }

    /** A head of a layer. */
    public record LayerHead(int layer, int head) {}

    /** Directions, one a row, as given or by name. */
    public sealed interface Basis {
        /** Directions given here. */
        record Rows(List<List<Float>> rows) implements Basis {}

        /** A named tensor {@code [k, d]} (or {@code [d]}), {@code FILE#name}. */
        record Named(String name) implements Basis {}
    }

    /** What an edit does to the value x, given the source's value v. */
    public enum Operation {
        /** x = 0; on {@code pattern} mass is lost, not renormalised. */
        ZERO,
        /** x = factor · x. */
        SCALE,
        /** x = x + factor · v. */
        ADD,
        /** x = v. */
        REPLACE,
        /** x = x + factor · (v − x). */
        INTERPOLATE,
        /** The component along the basis removed. */
        PROJECT_OUT,
        /** The component along the basis taken from v. */
        PROJECT_SWAP,
        /** Scores to −∞ before softmax, so that mass renormalises. */
        KNOCKOUT,
        /** The pattern made uniform over the keys the query may see. */
        UNIFORM;

        /** Whether it reads a value. */
        public boolean needsSource() {
            return this == ADD || this == REPLACE || this == INTERPOLATE || this == PROJECT_SWAP;
        }

        /** Whether it reads a basis. */
        public boolean needsBasis() {
            return this == PROJECT_OUT || this == PROJECT_SWAP;
        }
    }

    /** Starts an edit of every layer, head, position and row of {@code site}. */
    public static EditBuilder at(Site site) {
        return new EditBuilder(site);
    }
}
