package dev.patchbay.bindings.ops;

import dev.patchbay.bindings.NativeStructs;
import dev.patchbay.device.Ops.Direction;
import dev.patchbay.device.Tensor;
import dev.patchbay.device.Weight;
import java.util.EnumMap;
import java.util.Map;

/** A weight, of one matrix or several, and its packings; the one for {@code x · Wᵀ} is that of the weight read the other way round. */
public final class NativeWeight implements Weight {
    private final NativeDevice device;
    private final Tensor raw;
    private final boolean transposed;
    private final int matrices;
    private final Map<Direction, NativeBuffer> packed = new EnumMap<>(Direction.class);
    private boolean dropped;

    /** Takes ownership of the buffer of {@code raw}. */
    public NativeWeight(NativeDevice device, Tensor raw, boolean transposed, int matrices) {
        new Arguments(device).floats("raw", raw);
        if (raw.size() == 0) {
            throw new IllegalArgumentException("raw " + raw.buffer().label() + " is empty");
        }
        if (matrices < 1 || raw.rows() % matrices != 0) {
            throw new IllegalArgumentException(
                    "matrices " + matrices + ": expected a divisor of the " + raw.rows() + " rows of raw");
        }
        this.device = device;
        this.raw = raw;
        this.transposed = transposed;
        this.matrices = matrices;
    }

    @Override
    public long inner() {
        return transposed ? raw.columns() : raw.rows() / matrices;
    }

    @Override
    public long columns() {
        return transposed ? raw.rows() / matrices : raw.columns();
    }

    @Override
    public int matrices() {
        return matrices;
    }

    @Override
    public Tensor raw() {
        return raw;
    }

    @Override
    public void dropRaw() {
        if (device.weightForm() instanceof WeightForm.Packing && !packed.isEmpty()) {
            dropped = true;
            raw.buffer().close();
        }
    }

    @Override
    public boolean transposed() {
        return transposed;
    }

    @Override
    public void rawChanged() {
        if (dropped) {
            throw new IllegalStateException(
                    "the raw elements of " + raw.buffer().label() + " were dropped");
        }
        releasePacked();
    }

    /** Refuses a weight of another device, or one whose elements are gone. */
    void checkUsable(String name, Arguments arguments) {
        if (dropped && arguments.isOn(device)) {
            return;
        }
        arguments.floats(name, raw);
    }

    private void releasePacked() {
        packed.values().forEach(NativeBuffer::close);
        packed.clear();
    }

    @Override
    public void prepare(Direction direction) {
        try (var _ = device.use()) {
            if (matrices == 1) {
                device.weightForm().prepare(this, direction);
            } else {
                device.weightForm().prepareExperts(this);
            }
        }
    }

    /** Length of the sums in a direction. */
    long inner(Direction direction) {
        return direction == Direction.FORWARD ? inner() : columns();
    }

    /** Columns of the product in a direction. */
    long columns(Direction direction) {
        return direction == Direction.FORWARD ? columns() : inner();
    }

    /** Whether a column of the product is a row of {@link #raw}. */
    boolean columnsAreRows(Direction direction) {
        return transposed == (direction == Direction.FORWARD);
    }

    /** Address of the raw elements. */
    long rawAddress() {
        return new Arguments(device).floats("weight", raw);
    }

    /** Elements from the start of one raw matrix to that of the next. */
    long rawStep() {
        return raw.rows() / matrices * Arguments.stride(raw);
    }

    /**
     * Address of the packed copy (of several matrices: of their copies, one after another), made where there is none (with
     * the slab: before a call writes its structs).
     */
    long packed(WeightForm.Packing form, Direction direction) {
        NativeBuffer copy = packed.get(direction);
        if (copy == null) {
            copy = pack(form, direction);
            packed.put(direction, copy);
        }
        return copy.address();
    }

    private NativeBuffer pack(WeightForm.Packing form, Direction direction) {
        if (dropped) {
            throw new IllegalStateException(
                    "the raw elements of " + raw.buffer().label() + " were dropped, or it is closed; direction "
                            + direction + " was not prepared before");
        }
        long rawAddress = rawAddress();
        String label = raw.buffer().label() + ", packed " + direction;
        long bytes = Math.multiplyExact(form.packedSize(inner(direction), columns(direction)), Float.BYTES);
        NativeBuffer copy = device.allocateInside(Math.multiplyExact(bytes, matrices), label);
        for (int matrix = 0; matrix < matrices; matrix++) {
            long parameters = device.parameters()
                    .begin(NativeStructs.PACK)
                    .pointer("raw", rawAddress + matrix * rawStep() * Float.BYTES)
                    .pointer("packed", copy.address() + matrix * bytes)
                    .int64("inner", inner(direction))
                    .int64("columns", columns(direction))
                    .int64("stride", Arguments.stride(raw))
                    .int32("source_transposed", columnsAreRows(direction) ? 1 : 0)
                    .end();
            form.pack(parameters);
        }
        return copy;
    }

    @Override
    public void close() {
        releasePacked();
        raw.buffer().close();
    }
}
