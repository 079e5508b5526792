package dev.patchbay.device;

import static dev.patchbay.device.Refusal.assertRefused;
import static dev.patchbay.device.Refusal.assertThrowsSaying;

import dev.patchbay.device.Ops.ActivationKind;
import dev.patchbay.device.Ops.Direction;
import dev.patchbay.device.Ops.Gemm;
import dev.patchbay.device.Ops.NormKind;
import dev.patchbay.device.Ops.RopePairing;
import dev.patchbay.device.TableEntry.EditEntry;
import dev.patchbay.device.TableEntry.EditOperation;
import dev.patchbay.device.TableEntry.RowSpan;
import dev.patchbay.device.TestDevices.Choice;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Arguments that must not cross into native code, on every device; attention's are in {@link AttentionMisuseTest}. */
class OpsMisuseTest extends ContractTest {
    private Tensor x;
    private Tensor other;
    private Tensor narrow;
    private Tensor integers;
    private Weight weight;

    OpsMisuseTest(Choice choice) {
        super(choice);
    }

    @BeforeEach
    void prepare() {
        x = matrices().strided(new float[24], 4, 6);
        other = matrices().strided(new float[24], 4, 6);
        narrow = matrices().strided(new float[20], 4, 5);
        integers = matrices().integers(0, 1, 2, 3);
        weight = matrices().weight(new float[36], 6, 6, false);
    }

    @Test
    void wrongShapes() {
        assertRefused("x", () -> gemm(narrow.rows(0, 4), Direction.FORWARD, 2, null, other));
        assertRefused("x", () -> gemm(x, Direction.FORWARD, 1, null, other));
        assertRefused("x", () -> gemm(x, Direction.FORWARD, -1, null, other));
        assertRefused("x", () -> gemm(x.columns(0, 0), Direction.FORWARD, 0, null, other));
        assertRefused("out", () -> gemm(x, Direction.FORWARD, 0, null, narrow));
        assertRefused("out", () -> gemm(x, Direction.BACKWARD, 0, null, other.rows(0, 3)));
        assertRefused("bias", () -> gemm(x, Direction.FORWARD, 0, narrow.rows(0, 1), other));
        assertRefused("out", () -> ops().add(x, other, 1, narrow));
        assertRefused("b", () -> ops().add(x, narrow, 1, x));
        assertRefused("out", () -> ops().scale(x, 1, narrow));
        assertRefused("cap", () -> ops().softCap(x, 0, x));
        assertRefused("cap", () -> ops().softCap(x, Float.NaN, x));
        assertRefused("limit", () -> ops().clamp(x, -1, x));
        assertRefused("out", () -> ops().logSoftmax(x, narrow));
        assertRefused("linear", () -> ops().activation(ActivationKind.SILU, x, narrow, x));
        assertRefused("groups", () -> norm(4, x, null, matrices().dense(4, 4)));
        assertRefused("groups", () -> norm(0, x, null, matrices().dense(4, 1)));
        assertRefused("scale", () -> norm(2, x, null, matrices().dense(4, 1)));
        assertRefused(
                "weight", () -> norm(2, x, matrices().dense(1, 6), matrices().dense(4, 2)));
        assertRefused("heads", () -> rope(4, 2, integers));
        assertRefused("rotary", () -> rope(2, 3, integers));
        assertRefused("rotary", () -> rope(2, 4, integers));
        assertRefused("positions", () -> rope(2, 2, integers.columns(0, 3)));
        assertRefused("destination", () -> ops().gather(x, null, narrow, null, 1));
        assertRefused("count", () -> ops().gather(x, null, other, null, 5));
        assertRefused("sourceIndex", () -> ops().gather(x, integers, other, null, 3));
        assertRefused(
                "column",
                () -> chosen(x, integers, integers.columns(0, 2), matrices().dense(1, 4)));
        assertRefused(
                "out",
                () -> chosen(
                        x,
                        integers.columns(0, 2),
                        integers.columns(0, 2),
                        matrices().dense(2, 2)));
    }

