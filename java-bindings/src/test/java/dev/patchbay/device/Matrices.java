package dev.patchbay.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Tensors of a test on one device, inside larger buffers of NaN: an operation that reads beside its input spoils its
 * result, one that writes beside its output is found on close.
 */
final class Matrices implements AutoCloseable {
    private static final int MARGIN = 3;
    private static final int ALIGNED_MARGIN = 4;
    private static final int POISON = 0x7fc0_dead;

    private final Device device;
    private final List<Tensor> views = new ArrayList<>();
    private final List<Tensor> wholes = new ArrayList<>();
    private final List<AutoCloseable> others = new ArrayList<>();

    Matrices(Device device) {
        this.device = device;
    }

    Ops ops() {
        return device.ops();
    }

    /** A matrix with a gap after every row. */
    Tensor strided(float[] values, int rows, int columns) {
        Tensor view = strided(rows, columns);
        view.set(values);
        return view;
    }

    /** As above, NaN inside. */
    Tensor strided(int rows, int columns) {
        Tensor whole = poisoned(rows + 2, columns + 2 * MARGIN);
        return keep(whole.rows(1, rows).columns(MARGIN, columns));
    }

    /** A matrix without gaps. */
    Tensor dense(float[] values, int rows, int columns) {
        Tensor view = dense(rows, columns);
        view.set(values);
        return view;
    }

    /** As above, NaN inside. */
    Tensor dense(int rows, int columns) {
        Tensor whole = poisoned(1, rows * columns + 2 * MARGIN);
        return keep(whole.columns(MARGIN, (long) rows * columns).reshape(rows, columns));
    }

    /** As {@link #strided}, at an address of 16 bytes: columns are a multiple of 4. */
    Tensor aligned(int rows, int columns) {
        Tensor whole = poisoned(rows + 2, columns + 2 * ALIGNED_MARGIN);
        return keep(whole.rows(1, rows).columns(ALIGNED_MARGIN, columns));
    }

    Tensor integers(int... values) {
        Tensor whole = upload(new int[values.length + 2 * MARGIN]);
        Tensor view = keep(whole.columns(MARGIN, values.length));
        view.set(values);
        return view;
    }

    Weight weight(float[] values, int rows, int columns, boolean transposed) {
        return weight(values, rows, columns, transposed, 1);
    }

    /** Several matrices one below the other, {@code rows} in all. */
    Weight weight(float[] values, int rows, int columns, boolean transposed, int matrices) {
        Tensor whole = device.tensor(DType.F32, rows, columns + MARGIN, "weight");
        float[] nothing = new float[Math.toIntExact(whole.size())];
        Arrays.fill(nothing, Float.NaN);
        whole.set(nothing);
        Tensor raw = whole.columns(0, columns);
        raw.set(values);
        Weight weight = device.weight(raw, transposed, matrices);
        others.add(weight);
        return weight;
    }

    <T extends TableEntry> DeviceTable<T> table(Class<T> type, List<T> entries) {
        return table(type, entries, type.getSimpleName());
    }

    <T extends TableEntry> DeviceTable<T> table(Class<T> type, List<T> entries, String label) {
        DeviceTable<T> table = device.table(type, entries, label);
        others.add(table);
        return table;
    }

    private Tensor poisoned(int rows, int columns) {
        int[] poison = new int[rows * columns];
        Arrays.fill(poison, POISON);
        Tensor whole = upload(poison);
        return new Tensor(whole.buffer(), DType.F32, 0, rows, columns, columns);
    }

    private Tensor upload(int[] values) {
        Tensor whole = device.upload(values, "test matrix");
        wholes.add(whole);
        return whole;
    }

    private Tensor keep(Tensor view) {
        views.add(view);
        return view;
    }

    /** No byte beside the views has changed. */
    private void checkMargins() {
        for (int i = 0; i < wholes.size(); i++) {
            Tensor view = views.get(i);
            int[] now = wholes.get(i).toInts();
            int margin = now[0];
            assertTrue(margin == POISON || margin == 0, "the first element was overwritten");
            for (int at = 0; at < now.length; at++) {
                if (!isInside(view, at)) {
                    assertEquals(margin, now[at], "element " + at + " beside " + view + " was overwritten");
                }
            }
        }
    }

    private static boolean isInside(Tensor view, int at) {
        long from = at - view.offset();
        return view.size() > 0
                && from >= 0
                && from / view.stride() < view.rows()
                && from % view.stride() < view.columns();
    }

    @Override
    public void close() {
        try {
            checkMargins();
            for (AutoCloseable other : others) {
                other.close();
            }
        } catch (RuntimeException | Error failure) {
            throw failure;
        } catch (Exception impossible) {
            throw new AssertionError(impossible);
        } finally {
            wholes.forEach(whole -> whole.buffer().close());
        }
    }
}
