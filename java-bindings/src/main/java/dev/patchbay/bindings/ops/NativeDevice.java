package dev.patchbay.bindings.ops;

import dev.patchbay.bindings.StructWriter;
import dev.patchbay.device.DType;
import dev.patchbay.device.Device;
import dev.patchbay.device.DeviceTable;
import dev.patchbay.device.Numerics;
import dev.patchbay.device.Ops;
import dev.patchbay.device.TableEntry;
import dev.patchbay.device.Tensor;
import dev.patchbay.device.Weight;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A device over native code: who may use it when, what is allocated on it, and a slab for the structs of calls. Its
 * memory and how operations run on it are the subclass's.
 */
public abstract class NativeDevice implements Device {
    private static final System.Logger LOGGER = System.getLogger(NativeDevice.class.getName());
    private static final long SLAB_BYTES = 64 << 10;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment slabMemory = arena.allocate(SLAB_BYTES, 64);
    private final StructWriter slab = new StructWriter(slabMemory);
    private final Set<NativeBuffer> live = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Ops ops = new CheckedOps(this);
    private final String name;
    private final Numerics numerics;
    private final ExclusiveUse guard;
    private volatile boolean closed;

    /** Operations of native code; each takes the struct of {@code patchbay/ops.h} of its name, or its CUDA variant. */
    public enum Operation {
        /** One or more {@code pb_gemm} or {@code pb_cuda_gemm} in a row. */
        GEMM,
        GEMM_CHOSEN,
        ATTENTION,
        NORM,
        ROPE,
        ACTIVATION,
        COMBINE,
        GATHER,
        EDIT,
        LOG_SOFTMAX,
        ROUTE,
        EXPERT_ROWS,
        GEMM_EXPERTS,
        MIX
    }

    /** A device that users call {@code name}, computing in a profile. */
    protected NativeDevice(String name, Numerics numerics) {
        this.name = name;
        this.numerics = numerics;
        guard = new ExclusiveUse("the " + name + " device");
    }

    /** Runs an operation on {@code count} structs at {@code parameters} of the slab; callers have entered. */
    protected abstract void run(Operation operation, long parameters, long count);

    /** How products take their weights. */
    protected abstract WeightForm weightForm();

    /** What attention takes beyond its {@code pb_attention}. */
    protected abstract AttentionForm attentionForm();

    /** New memory of {@code bytes} > 0; callers have entered. */
    protected abstract NativeBuffer newBuffer(long bytes, String label);

    /** As {@link #newBuffer}, of memory whose contents Java should see where that costs little. */
    protected abstract NativeBuffer newIndexBuffer(long bytes, String label);

    /** The bytes of an open buffer, or null where Java does not know them. */
    @Nullable
    protected abstract MemorySegment hostView(NativeBuffer buffer);

    /** Frees memory of {@link #newBuffer}; of a lost device nothing has to be freed. */
    protected abstract void free(long address);

    /** Prepares the calling thread, which has just been let in, for work. */
    protected abstract void enter();

    /** Prepares the calling thread, which has just been let in, to give things back. */
    protected abstract void enterToFree();

    /** Waits for everything enqueued; callers have entered. */
    protected abstract void await();

    /** Gives back what remains after the buffers. */
    protected abstract void shutDown();

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final Numerics numerics() {
        return numerics;
    }

    @Override
    public final Ops ops() {
        return ops;
    }

    @Override
    public final NativeBuffer allocate(long bytes, String label) {
        try (var _ = use()) {
            return allocateInside(bytes, label);
        }
    }

    /** As {@link #allocate}, for callers that have entered. */
    final NativeBuffer allocateInside(long bytes, String label) {
        if (bytes <= 0) {
            throw new IllegalArgumentException("bytes " + bytes + " for " + label + ": expected more than 0");
        }
        return keep(newBuffer(bytes, label));
    }

    private NativeBuffer keep(NativeBuffer buffer) {
        live.add(buffer);
        return buffer;
    }

    /** Frees a buffer. */
    final void release(NativeBuffer buffer) {
        try (var _ = guard.enter()) {
            if (live.remove(buffer)) {
                enterToFree();
                long address = buffer.address();
                buffer.markClosed();
                free(address);
            }
        }
    }

    @Override
    public final Tensor upload(int[] values, String label) {
        NativeBuffer buffer;
        try (var _ = use()) {
            buffer = keep(newIndexBuffer(Math.max(values.length, 1) * (long) Integer.BYTES, label));
        }
        Tensor tensor = new Tensor(buffer, DType.I32, 0, 1, values.length, values.length);
        tensor.set(values);
        return tensor;
    }

    @Override
    public final Tensor upload(float[] values, long rows, long columns, String label) {
        if (rows < 0 || columns < 0 || Math.multiplyExact(rows, columns) != values.length) {
            throw new IllegalArgumentException(
                    values.length + " values for " + rows + " x " + columns + " of " + label);
        }
        Tensor tensor = tensor(DType.F32, rows, columns, label);
        tensor.set(values);
        return tensor;
    }

    @Override
    public final <T extends TableEntry> DeviceTable<T> table(Class<T> type, List<T> entries, String label) {
        return NativeTable.create(this, type, entries, label);
    }

    @Override
    public final Weight weight(Tensor raw, boolean transposed, int matrices) {
        return new NativeWeight(this, raw, transposed, matrices);
    }

    @Override
    public final void synchronize() {
        try (var _ = use()) {
            await();
        }
    }

    @Override
    public final void close() {
        try (var _ = guard.enter()) {
            if (closed) {
                return;
            }
            closed = true;
            leaks().ifPresent(report -> LOGGER.log(System.Logger.Level.WARNING, name + " device closed, " + report));
            enterToFree();
            for (NativeBuffer buffer : live) {
                long address = buffer.address();
                buffer.markClosed();
                free(address);
            }
            live.clear();
            shutDown();
            arena.close();
        }
    }

    /**
     * Enters the device for the calling thread; closing what this returns leaves.
     *
     * @throws IllegalStateException where another thread is inside, or the device is closed
     */
    final ExclusiveUse use() {
        ExclusiveUse use = guard.enter();
        try {
            if (closed) {
                throw new IllegalStateException("the " + name + " device is closed");
            }
            enter();
            return use;
        } catch (RuntimeException | Error refused) {
            use.close();
            throw refused;
        }
    }

    /** What {@code action} returns inside the device. */
    protected final long inside(LongSupplier action) {
        try (var _ = use()) {
            return action.getAsLong();
        }
    }

    /** The slab for the structs of the next call, emptied; callers have entered. */
    final StructWriter parameters() {
        return slab.reset();
    }

    /** The memory of the slab. */
    protected final MemorySegment slab() {
        return slabMemory;
    }

    /** What is open, or empty where nothing is. */
    public final Optional<String> leaks() {
        if (live.isEmpty()) {
            return Optional.empty();
        }
        String labels = live.stream()
                .collect(Collectors.groupingBy(NativeBuffer::label, TreeMap::new, Collectors.counting()))
                .entrySet()
                .stream()
                .map(entry -> entry.getKey() + " x" + entry.getValue())
                .collect(Collectors.joining(", "));
        long bytes = live.stream().mapToLong(NativeBuffer::bytes).sum();
        return Optional.of("buffers still open: " + live.size() + " (" + bytes + " bytes): " + labels);
    }
}
