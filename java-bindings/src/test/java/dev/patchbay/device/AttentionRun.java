package dev.patchbay.device;

import dev.patchbay.device.Attention.Capture;
import dev.patchbay.device.Attention.ChosenTop;
import dev.patchbay.device.Attention.Edits;
import dev.patchbay.device.Attention.KeyWeights;
import dev.patchbay.device.Attention.Received;
import dev.patchbay.device.Attention.Statistics;
import dev.patchbay.device.AttentionOracle.AttentionCase;
import dev.patchbay.device.AttentionOracle.LabelCase;
import dev.patchbay.device.TableEntry.AttentionEdit;
import dev.patchbay.device.TableEntry.AttentionRow;
import dev.patchbay.device.TableEntry.RowSpan;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An {@link AttentionCase} run on a device, every query and head captured and measured. */
final class AttentionRun {
    final Tensor z;
    final Tensor logSumExp;
    final Tensor editChange;
    final Tensor scores;
    final Tensor pattern;
    final Tensor topValue;
    final Tensor topIndex;
    final Tensor entropy;
    final @Nullable Tensor mass;
    final @Nullable KeyWeights weights;
    final @Nullable ChosenTop chosen;
    final @Nullable Received received;
    /** Where each query's row begins in {@link #scores} and {@link #pattern}. */
    final List<AttentionRow> captured;

    AttentionRun(Matrices matrices, AttentionCase problem, List<LabelCase> labels) {
        this(matrices, problem, labels, true);
    }

    /** With rows of scores and pattern captured or not. */
    AttentionRun(Matrices matrices, AttentionCase problem, List<LabelCase> labels, boolean capture) {
        Attention.Shape shape = problem.shape;
        int tokens = problem.tokens;
        int heads = shape.heads();
        int keyColumns = shape.keyValueHeads() * shape.headSize();
        captured = captureAll(problem);
        int floats = problem.rows.stream()
                .mapToInt(row -> heads * row.length() * (2 * row.start() + row.length() + 1) / 2)
                .sum();
        boolean whole = heads * shape.headSize() % 4 == 0;
        z = whole
                ? matrices.aligned(tokens, heads * shape.headSize())
                : matrices.strided(tokens, heads * shape.headSize());
        logSumExp = matrices.dense(tokens, heads);
        editChange = matrices.dense(1, problem.edits.size());
        scores = matrices.dense(1, floats);
        pattern = matrices.dense(1, floats);
        topValue = matrices.dense(tokens, 2 * heads);
        topIndex = matrices.integers(new int[tokens * 2 * heads]).reshape(tokens, 2L * heads);
        entropy = matrices.dense(tokens, heads);
        mass = labels.isEmpty() ? null : matrices.dense(tokens, heads * labels.size());
        weights = problem.weightCount == 0 ? null : weights(matrices, problem, labels.size());
        chosen = problem.chosenLabel < 0
                ? null
                : new ChosenTop(
                        problem.chosenLabel,
                        matrices.dense(tokens, 2 * heads),
                        matrices.integers(new int[tokens * 2 * heads]).reshape(tokens, 2L * heads));
        received = problem.received
                ? new Received(
                        matrices.integers(problem.receivedBegin()), matrices.dense(problem.receivedLines(), heads))
                : null;
        DeviceTable<AttentionRow> wanted = matrices.table(AttentionRow.class, captured);
        matrices.ops()
                .attention(new Attention(
                        shape,
                        matrices.table(RowSpan.class, problem.rows),
                        matrices.strided(problem.q, tokens, heads * shape.headSize()),
                        matrices.strided(problem.k, tokens, keyColumns),
                        matrices.strided(problem.v, tokens, keyColumns),
                        problem.baseRows == 0 ? null : matrices.strided(problem.baseK, problem.baseRows, keyColumns),
                        problem.baseRows == 0 ? null : matrices.strided(problem.baseV, problem.baseRows, keyColumns),
                        problem.alibiSlopes == null
                                ? null
                                : matrices.dense(
                                        problem.alibiSlopes,
                                        problem.alibiPositions == 0 ? 1 : heads,
                                        problem.alibiPositions == 0 ? heads : problem.alibiPositions),
                        problem.sinks == null ? null : matrices.dense(problem.sinks, 1, heads),
                        problem.edits.isEmpty() ? null : edits(matrices, problem),
                        capture ? new Capture(wanted, scores, wanted, pattern) : null,
                        new Statistics(
                                topValue,
                                topIndex,
                                entropy,
                                mass,
                                labels.stream().map(LabelCase::label).toList(),
                                weights,
                                chosen,
                                received),
                        z,
                        logSumExp));
    }

    private static KeyWeights weights(Matrices matrices, AttentionCase problem, int labels) {
        int columns = problem.shape.heads() * problem.weightCount;
        return new KeyWeights(
                problem.weightCount,
                matrices.strided(problem.keyWeights, problem.tokens, columns),
                problem.baseRows == 0 ? null : matrices.strided(problem.baseKeyWeights, problem.baseRows, columns),
                matrices.dense(problem.tokens, columns * labels));
    }

    private Edits edits(Matrices matrices, AttentionCase problem) {
        return new Edits(
                matrices.table(AttentionEdit.class, problem.edits),
                matrices.dense(problem.editValues, 1, problem.editValues.length),
                editChange);
    }

    private static List<AttentionRow> captureAll(AttentionCase problem) {
        List<AttentionRow> all = new ArrayList<>();
        long offset = 0;
        List<RowSpan> byToken = problem.rows.stream()
                .sorted(Comparator.comparingInt(RowSpan::token))
                .toList();
        for (RowSpan row : byToken) {
            for (int i = 0; i < row.length(); i++) {
                for (int head = 0; head < problem.shape.heads(); head++) {
                    all.add(new AttentionRow(row.token() + i, head, offset));
                    offset += row.start() + i + 1;
                }
            }
        }
        return all;
    }
}
