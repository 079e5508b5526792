package dev.patchbay.device;

import static dev.patchbay.device.Closeness.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.device.TableEntry.EditEntry;
import dev.patchbay.device.TableEntry.EditOperation;
import dev.patchbay.device.TestDevices.Choice;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Edits of matrices against {@link Float64Oracle}. */
class EditContractTest extends ContractTest {
    private static final List<EditOperation> OPERATIONS = List.of(
            EditOperation.FILL,
            EditOperation.REPLACE,
            EditOperation.ADD,
            EditOperation.SCALE,
            EditOperation.INTERPOLATE,
            EditOperation.PROJECT_OUT,
            EditOperation.PROJECT_SWAP);

    EditContractTest(Choice choice) {
        super(choice);
    }

    @Test
    void everyOperationEqualsItsFormula() {
        Values random = new Values(1);
        for (EditOperation operation : OPERATIONS) {
            for (int count : SIZES) {
                int rank = Math.min(count, 8);
                check(
                        List.of(
                                new EditEntry(0, 3, count, operation, 5, 0, rank, 0.7f),
                                new EditEntry(4, 0, count, operation, 90, 0, rank, -1.3f)),
                        random,
                        random.orthonormal(rank, count));
            }
        }
    }

    @Test
    void entriesOfOneTokenActOneAfterAnother() {
        Values random = new Values(2);
        List<EditEntry> entries = new ArrayList<>();
        for (int token = 0; token < 5; token++) {
            for (int i = 0; i < 7; i++) {
                EditOperation operation = OPERATIONS.get(random.below(OPERATIONS.size()));
                entries.add(new EditEntry(token, random.below(60), 40, operation, random.below(150), 0, 3, 0.5f));
            }
        }
        check(entries, random, random.orthonormal(3, 40));
    }

    @Test
    void aNewNaNIsReportedAndEqualInfinitiesAreNoChange() {
        Tensor x = matrices().strided(new float[] {Float.POSITIVE_INFINITY, 1}, 1, 2);
        Tensor change = matrices().dense(1, 2);
        DeviceTable<EditEntry> entries = matrices()
                .table(
                        EditEntry.class,
                        List.of(
                                new EditEntry(0, 0, 1, EditOperation.FILL, 0, 0, 0, Float.POSITIVE_INFINITY),
                                new EditEntry(0, 1, 1, EditOperation.SCALE, 0, 0, 0, Float.NaN)));
        ops().edit(x, entries, null, null, change);
        assertEquals(0, change.toFloats()[0]);
        assertTrue(Float.isNaN(change.toFloats()[1]));
    }

    private void check(List<EditEntry> entries, Values random, float[] bases) {
        int columns = 104;
        float[] before = random.normal(5 * columns);
        float[] values = random.normal(200);
        Tensor x = matrices().strided(before, 5, columns);
        Tensor change = matrices().dense(1, entries.size());
        ops().edit(
                        x,
                        matrices().table(EditEntry.class, entries),
                        matrices().dense(values, 1, values.length),
                        matrices().dense(bases, 1, bases.length),
                        change);
        double[] after = new double[before.length];
        for (int i = 0; i < after.length; i++) {
            after[i] = before[i];
        }
        double[] changes = Float64Oracle.edit(after, columns, entries, values, bases);
        assertClose(after, x, "x after " + entries);
        assertClose(changes, change, "change of " + entries);
    }
}
