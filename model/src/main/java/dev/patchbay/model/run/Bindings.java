package dev.patchbay.model.run;

import dev.patchbay.model.InputException;
import dev.patchbay.model.program.Source;
import dev.patchbay.model.site.SitePoint;

/** Supplies the values of a program's symbolic sources when it runs. */
public interface Bindings {
    /** No symbolic source can be used. */
    Bindings NONE = new Bindings() {};

    /**
     * The values of {@link Source.Run} or {@link Source.Mean} at a site.
     *
     * @throws InputException where the source is not bound or does not hold that site
     */
    default SiteValues values(Source source, SitePoint point) {
        throw new InputException("edit of " + point.label() + ": its source " + source + " is not bound to any run");
    }

    /**
     * A named tensor, row by row.
     *
     * @throws InputException where there is none of that name
     */
    default NamedTensor tensor(String name) {
        throw new InputException("tensor '" + name + "': not bound; expected FILE#name of a safetensors file");
    }

    /** A tensor {@code [rows, columns]} on the host. */
    record NamedTensor(long rows, int columns, float[] values) {}
}
