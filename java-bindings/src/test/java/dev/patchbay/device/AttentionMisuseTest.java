package dev.patchbay.device;

import static dev.patchbay.device.Refusal.assertRefused;

import dev.patchbay.device.Attention.Capture;
import dev.patchbay.device.Attention.ChosenTop;
import dev.patchbay.device.Attention.Edits;
import dev.patchbay.device.Attention.KeyWeights;
import dev.patchbay.device.Attention.MassLabel;
import dev.patchbay.device.Attention.Received;
import dev.patchbay.device.Attention.Statistics;
import dev.patchbay.device.TableEntry.AttentionEdit;
import dev.patchbay.device.TableEntry.AttentionRow;
import dev.patchbay.device.TableEntry.AttentionStage;
import dev.patchbay.device.TableEntry.EditOperation;
import dev.patchbay.device.TableEntry.RowSpan;
import dev.patchbay.device.TestDevices.Choice;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Attention's arguments that must not cross into native code. */
class AttentionMisuseTest extends ContractTest {
    private static final Attention.Shape SHAPE = new Attention.Shape(2, 1, 4, 0.5f, 0, 0);

    private Tensor q;
    private Tensor k;
    private Tensor z;
    private Tensor logSumExp;

    AttentionMisuseTest(Choice choice) {
        super(choice);
    }

    @BeforeEach
    void prepare() {
        q = matrices().strided(new float[24], 3, 8);
        k = matrices().strided(new float[12], 3, 4);
        z = matrices().strided(3, 8);
        logSumExp = matrices().dense(3, 2);
    }

    @Test
    void wrongShapes() {
        assertRefused("shape", () -> run(new Attention.Shape(3, 2, 4, 1, 0, 0)));
        assertRefused("shape", () -> run(new Attention.Shape(2, 1, 513, 1, 0, 0)));
        assertRefused("shape", () -> run(new Attention.Shape(2, 1, 4, 1, -1, 0)));
        assertRefused("shape", () -> run(new Attention.Shape(2, 1, 4, Float.NaN, 0, 0)));
        assertRefused("q", () -> run(new Attention.Shape(4, 1, 4, 1, 0, 0)));
        assertRefused("k", () -> run(SHAPE, q, q, z, logSumExp));
        assertRefused("z", () -> run(SHAPE, q, k, k, logSumExp));
        assertRefused("logSumExp", () -> run(SHAPE, q, k, z, matrices().strided(3, 2)));
    }

    @Test
    void rowsOutsideTheBatchOrTheBase() {
        assertRefused("rows", () -> run(new RowSpan(0, 4, 0, 0), null));
        assertRefused("rows", () -> run(new RowSpan(0, 3, 1, 0), null));
        assertRefused("rows", () -> run(new RowSpan(0, 3, 3, 1), matrices().strided(3, 4)));
        assertRefused("base_k", () -> run(new RowSpan(0, 3, 3, 0), matrices().strided(3, 5)));
    }

    @Test
    void overlaps() {
        assertRefused("test matrix overlaps", () -> run(SHAPE, q, k, q, logSumExp));
        assertRefused("test matrix overlaps", () -> {
            Tensor entropy = logSumExp;
            run(null, null, new Statistics(null, null, entropy, null, List.of()));
        });
    }

    @Test
    void editsOutsideTheBatch() {
        assertRefused("edits", () -> run(edit(3, 0, 0, 1, EditOperation.FILL), null, null));
        assertRefused("edits", () -> run(edit(0, 2, 0, 1, EditOperation.FILL), null, null));
        assertRefused("edits", () -> run(edit(0, 0, 0, 3, EditOperation.REPLACE), null, null));
        assertRefused("edits", () -> edit(0, 0, 2, 1, EditOperation.FILL));
        assertRefused("edits", () -> edit(0, 0, 0, 1, EditOperation.UNIFORM));
        assertRefused("edits", () -> edit(0, 0, 0, 1, EditOperation.PROJECT_OUT));
    }

    @Test
    void capturesOutsideTheBatchOrTheirTarget() {
        assertRefused("capture of scores", () -> run(null, capture(new AttentionRow(3, 0, 0), 9), null));
        assertRefused("capture of scores", () -> run(null, capture(new AttentionRow(0, 2, 0), 9), null));
        assertRefused("capture of scores", () -> run(null, capture(new AttentionRow(2, 0, 7), 9), null));
        assertRefused("capture", () -> {
            Capture half = new Capture(null, null, null, matrices().dense(1, 9));
            run(null, half, null);
        });
    }

    @Test
    void statisticsThatDoNotFit() {
        assertRefused("topValue", () -> statistics(matrices().dense(3, 4), null, List.of()));
        assertRefused("labels", () -> statistics(null, null, List.of(new MassLabel.Offset(1))));
        assertRefused("labels", () -> statistics(null, matrices().dense(3, 2), List.of()));
        assertRefused(
                "labels",
                () -> statistics(null, matrices().dense(3, 18), Collections.nCopies(9, new MassLabel.Sink())));
        assertRefused("mass", () -> statistics(null, matrices().dense(3, 3), List.of(new MassLabel.Offset(1))));
        assertLabelRefused("codeBase[0]", new MassLabel.SameCode(ints(0, 0), ints(0, 0, 0), ints(0), false));
        assertLabelRefused("codeBase[0]", new MassLabel.SameCode(ints(0, 0, 0), ints(0, 0, 0), ints(1), false));
        assertLabelRefused("codeBase[0]", new MassLabel.SameCode(ints(0, 0, 0), ints(0, 0, 0), ints(-1), false));
        assertLabelRefused("listBegin", new MassLabel.Listed(ints(0), ints(0, 1, 1)));
        assertLabelRefused("listBegin[3]", new MassLabel.Listed(ints(0), ints(0, 1, 1, 2)));
        assertLabelRefused("listBegin[2]", new MassLabel.Listed(ints(0), ints(0, 1, 0, 1)));
    }

