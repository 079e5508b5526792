package dev.patchbay.model.site;

/**
 * What is the same about a site in every model.
 *
 * @param perLayer whether it exists once per layer
 * @param heads the kind of its head axis
 * @param keys whether it has a key axis (scores and pattern)
 * @param access whether it can be edited
 */
public record SiteTraits(boolean perLayer, HeadKind heads, boolean keys, Access access) {
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
        return new SiteTraits(false, HeadKind.NONE, false, access);
    }

    static SiteTraits layer(Access access) {
        return new SiteTraits(true, HeadKind.NONE, false, access);
    }

    static SiteTraits heads(HeadKind heads, Access access) {
        return new SiteTraits(true, heads, false, access);
    }

    static SiteTraits attention() {
        return new SiteTraits(true, HeadKind.QUERY, true, Access.EDITABLE);
    }
}