    @Test
    void indicesOutsideTheirTensor() {
        Tensor outside = matrices().integers(0, 4);
        Tensor negative = matrices().integers(-1, 0);
        for (Tensor bad : List.of(outside, negative)) {
            assertRefused("sourceIndex", () -> ops().gather(x, bad, other, null, 2));
            assertRefused("destinationIndex", () -> ops().gather(x, null, other, bad, 2));
            assertRefused(
                    "row",
                    () -> chosen(x, bad, integers.columns(0, 2), matrices().dense(1, 2)));
        }
        assertRefused("positions", () -> rope(2, 2, matrices().integers(0, 1, 2, 10)));
        assertRefused(
                "column",
                () -> chosen(
                        x,
                        integers.columns(0, 1),
                        matrices().integers(6),
                        matrices().dense(1, 1)));
    }

    @Test
    void wrongTypes() {
        Tensor asIntegers = new Tensor(x.buffer(), DType.I32, x.offset(), 4, 6, x.stride());
        assertRefused("x", () -> ops().logSoftmax(asIntegers, x));
        assertRefused("out", () -> ops().scale(x, 2, asIntegers));
        assertRefused(
                "row",
                () -> chosen(x, matrices().dense(1, 4), integers, matrices().dense(1, 4)));
        assertRefused("destination", () -> ops().gather(x, null, asIntegers, null, 1));
        assertRefused("raw", () -> device().weight(asIntegers, false));
    }

    @Test
    void tensorsThatMustBeContiguous() {
        assertRefused("scale", () -> norm(2, x, null, matrices().strided(4, 2)));
        assertRefused("values", () -> edit(EditOperation.REPLACE, 0, 0, x, other));
    }

    @Test
    void overlaps() {
        assertRefused("out", () -> gemm(x, Direction.FORWARD, 0, null, x));
        assertRefused("out", () -> ops().scale(x.rows(0, 3), 2, x.rows(1, 3)));
        assertRefused("out", () -> ops().scale(x.columns(0, 3), 2, x.columns(2, 3)));
        assertRefused("destination", () -> ops().gather(x, null, x, null, 4));
        assertRefused(
                "out of a product",
                () -> ops().gemm(List.of(
                        new Gemm(x, weight, null, other), new Gemm(matrices().strided(4, 6), weight, null, other))));
        ops().scale(x.columns(0, 3), 2, x.columns(3, 3));
        ops().scale(x.rows(0, 2), 2, x.rows(2, 2));
    }

    @Test
    void editsThatReachOutside() {
        assertRefused("entries", () -> edit(EditOperation.FILL, 4, 0, x, null));
        assertRefused("entries", () -> edit(EditOperation.FILL, 0, 5, x, null));
        assertRefused("entries", () -> edit(EditOperation.REPLACE, 0, 0, x, null));
        assertRefused(
                "entries", () -> edit(EditOperation.REPLACE, 0, 0, x, matrices().dense(1, 1)));
        assertRefused("entries", () -> edit(EditOperation.PROJECT_OUT, 0, 0, x, null));
        DeviceTable<EditEntry> two = matrices()
                .table(
                        EditEntry.class,
                        List.of(
                                new EditEntry(0, 0, 2, EditOperation.FILL, 0, 0, 0, 1),
                                new EditEntry(1, 0, 2, EditOperation.FILL, 0, 0, 0, 1)));
        assertRefused("change", () -> ops().edit(x, two, null, null, matrices().dense(1, 1)));
    }

    @Test
    void tablesThatNoOperationCouldRead() {
        assertTableRefused(List.of(new EditEntry(0, 0, 0, EditOperation.FILL, 0, 0, 0, 1)));
        assertTableRefused(List.of(new EditEntry(0, 0, 1, EditOperation.KNOCKOUT, 0, 0, 0, 1)));
        assertTableRefused(List.of(new EditEntry(0, 0, 1, EditOperation.REPLACE, -1, 0, 0, 1)));
        assertTableRefused(List.of(new EditEntry(0, 0, 1, EditOperation.PROJECT_OUT, 0, 0, 9, 1)));
        assertTableRefused(List.of(
                new EditEntry(1, 0, 1, EditOperation.FILL, 0, 0, 0, 1),
                new EditEntry(0, 0, 1, EditOperation.FILL, 0, 0, 0, 1)));
        assertRefused("rows", () -> device().table(RowSpan.class, List.of(new RowSpan(0, -1, 0, 0)), "rows"));
        assertRefused(
                "rows",
                () -> device().table(RowSpan.class, List.of(new RowSpan(0, 4, 0, 0), new RowSpan(3, 1, 0, 0)), "rows"));
        assertRefused("tables", () -> device().table(TableEntry.class, List.of(), "mixed"));
    }

