package dev.patchbay.device;

/** One row of a table of structs that an operation reads; each mirrors a struct of {@code patchbay/ops.h}. */
public sealed interface TableEntry {

    /**
     * One row of a batch ({@code pb_row}): it owns {@code length} consecutive tokens of the batch from {@code token} on, at
     * positions {@code start, start + 1, …}; keys and values of positions {@code [0, start)} are base rows
     * {@code [base, base + start)}.
     */
    record RowSpan(int token, int length, int start, int base) implements TableEntry {}

    /** One edit of a matrix ({@code pb_edit_entry}): columns {@code [column, column + count)} of row {@code token}. */
    record EditEntry(
            int token, int column, int count, EditOperation operation, long source, long basis, int rank, float factor)
            implements TableEntry {}

    /** One edit inside attention ({@code pb_attention_edit}): keys {@code [keyBegin, keyEnd)} of one query and head. */
    record AttentionEdit(
            int token,
            int head,
            int keyBegin,
            int keyEnd,
            AttentionStage stage,
            EditOperation operation,
            long source,
            float factor)
            implements TableEntry {}

    /** A request for one query's row of scores or pattern ({@code pb_attention_row}), written from {@code offset} on. */
    record AttentionRow(int token, int head, long offset) implements TableEntry {}

    /** What an edit does; ordinals are the values of {@code pb_edit_op}, formulas there. */
    enum EditOperation {
        FILL,
        REPLACE,
        ADD,
        SCALE,
        INTERPOLATE,
        PROJECT_OUT,
        PROJECT_SWAP,
        KNOCKOUT,
        UNIFORM
    }

    /** Where inside attention an edit acts: on scores before softmax or on the pattern after it. */
    enum AttentionStage {
        SCORES,
        PATTERN
    }
}
