package dev.patchbay.analysis.sweep;

import dev.patchbay.model.InputException;
import dev.patchbay.model.program.Edit.LayerHead;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Heads that are patched together.
 *
 * @param heads at least one, each once
 * @param others whether every head of the model but these is patched
 */
public record HeadSet(List<LayerHead> heads, boolean others) {
    private static final String OTHERS = "!";

    /** Copies the list. */
    public HeadSet {
        heads = List.copyOf(heads);
    }

    /** These heads. */
    public HeadSet(List<LayerHead> heads) {
        this(heads, false);
    }

    /** Its name: {@code 9.9,10.0}, or {@code !9.9,10.0} for all but these. */
    public String label() {
        return (others ? OTHERS : "") + heads.stream().map(HeadSet::name).collect(Collectors.joining(","));
    }

    /** The heads that are patched, of those a model has at a site. */
    List<LayerHead> of(List<LayerHead> all) {
        return others ? all.stream().filter(head -> !heads.contains(head)).toList() : heads;
    }

    /** The name of a head: {@code 9.6}. */
    public static String name(LayerHead head) {
        return head.layer() + "." + head.head();
    }

    /**
     * Reads {@code 9.9,10.0}, separated by commas or white space.
     *
     * @param where the option or the place in a file, for messages
     * @throws InputException where it is no such list, is empty or names a head twice
     */
    public static HeadSet parse(String text, String where) {
        var heads = new ArrayList<LayerHead>();
        var names = Arrays.stream(text.strip().split("[,\\s]+")).toList();
        for (String name : names) {
            if (!name.matches("\\d{1,6}\\.\\d{1,6}")) {
                throw new InputException(
                        where + ": expected heads as LAYER.HEAD, for example 9.6, found '" + name + "'");
            }
            int dot = name.indexOf('.');
            var head =
                    new LayerHead(Integer.parseInt(name.substring(0, dot)), Integer.parseInt(name.substring(dot + 1)));
            if (heads.contains(head)) {
                throw new InputException(where + ": head " + name + " is there twice; name it once");
            }
            heads.add(head);
        }
        return new HeadSet(heads);
    }

    /**
     * Reads one set a line, {@code !} before it standing for all other heads; empty lines and lines that begin with # are left
     * out.
     */
    public static List<HeadSet> parseLines(List<String> lines, String name) {
        var sets = new ArrayList<HeadSet>();
        for (int number = 1; number <= lines.size(); number++) {
            String line = lines.get(number - 1).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                boolean others = line.startsWith(OTHERS);
                var set = parse(others ? line.substring(1) : line, name + " line " + number);
                sets.add(new HeadSet(set.heads(), others));
            }
        }
        if (sets.isEmpty()) {
            throw new InputException(
                    name
                            + ": holds no head set; expected one a line, for example 9.6,9.9 or, for all heads but these, !9.6,9.9");
        }
        return List.copyOf(sets);
    }
}
