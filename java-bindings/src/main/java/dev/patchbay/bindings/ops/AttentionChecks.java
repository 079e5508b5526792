package dev.patchbay.bindings.ops;

import dev.patchbay.device.Attention;
import dev.patchbay.device.Attention.Capture;
import dev.patchbay.device.Attention.ChosenTop;
import dev.patchbay.device.Attention.Edits;
import dev.patchbay.device.Attention.KeyWeights;
import dev.patchbay.device.Attention.Received;
import dev.patchbay.device.Attention.Statistics;
import dev.patchbay.device.TableEntry.AttentionEdit;
import dev.patchbay.device.TableEntry.AttentionRow;
import dev.patchbay.device.TableEntry.RowSpan;
import dev.patchbay.device.Tensor;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the parts of an attention pass must fulfil together. */
final class AttentionChecks {
    /** Most labelled masses of a pass. */
    static final int MAXIMUM_LABELS = 8;
    /** Most weights of a key and head. */
    static final int MAXIMUM_WEIGHTS = 4;

    private static final int ALIBI_TILE = 64;
    /** Largest head. */
    static final int MAXIMUM_HEAD_SIZE = 512;
    /** Most positions of a row: keys are exact as floats. */
    static final int MAXIMUM_POSITIONS = 1 << 24;

    private AttentionChecks() {}

    static void checkShape(Attention.Shape shape) {
        if (shape.heads() < 1
                || shape.keyValueHeads() < 1
                || shape.headSize() < 1
                || shape.headSize() > MAXIMUM_HEAD_SIZE
                || shape.heads() % shape.keyValueHeads() != 0
                || shape.window() < 0
                || !(shape.softCap() >= 0)
                || !Float.isFinite(shape.scale())) {
            throw new IllegalArgumentException("shape: no attention can be so: %s".formatted(shape));
        }
    }

    static void checkRows(List<RowSpan> rows, Attention call) {
        long baseRows = Math.min(rowsOf(call.baseK()), rowsOf(call.baseV()));
        for (RowSpan row : rows) {
            if (row.start() + row.length() > MAXIMUM_POSITIONS) {
                throw new IllegalArgumentException(
                        "rows: %s has more than %s positions".formatted(row, MAXIMUM_POSITIONS));
            }
            if ((long) row.token() + row.length() > call.q().rows()) {
                throw new IllegalArgumentException("rows: %s ends after the %s tokens of q"
                        .formatted(row, call.q().rows()));
            }
            if (row.start() > 0 && (long) row.base() + row.start() > baseRows) {
                throw new IllegalArgumentException(
                        "rows: %s reads more than the %s rows of baseK and baseV".formatted(row, baseRows));
            }
        }
    }

    static void checkEdits(List<AttentionEdit> edits, long tokens, int heads, long values) {
        for (AttentionEdit edit : edits) {
            boolean hasValues = !TableChecks.readsValues(edit.operation())
                    || edit.source() <= values - (edit.keyEnd() - edit.keyBegin());
            if (edit.token() >= tokens || edit.head() >= heads || !hasValues) {
                throw new IllegalArgumentException("edits: %s reaches outside %s tokens, %s heads or %s values"
                        .formatted(edit, tokens, heads, values));
            }
        }
    }

    static void checkCapture(String name, List<AttentionRow> wanted, List<RowSpan> rows, int heads, long size) {
        List<RowSpan> byToken =
                rows.stream().sorted(Comparator.comparingInt(RowSpan::token)).toList();
        int at = 0;
        for (AttentionRow row : wanted) {
            while (at < byToken.size()
                    && byToken.get(at).token() + byToken.get(at).length() <= row.token()) {
                at++;
            }
            if (at == byToken.size() || row.token() < byToken.get(at).token() || row.head() >= heads) {
                throw new IllegalArgumentException("capture of %s: %s is no query of the batch".formatted(name, row));
            }
            long position = byToken.get(at).start()
                    + (long) row.token()
                    - byToken.get(at).token();
            if (row.offset() > size - (position + 1)) {
                throw new IllegalArgumentException(
                        "capture of %s: %s at position %s ends after the %s floats of its target"
                                .formatted(name, row, position, size));
            }
        }
    }

