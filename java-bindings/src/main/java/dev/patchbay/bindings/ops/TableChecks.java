package dev.patchbay.bindings.ops;

import dev.patchbay.device.TableEntry;
import dev.patchbay.device.TableEntry.AttentionEdit;
import dev.patchbay.device.TableEntry.AttentionRow;
import dev.patchbay.device.TableEntry.AttentionStage;
import dev.patchbay.device.TableEntry.EditEntry;
import dev.patchbay.device.TableEntry.EditOperation;
import dev.patchbay.device.TableEntry.RowSpan;
import dev.patchbay.device.Tensor;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What every entry of a table must fulfil whatever tensors it will meet. */
final class TableChecks {
    /** Most basis vectors of a projection. */
    static final int MAXIMUM_RANK = 8;

    private static final Set<EditOperation> ON_MATRICES = EnumSet.range(EditOperation.FILL, EditOperation.PROJECT_SWAP);
    private static final Set<EditOperation> ON_SCORES = EnumSet.of(
            EditOperation.FILL,
            EditOperation.REPLACE,
            EditOperation.ADD,
            EditOperation.SCALE,
            EditOperation.INTERPOLATE,
            EditOperation.KNOCKOUT);
    private static final Set<EditOperation> ON_PATTERN = EnumSet.of(
            EditOperation.FILL,
            EditOperation.REPLACE,
            EditOperation.ADD,
            EditOperation.SCALE,
            EditOperation.INTERPOLATE,
            EditOperation.UNIFORM);

    private TableChecks() {}

    /** Values an operation reads per element or key. */
    static boolean readsValues(EditOperation operation) {
        return switch (operation) {
            case REPLACE, ADD, INTERPOLATE, PROJECT_SWAP -> true;
            case FILL, SCALE, PROJECT_OUT, KNOCKOUT, UNIFORM -> false;
        };
    }

    /** Whether an operation reads basis vectors. */
    static boolean projects(EditOperation operation) {
        return operation == EditOperation.PROJECT_OUT || operation == EditOperation.PROJECT_SWAP;
    }

    static void check(List<? extends TableEntry> entries, String label) {
        TableEntry previous = null;
        for (TableEntry entry : entries) {
            if (!isSound(entry)) {
                throw new IllegalArgumentException(label + ": no such entry can be: " + entry);
            }
            if (previous != null && order(previous) > order(entry)) {
                throw new IllegalArgumentException(label + " is not sorted: " + entry + " comes after " + previous);
            }
            previous = entry;
        }
        checkRowsDoNotOverlap(
                entries.stream()
                        .filter(RowSpan.class::isInstance)
                        .map(RowSpan.class::cast)
                        .sorted(Comparator.comparingInt(RowSpan::token))
                        .toList(),
                label);
    }

    private static boolean isSound(TableEntry entry) {
        return switch (entry) {
            case RowSpan row ->
                row.token() >= 0
                        && row.length() >= 1
                        && row.start() >= 0
                        && (row.start() == 0 || row.base() >= 0)
                        && (long) row.start() + row.length() <= Integer.MAX_VALUE;
            case EditEntry edit ->
                edit.token() >= 0
                        && edit.column() >= 0
                        && edit.count() >= 1
                        && ON_MATRICES.contains(edit.operation())
                        && edit.source() >= 0
                        && edit.basis() >= 0
                        && edit.rank() >= (projects(edit.operation()) ? 1 : 0)
                        && edit.rank() <= MAXIMUM_RANK;
            case AttentionEdit edit ->
                edit.token() >= 0
                        && edit.head() >= 0
                        && edit.keyBegin() >= 0
                        && edit.keyEnd() >= edit.keyBegin()
                        && (edit.stage() == AttentionStage.SCORES ? ON_SCORES : ON_PATTERN).contains(edit.operation())
                        && edit.source() >= 0;
            case AttentionRow row -> row.token() >= 0 && row.head() >= 0 && row.offset() >= 0;
        };
    }

    /** What a table is sorted by, as one number; rows of a batch may come in any order. */
    private static long order(TableEntry entry) {
        return switch (entry) {
            case RowSpan _ -> 0;
            case EditEntry edit -> edit.token();
            case AttentionEdit edit -> ((long) edit.token() << Integer.SIZE) + edit.head();
            case AttentionRow row -> ((long) row.token() << Integer.SIZE) + row.head();
        };
    }

    private static void checkRowsDoNotOverlap(List<RowSpan> byToken, String label) {
        for (int index = 1; index < byToken.size(); index++) {
            RowSpan before = byToken.get(index - 1);
            if ((long) before.token() + before.length() > byToken.get(index).token()) {
                throw new IllegalArgumentException(
                        label + ": rows share tokens: " + before + " and " + byToken.get(index));
            }
        }
    }

    /** Entries lie within the matrix they edit and read within their values and bases. */
    static void checkReach(List<EditEntry> entries, Tensor x, long values, long bases) {
        for (EditEntry edit : entries) {
            boolean inside = edit.token() < x.rows() && edit.count() <= x.columns() - edit.column();
            boolean hasValues = !readsValues(edit.operation()) || edit.source() <= values - edit.count();
            boolean hasBases = !projects(edit.operation()) || edit.basis() <= bases - (long) edit.rank() * edit.count();
            if (!inside || !hasValues || !hasBases) {
                throw new IllegalArgumentException("entries: %s reaches outside x (%s x %s), values (%s) or bases (%s)"
                        .formatted(edit, x.rows(), x.columns(), values, bases));
            }
        }
    }
}
