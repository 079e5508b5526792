package dev.patchbay.analysis.sweep;

import dev.patchbay.model.InputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What a grid can vary. An axis that is not named is patched as a whole. */
public enum Axis {
    /** The layer. */
    LAYER,
    /** The head, by the site's own head axis: the kv-head at {@code k} and {@code v}. */
    HEAD,
    /** The position; at {@code pattern} and {@code attn_scores} the query position. */
    POS,
    /** The named span. */
    SPAN,
    /** The element of a head, or of the whole width at sites without heads. */
    UNIT;

    /** The name used on the command line and in files. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Reads names separated by commas.
     *
     * @throws InputException for an unknown name, or one that is there twice
     */
    public static List<Axis> parse(String names) {
        var axes = new ArrayList<Axis>();
        for (String name : names.split(",", -1)) {
            var axis = Arrays.stream(values())
                    .filter(each -> each.label().equals(name.strip()))
                    .findFirst()
                    .orElseThrow(() -> new InputException("axis '" + name
                            + "': unknown; expected layer, head, pos, span or unit, separated by commas"));
            if (axes.contains(axis)) {
                throw new InputException("axis '" + name + "' is named twice; name each axis once");
            }
            axes.add(axis);
        }
        return List.copyOf(axes);
    }
}