    /** Positions of a table of what keys add to scores, 0 for slopes or none. */
    static int alibiPositions(Attention call, List<RowSpan> rows) {
        Tensor alibi = call.alibiSlopes();
        if (alibi == null
                || (alibi.rows() == 1 && alibi.columns() == call.shape().heads())) {
            return 0;
        }
        int longest =
                rows.stream().mapToInt(row -> row.start() + row.length()).max().orElse(0);
        if (alibi.columns() % ALIBI_TILE != 0 || alibi.columns() < longest || alibi.columns() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "alibiSlopes is %s x %s: expected 1 x heads, or heads x a multiple of %s of at least %s positions"
                            .formatted(alibi.rows(), alibi.columns(), ALIBI_TILE, longest));
        }
        return (int) alibi.columns();
    }

    static void checkStatistics(Statistics statistics, List<RowSpan> rows) {
        if ((statistics.topValue() == null) != (statistics.topIndex() == null)) {
            throw new IllegalArgumentException("topValue and topIndex come together or not at all");
        }
        int count = statistics.labels().size();
        ChosenTop chosen = statistics.chosen();
        boolean used = statistics.mass() != null || (chosen != null && count > 0);
        if (count > MAXIMUM_LABELS || (count > 0) != used) {
            throw new IllegalArgumentException(
                    "labels: %s of them with mass %s, expected up to %s and a mass tensor where there are any"
                            .formatted(count, statistics.mass() == null ? "absent" : "present", MAXIMUM_LABELS));
        }
        if (chosen != null && (chosen.label() < 0 || chosen.label() >= count)) {
            throw new IllegalArgumentException(
                    "chosen label is %s, expected one of the %s labels".formatted(chosen.label(), count));
        }
        KeyWeights weights = statistics.weights();
        if (weights != null) {
            checkWeights(weights, statistics, rows);
        }
    }

    private static void checkWeights(KeyWeights weights, Statistics statistics, List<RowSpan> rows) {
        if (weights.count() < 1 || weights.count() > MAXIMUM_WEIGHTS || statistics.mass() == null) {
            throw new IllegalArgumentException("weights: %s a key with mass %s, expected 1 to %s and a mass tensor"
                    .formatted(weights.count(), statistics.mass() == null ? "absent" : "present", MAXIMUM_WEIGHTS));
        }
        long baseRows = rowsOf(weights.base());
        for (RowSpan row : rows) {
            if (row.start() > 0 && row.base() + (long) row.start() > baseRows) {
                throw new IllegalArgumentException(
                        "base key weights: %s reads more than their %s rows".formatted(row, baseRows));
            }
        }
    }

    /** No written tensor overlaps another tensor of the call. */
    static void checkAliasing(Attention call) {
        Edits edits = call.edits();
        Capture capture = call.capture();
        Statistics statistics = call.statistics() == null ? Statistics.NONE : call.statistics();
        KeyWeights weights = statistics.weights();
        ChosenTop chosen = statistics.chosen();
        Received received = statistics.received();
        @Nullable
        Tensor[] written = {
            call.z(),
            call.logSumExp(),
            edits == null ? null : edits.change(),
            capture == null ? null : capture.scores(),
            capture == null ? null : capture.pattern(),
            statistics.topValue(),
            statistics.topIndex(),
            statistics.entropy(),
            statistics.mass(),
            weights == null ? null : weights.weighted(),
            chosen == null ? null : chosen.value(),
            chosen == null ? null : chosen.index(),
            received == null ? null : received.mass()
        };
        @Nullable
        Tensor[] read = {
            call.q(),
            call.k(),
            call.v(),
            call.baseK(),
            call.baseV(),
            call.alibiSlopes(),
            call.sinks(),
            edits == null ? null : edits.values(),
            weights == null ? null : weights.own(),
            weights == null ? null : weights.base()
        };
        for (int index = 0; index < written.length; index++) {
            Tensor out = written[index];
            if (out == null) {
                continue;
            }
            for (Tensor in : read) {
                requireApart(out, in);
            }
            for (int other = index + 1; other < written.length; other++) {
                requireApart(out, written[other]);
            }
        }
    }

    private static void requireApart(Tensor out, @Nullable Tensor other) {
        if (other != null) {
            Aliasing.requireDisjoint(label(out), out, label(other), other);
        }
    }

    private static String label(Tensor tensor) {
        return tensor.buffer().label();
    }

    private static long rowsOf(@Nullable Tensor tensor) {
        return tensor == null ? 0 : tensor.rows();
    }
}