    private void assertTableRefused(List<EditEntry> entries) {
        assertRefused("edits", () -> device().table(EditEntry.class, entries, "edits"));
    }

    @Test
    void anotherDevicesTensorsWeightsAndTables() {
        try (Device foreign = Devices.open(DeviceOptions.of("cpu").withThreads(1));
                Matrices elsewhere = new Matrices(foreign)) {
            Tensor there = elsewhere.strided(new float[24], 4, 6);
            Weight weightThere = elsewhere.weight(new float[36], 6, 6, false);
            DeviceTable<EditEntry> tableThere = elsewhere.table(EditEntry.class, List.of());
            assertRefused("x", () -> ops().logSoftmax(there, x));
            assertRefused("out", () -> ops().logSoftmax(x, there));
            assertRefused("weight", () -> ops().gemm(List.of(new Gemm(x, weightThere, null, other))));
            assertRefused(
                    "entries",
                    () -> ops().edit(x, tableThere, null, null, matrices().dense(1, 0)));
            assertRefused("raw", () -> device().weight(there, false));
        }
    }

    @Test
    void closedBuffersWeightsAndTables() {
        Tensor gone = device().upload(new float[24], 4, 6, "gone");
        Weight closed = device().weight(device().upload(new float[36], 6, 6, "closed weight"), false);
        DeviceTable<EditEntry> table = device().table(EditEntry.class, List.of(), "closed table");
        gone.buffer().close();
        gone.buffer().close();
        closed.close();
        closed.close();
        table.close();
        Class<IllegalStateException> closedState = IllegalStateException.class;
        assertThrowsSaying(closedState, "gone is closed", () -> ops().scale(gone, 1, gone));
        assertThrowsSaying(closedState, "gone is closed", gone::toFloats);
        assertThrowsSaying(closedState, "gone is closed", () -> gone.set(new float[24]));
        assertThrowsSaying(
                closedState, "closed weight is closed", () -> ops().gemm(List.of(new Gemm(x, closed, null, other))));
        assertThrowsSaying(closedState, "closed weight is closed", () -> closed.prepare(Direction.FORWARD));
        assertThrowsSaying(
                closedState,
                "closed table is closed",
                () -> ops().edit(x, table, null, null, matrices().dense(1, 0)));
    }

    private void gemm(Tensor input, Direction direction, long innerBegin, @Nullable Tensor bias, Tensor out) {
        ops().gemm(List.of(new Gemm(input, weight, direction, innerBegin, bias, out)));
    }

    private void norm(int groups, Tensor input, @Nullable Tensor weights, Tensor scale) {
        ops().norm(NormKind.RMS, 1e-6f, 0, groups, input, weights, null, scale, other);
    }

    private void rope(int heads, int rotary, Tensor positions) {
        Tensor angles = matrices().dense(new float[10], 10, 1);
        ops().rope(RopePairing.HALF, heads, rotary, x, angles, angles, positions, other);
    }

    private void chosen(Tensor input, Tensor row, Tensor column, Tensor out) {
        ops().gemmChosen(input, weight, null, row, column, out);
    }

    private void edit(EditOperation operation, int token, int column, Tensor target, @Nullable Tensor values) {
        DeviceTable<EditEntry> entries =
                matrices().table(EditEntry.class, List.of(new EditEntry(token, column, 2, operation, 0, 0, 1, 1)));
        ops().edit(target, entries, values, null, matrices().dense(1, 1));
    }
}
