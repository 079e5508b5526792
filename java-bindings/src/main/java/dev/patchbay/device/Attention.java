package dev.patchbay.device;

import dev.patchbay.device.TableEntry.AttentionEdit;
import dev.patchbay.device.TableEntry.AttentionRow;
import dev.patchbay.device.TableEntry.RowSpan;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of one attention pass: queries of every row over its base's keys {@code [0, start)} followed by its own
 * keys ({@code pb_attention}).
 *
 * @param shape heads, scale, window, caps
 * @param rows the rows of the batch
 * @param q {@code [tokens, heads · d_head]}
 * @param k own keys {@code [tokens, kv_heads · d_head]}, rotated
 * @param v own values {@code [tokens, kv_heads · d_head]}
 * @param baseK {@code [base rows, kv_heads · d_head]}, null when every row starts at 0
 * @param baseV as {@code baseK}
 * @param alibiSlopes {@code [1, heads]}, a score gains slope · (key − query); or {@code [heads, positions]}, what it gains for a
 *     key, as many positions as a multiple of 64 that no row exceeds; or null
 * @param sinks {@code [1, heads]} or null
 * @param edits edits of scores and pattern, or null
 * @param capture rows of scores and pattern to write, or null
 * @param statistics numbers per query and head, or null
 * @param z {@code [tokens, heads · d_head]}, written
 * @param logSumExp {@code [tokens, heads]}, written
 */
public record Attention(
        Shape shape,
        DeviceTable<RowSpan> rows,
        Tensor q,
        Tensor k,
        Tensor v,
        @Nullable Tensor baseK,
        @Nullable Tensor baseV,
        @Nullable Tensor alibiSlopes,
        @Nullable Tensor sinks,
        @Nullable Edits edits,
        @Nullable Capture capture,
        @Nullable Statistics statistics,
        Tensor z,
        Tensor logSumExp) {

    /**
     * What stays the same for every row of a layer.
     *
     * @param heads query heads, a multiple of the key-value heads
     * @param keyValueHeads heads of keys and values
     * @param headSize elements of a head, 1 to 512
     * @param scale factor of {@code q · k}
     * @param window keys {@code j > i − window} are visible, 0 for no window
     * @param softCap scores become {@code softCap · tanh(score / softCap)}, 0 for none
     */
    public record Shape(int heads, int keyValueHeads, int headSize, float scale, int window, float softCap) {}

    /**
     * Edits inside the pass.
     *
     * @param table sorted by (token, head)
     * @param values what the entries' {@code source} indexes, or null
     * @param change {@code [1, entries]}, written: the largest absolute change each made
     */
    public record Edits(
            DeviceTable<AttentionEdit> table, @Nullable Tensor values, Tensor change) {}

    /**
     * Rows of scores or pattern to write, each table sorted by (token, head); a row takes {@code position + 1} floats.
     *
     * @param scoreRows whose scores, or null
     * @param scores contiguous, any shape; there where {@code scoreRows} is
     * @param patternRows whose pattern, or null
     * @param pattern contiguous, any shape; there where {@code patternRows} is
     */
    public record Capture(
            @Nullable DeviceTable<AttentionRow> scoreRows,
            @Nullable Tensor scores,
            @Nullable DeviceTable<AttentionRow> patternRows,
            @Nullable Tensor pattern) {}

    /**
     * Numbers per query and head, all optional.
     *
     * @param topValue {@code [tokens, heads · 2]}; there where {@code topIndex} is
     * @param topIndex I32 {@code [tokens, heads · 2]}; −1 where there is no second key
     * @param entropy {@code [tokens, heads]}, nats
     * @param mass {@code [tokens, heads · labels]}
     * @param labels at most 8
     */
    public record Statistics(
            @Nullable Tensor topValue,
            @Nullable Tensor topIndex,
            @Nullable Tensor entropy,
            @Nullable Tensor mass,
            List<MassLabel> labels) {}

    /** A predicate over keys whose pattern mass is summed ({@code pb_mass_label}). */
    public sealed interface MassLabel {
        /** Keys {@code from <= key < to}. */
        record Range(int from, int to) implements MassLabel {}

        /** The key {@code query − distance}. */
        record Offset(int distance) implements MassLabel {}

        /** Keys whose code equals the query's; {@code codeBase} I32 {@code [1, rows]}: where each row's position 0 is. */
        record SameCode(Tensor keyCodes, Tensor queryCodes, Tensor codeBase, boolean includeSelf)
                implements MassLabel {}

        /** Keys listed for each query: {@code listBegin} I32 {@code [1, tokens + 1]} into {@code list}, ascending. */
        record Listed(Tensor list, Tensor listBegin) implements MassLabel {}

        /** The sink column. */
        record Sink() implements MassLabel {}
    }
}
