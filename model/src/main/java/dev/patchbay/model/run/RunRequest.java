package dev.patchbay.model.run;

import dev.patchbay.model.program.Program;
import java.util.List;
import java.util.Optional;

/**
 * Everything a forward pass is asked for.
 *
 * @param rows the batch, ragged, in any order
 * @param program what is kept and changed
 * @param bindings values of the program's symbolic sources
 * @param base keys and values of rows that start after position 0
 * @param state captures of the base run: what rows that join late begin with
 * @param logits which logits come back
 * @param keepKeyValues whether the run's own keys and values are kept, as the base of later rows
 * @param endsOnly whether past the last attention only each row's last token is computed: captures there hold no other, and
 *     edits there of others are left out
 */
public record RunRequest(
        List<Row> rows,
        Program program,
        Bindings bindings,
        Optional<KeyValues> base,
        Optional<Run> state,
        Logits logits,
        boolean keepKeyValues,
        boolean endsOnly) {
    public RunRequest {
        rows = List.copyOf(rows);
    }

    /** A plain run of {@code rows}. */
    public static RunRequest of(List<Row> rows, Logits logits) {
        return new RunRequest(
                rows, Program.EMPTY, Bindings.NONE, Optional.empty(), Optional.empty(), logits, false, false);
    }

    /** The same with a program. */
    public RunRequest with(Program changed, Bindings bound) {
        return new RunRequest(rows, changed, bound, base, state, logits, keepKeyValues, endsOnly);
    }

    /** The same over a base. */
    public RunRequest over(KeyValues keyValues) {
        return new RunRequest(rows, program, bindings, Optional.of(keyValues), state, logits, keepKeyValues, endsOnly);
    }

    /**
     * The same over a base whose run kept the sites that rows which join late begin with
     * ({@link dev.patchbay.model.graph.Graph#joinPoints}); base row r is the run's row r.
     */
    public RunRequest over(KeyValues keyValues, Run baseRun) {
        return new RunRequest(
                rows, program, bindings, Optional.of(keyValues), Optional.of(baseRun), logits, keepKeyValues, endsOnly);
    }

    /** The same, keeping keys and values. */
    public RunRequest keeping() {
        return new RunRequest(rows, program, bindings, base, state, logits, true, endsOnly);
    }

    /** The same, past the last attention for the last token of each row alone. */
    public RunRequest onlyEnds() {
        return new RunRequest(rows, program, bindings, base, state, logits, keepKeyValues, true);
    }
}
