package dev.patchbay.cli;

import dev.patchbay.analysis.io.JsonText;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Where a command's output goes. Text for people goes to standard output, and nowhere with {@code --json}: then standard
 * output holds the one object. Notes wait for the end, so that a failure is alone on standard error. For one thread.
 */
final class Console {
    private final PrintWriter out;
    private final PrintWriter err;
    private final Terminal terminal;
    private final boolean json;
    private final LinkedHashSet<String> notes = new LinkedHashSet<>();
    private Optional<String> result = Optional.empty();

    Console(PrintWriter out, PrintWriter err, Terminal terminal, boolean json) {
        this.out = out;
        this.err = err;
        this.terminal = terminal;
        this.json = json;
    }

    /** Whether what is printed is seen by a person at a terminal. */
    boolean isTerminal() {
        return terminal.out() && !json;
    }

    /** Whether colours may be used in what is printed. */
    boolean hasColour() {
        return isTerminal() && terminal.colour();
    }

    /** A line for people. */
    void print(String line) {
        if (!json) {
            out.println(line);
        }
    }

    /** Lines for people. */
    void print(List<String> lines) {
        lines.forEach(this::print);
    }

    /** A remark that is printed on standard error when all has gone well. */
    void note(String remark) {
        notes.add(remark);
    }

    /** The object that {@code --json} prints; values as {@link JsonText} knows them. */
    void result(Map<String, Object> members) {
        result(JsonText.line(members));
    }

    /** The line that {@code --json} prints: one JSON object. */
    void result(String line) {
        result = Optional.of(line);
    }

    /** Standard error, for what must be said at once. */
    PrintWriter err() {
        return err;
    }

    /** A progress display on standard error. */
    Progress progress(String what) {
        return progress(what, () -> false);
    }

    /** A progress display on standard error, for work that stops when it is asked to. */
    Progress progress(String what, BooleanSupplier stop) {
        return new Progress(what, err, terminal.err(), stop);
    }

    /** Prints what waited for the end. */
    void finish() {
        for (String note : new ArrayList<>(notes)) {
            err.println("patchbay: " + note);
        }
        if (json) {
            result.ifPresent(out::println);
        }
        err.flush();
        out.flush();
    }
}
