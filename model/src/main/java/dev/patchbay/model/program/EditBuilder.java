package dev.patchbay.model.program;

import dev.patchbay.model.program.Edit.Basis;
import dev.patchbay.model.program.Edit.LayerHead;
import dev.patchbay.model.program.Edit.Operation;
import dev.patchbay.model.site.Site;
import java.util.List;
import java.util.Optional;

/** Narrows an {@link Edit} step by step and ends with what it does. Not for several threads. */
public final class EditBuilder {
    private final Site site;
    private Selection layers = Selection.ALL;
    private Selection heads = Selection.ALL;
    private List<LayerHead> layerHeads = List.of();
    private Selection units = Selection.ALL;
    private Positions positions = Positions.ALL;
    private Positions keys = Positions.ALL;
    private Selection rows = Selection.ALL;

    EditBuilder(Site site) {
        this.site = site;
    }

    /** Only these layers. */
    public EditBuilder layers(int... chosen) {
        layers = Selection.of(chosen);
        return this;
    }

    /** Only these heads of every chosen layer. */
    public EditBuilder heads(int... chosen) {
        heads = Selection.of(chosen);
        return this;
    }

    /** These heads instead of layers × heads. */
    public EditBuilder layerHeads(List<LayerHead> chosen) {
        layerHeads = chosen;
        return this;
    }

    /** Only these elements of a head, or of the width. */
    public EditBuilder units(int... chosen) {
        units = Selection.of(chosen);
        return this;
    }

    /** Only these positions. */
    public EditBuilder positions(Positions chosen) {
        positions = chosen;
        return this;
    }

    /** Only these keys, inside attention. */
    public EditBuilder keys(Positions chosen) {
        keys = chosen;
        return this;
    }

    /** Only these rows of the batch. */
    public EditBuilder rows(int... chosen) {
        rows = Selection.of(chosen);
        return this;
    }

    /** x = 0. */
    public Edit zero() {
        return done(Operation.ZERO, 1, Source.NONE, Optional.empty());
    }

    /** x = factor · x. */
    public Edit scale(float factor) {
        return done(Operation.SCALE, factor, Source.NONE, Optional.empty());
    }

    /** x = v. */
    public Edit replace(Source source) {
        return done(Operation.REPLACE, 1, source, Optional.empty());
    }

    /** x = x + factor · v. */
    public Edit add(float factor, Source source) {
        return done(Operation.ADD, factor, source, Optional.empty());
    }

    /** x = x + factor · (v − x). */
    public Edit interpolate(float factor, Source source) {
        return done(Operation.INTERPOLATE, factor, source, Optional.empty());
    }

    /** The component along the basis removed. */
    public Edit projectOut(Basis basis) {
        return done(Operation.PROJECT_OUT, 1, Source.NONE, Optional.of(basis));
    }

    /** The component along the basis taken from v. */
    public Edit projectSwap(Basis basis, Source source) {
        return done(Operation.PROJECT_SWAP, 1, source, Optional.of(basis));
    }

    /** Scores to −∞. */
    public Edit knockout() {
        return done(Operation.KNOCKOUT, 1, Source.NONE, Optional.empty());
    }

    /** A uniform pattern. */
    public Edit uniform() {
        return done(Operation.UNIFORM, 1, Source.NONE, Optional.empty());
    }

    /** The edit with everything said. */
    public Edit done(Operation operation, float factor, Source source, Optional<Basis> basis) {
        return new Edit(
                site, layers, heads, layerHeads, units, positions, keys, rows, operation, factor, source, basis);
    }
}
