package dev.patchbay.model.program;

import java.util.List;

/**
 * What is kept and what is changed during a run: data, not callbacks, so that it can be checked before anything runs,
 * stored, and executed inside kernels. Edits of one place act in their order; a capture sees the value after them.
 */
public record Program(List<Edit> edits, List<Capture> captures) {
    /** A plain run. */
    public static final Program EMPTY = new Program(List.of(), List.of());

    /** Copies the lists. */
    public Program {
        edits = List.copyOf(edits);
        captures = List.copyOf(captures);
    }

    /** Only edits. */
    public static Program edits(Edit... edits) {
        return new Program(List.of(edits), List.of());
    }

    /** Only edits. */
    public static Program edits(List<Edit> edits) {
        return new Program(edits, List.of());
    }

    /** Only captures. */
    public static Program captures(List<Capture> captures) {
        return new Program(List.of(), captures);
    }
}