    @Test
    void statisticsBeyondTheLabelsThatDoNotFit() {
        MassLabel label = new MassLabel.Offset(1);
        Tensor weights = matrices().strided(3, 4);
        Tensor weighted = matrices().dense(3, 4);
        assertRefused("weights", () -> extras(new KeyWeights(5, weights, null, weighted), null, null));
        assertRefused("key weights", () -> extras(new KeyWeights(1, weights, null, weighted), null, null));
        assertRefused("weighted", () -> extras(new KeyWeights(2, weights, null, logSumExp), null, null));
        assertRefused("weights", () -> {
            KeyWeights alone = new KeyWeights(2, weights, null, weighted);
            run(null, null, new Statistics(null, null, null, null, List.of(), alone, null, null));
        });
        Tensor index = matrices().integers(new int[12]).reshape(3, 4);
        assertRefused("chosen label", () -> extras(null, new ChosenTop(1, weighted, index), null));
        assertRefused("chosen label", () -> extras(null, new ChosenTop(-1, weighted, index), null));
        assertRefused("chosen value", () -> extras(null, new ChosenTop(0, logSumExp, index), null));
        assertRefused("index of chosen", () -> extras(null, new ChosenTop(0, weighted, ints(0)), null));
        assertRefused(
                "received begin[0]",
                () -> extras(null, null, new Received(ints(1), matrices().dense(3, 2))));
        assertRefused(
                "received begin[0]",
                () -> extras(null, null, new Received(ints(-1), matrices().dense(3, 2))));
        assertRefused(
                "received mass",
                () -> extras(null, null, new Received(ints(0), matrices().dense(3, 3))));
        assertRefused("base key weights", () -> {
            Tensor base = matrices().strided(2, 4);
            KeyWeights own =
                    new KeyWeights(2, matrices().strided(3, 4), matrices().strided(1, 4), weighted);
            run(new Attention(
                    SHAPE,
                    rows(new RowSpan(0, 3, 2, 0)),
                    q,
                    k,
                    k,
                    base,
                    base,
                    null,
                    null,
                    null,
                    null,
                    new Statistics(null, null, null, matrices().dense(3, 2), List.of(label), own, null, null),
                    z,
                    logSumExp));
        });
    }

    private void extras(@Nullable KeyWeights weights, @Nullable ChosenTop chosen, @Nullable Received received) {
        List<MassLabel> labels = List.of(new MassLabel.Offset(1));
        Tensor mass = matrices().dense(3, 2);
        run(null, null, new Statistics(null, null, null, mass, labels, weights, chosen, received));
    }

    private void assertLabelRefused(String argument, MassLabel label) {
        assertRefused(argument, () -> statistics(null, matrices().dense(3, 2), List.of(label)));
    }

    private Tensor ints(int... values) {
        return matrices().integers(values);
    }

    private void statistics(@Nullable Tensor topValue, @Nullable Tensor mass, List<MassLabel> labels) {
        run(null, null, new Statistics(topValue, null, null, mass, labels));
    }

    private Edits edit(int token, int head, int keyBegin, int keyEnd, EditOperation operation) {
        AttentionEdit entry = new AttentionEdit(token, head, keyBegin, keyEnd, AttentionStage.SCORES, operation, 0, 1);
        DeviceTable<AttentionEdit> table = matrices().table(AttentionEdit.class, List.of(entry), "edits");
        return new Edits(table, matrices().dense(1, 2), matrices().dense(1, 1));
    }

    private Capture capture(AttentionRow row, int size) {
        DeviceTable<AttentionRow> table = matrices().table(AttentionRow.class, List.of(row));
        return new Capture(table, matrices().dense(1, size), null, null);
    }

    private void run(Attention.Shape shape) {
        run(shape, q, k, z, logSumExp);
    }

    private void run(Attention.Shape shape, Tensor queries, Tensor keys, Tensor out, Tensor sums) {
        run(new Attention(
                shape,
                rows(new RowSpan(0, 3, 0, 0)),
                queries,
                keys,
                k,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                out,
                sums));
    }

    private void run(RowSpan row, @Nullable Tensor base) {
        run(new Attention(SHAPE, rows(row), q, k, k, base, base, null, null, null, null, null, z, logSumExp));
    }

    private void run(@Nullable Edits edits, @Nullable Capture capture, @Nullable Statistics statistics) {
        run(new Attention(
                SHAPE,
                rows(new RowSpan(0, 3, 0, 0)),
                q,
                k,
                k,
                null,
                null,
                null,
                null,
                edits,
                capture,
                statistics,
                z,
                logSumExp));
    }

    private void run(Attention call) {
        ops().attention(call);
    }

    private DeviceTable<RowSpan> rows(RowSpan row) {
        return matrices().table(RowSpan.class, List.of(row));
    }
}
