package dev.patchbay.model.site;

/**
 * What is the same about a site in every model.
 *
 * @param perLayer whether it exists once per layer
 * @param heads the kind of its head axis
 * @param keys whether it has a key axis (scores and pattern)
 * @param access whether it can be edited
 * @param singleHeads whether it is what single heads read or write of a value they share: as wide as the residual stream
 *     for each head, and there only where it is captured or edited
 */
public record SiteTraits(boolean perLayer, HeadKind heads, boolean keys, Access access, boolean singleHeads) {
    /** Which heads a site's head axis counts. */
    public enum HeadKind {
        NONE,
        QUERY,
        KEY_VALUE
    }

    /** What may be done with a site. */
    public enum Access {
        EDITABLE,
        READ_ONLY
    }

    static SiteTraits global(Access access) {
        return new SiteTraits(false, HeadKind.NONE, false, access, false);
    }

    static SiteTraits layer(Access access) {
        return new SiteTraits(true, HeadKind.NONE, false, access, false);
    }

    static SiteTraits heads(HeadKind heads) {
        return new SiteTraits(true, heads, false, Access.EDITABLE, false);
    }

    static SiteTraits singleHeads(HeadKind heads) {
        return new SiteTraits(true, heads, false, Access.EDITABLE, true);
    }

    static SiteTraits attention() {
        return new SiteTraits(true, HeadKind.QUERY, true, Access.EDITABLE, false);
    }
}
