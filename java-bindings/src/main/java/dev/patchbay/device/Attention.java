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
     * Numbers per query and head, all optional; they see the edited pattern. The largest weight is the first of the two.
     *
     * @param topValue {@code [tokens, heads · 2]}, largest first; there where {@code topIndex} is
     * @param topIndex I32 {@code [tokens, heads · 2]}, the lowest key on ties; −1 where there is no second key
     * @param entropy {@code [tokens, heads]}, nats
     * @param mass {@code [tokens, heads · labels]}
     * @param labels at most 8
     * @param weights sums of weighted pattern over the labels' keys, or null
     * @param chosen the largest weights among a label's keys, or null
     * @param received what each key receives, or null
     */
    public record Statistics(
            @Nullable Tensor topValue,
            @Nullable Tensor topIndex,
            @Nullable Tensor entropy,
            @Nullable Tensor mass,
            List<MassLabel> labels,
            @Nullable KeyWeights weights,
            @Nullable ChosenTop chosen,
            @Nullable Received received) {
        /** Nothing. */
        public static final Statistics NONE = new Statistics(null, null, null, null, List.of());

        /** Copies the list. */
        public Statistics {
            labels = List.copyOf(labels);
        }

        /** Without weights, chosen keys and what keys receive. */
        public Statistics(
                @Nullable Tensor topValue,
                @Nullable Tensor topIndex,
                @Nullable Tensor entropy,
                @Nullable Tensor mass,
                List<MassLabel> labels) {
            this(topValue, topIndex, entropy, mass, labels, null, null, null);
        }
    }

    /**
     * Weights of keys, by query head: {@code weighted = Σ weight(key) · pattern(key)} over each label's keys.
     *
     * @param count weights of a key and head, 1 to 4
     * @param own of own keys, {@code [tokens, heads · count]}
     * @param base of base keys, {@code [base rows, heads · count]}, null when every row starts at 0
     * @param weighted {@code [tokens, heads · labels · count]}, written; 0 for a sink
     */
    public record KeyWeights(
            int count, Tensor own, @Nullable Tensor base, Tensor weighted) {}

    /**
     * The two largest weights among the keys that carry a label.
     *
     * @param label its index
     * @param value as {@link Statistics#topValue}; 0 where there is no such key
     * @param index as {@link Statistics#topIndex}
     */
    public record ChosenTop(int label, Tensor value, Tensor index) {}

    /**
     * The pattern summed over the queries of each row, by key: a second pass over the scores.
     *
     * @param begin I32 {@code [1, rows]}: the line of each row's position 0
     * @param mass {@code [lines, heads]}, written from each row's position 0 to its end, the base's positions included
     */
    public record Received(Tensor begin, Tensor mass) {}

    /** A predicate over the keys that a query sees, whose pattern mass is summed ({@code pb_mass_label}). */
    public sealed interface MassLabel {
        /** Keys {@code from <= key < to}. */
        record Range(int from, int to, boolean includeSelf) implements MassLabel {
            /** The query's own position included. */
            public Range(int from, int to) {
                this(from, to, true);
            }
        }

        /** The key {@code query − distance}. */
        record Offset(int distance) implements MassLabel {}

        /** Keys whose code equals the query's; {@code codeBase} I32 {@code [1, rows]}: where each row's position 0 is. */
        record SameCode(Tensor keyCodes, Tensor queryCodes, Tensor codeBase, boolean includeSelf)
                implements MassLabel {}

        /** Keys listed for each query: {@code listBegin} I32 {@code [1, tokens + 1]} into {@code list}, ascending. */
        record Listed(Tensor list, Tensor listBegin, boolean includeSelf) implements MassLabel {
            /** The query's own position included. */
            public Listed(Tensor list, Tensor listBegin) {
                this(list, listBegin, true);
            }
        }

        /** The sink column. */
        record Sink() implements MassLabel {}
    }
}
