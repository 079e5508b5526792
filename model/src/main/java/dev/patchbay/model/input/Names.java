package dev.patchbay.model.input;

import java.util.Collection;
import java.util.stream.Collectors;

/** Names out of files in messages: quoted and never longer than a line can bear. */
public final class Names {
    private static final int LONGEST = 120;
    private static final int MOST = 5;

    private Names() {}

    /** {@code name} in quotation marks, cut where it is very long. */
    public static String quote(String name) {
        return name.length() <= LONGEST
                ? '"' + name + '"'
                : '"' + name.substring(0, LONGEST) + "…\" (" + name.length() + " characters)";
    }

    /** The number of names and the first few of them in order, as {@code 7 (a, b, c, …)}. */
    public static String list(Collection<String> names) {
        var first = names.stream().sorted().limit(MOST).map(Names::quote).collect(Collectors.joining(", "));
        return names.size() + " (" + first + (names.size() > MOST ? ", …)" : ")");
    }
}
