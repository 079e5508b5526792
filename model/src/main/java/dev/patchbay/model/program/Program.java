package dev.patchbay.model.program;

import java.util.List;

/**
 * What is kept, measured and changed during a run: data, not callbacks, so that it can be checked before anything runs,
 * stored, and executed inside kernels. Edits of one place act in their order; a capture sees the value after them, a statistic the edited pattern.
 */
public record Program(List<Edit> edits, List<Capture> captures, List<Statistic> statistics) {
    /** A plain run. */
    public static final Program EMPTY = new Program(List.of(), List.of());

    /** Copies the lists. */
    public Program {
        edits = List.copyOf(edits);
        captures = List.copyOf(captures);
        statistics = List.copyOf(statistics);
    }

    /** Without statistics. */
    public Program(List<Edit> edits, List<Capture> captures) {
        this(edits, captures, List.of());
    }

    /** Only edits. */
    public static Program edits(Edit... edits) {
        return new Program(List.of(edits), List.of());
    }

    /** Only edits. */
    public static Program edits(List<Edit> edits) {
        return new Program(edits, List.of());
    }

    /** Only statistics. */
    public static Program statistics(List<Statistic> statistics) {
        return new Program(List.of(), List.of(), statistics);
    }

    /** The same, measuring too. */
    public Program measuring(List<Statistic> added) {
        return new Program(edits, captures, added);
    }

    /** Only captures. */
    public static Program captures(List<Capture> captures) {
        return new Program(List.of(), captures);
    }
}
