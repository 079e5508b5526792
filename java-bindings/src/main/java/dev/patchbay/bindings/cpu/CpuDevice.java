package dev.patchbay.bindings.cpu;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.patchbay.bindings.CpuLibrary;
import dev.patchbay.bindings.NativeCodes;
import dev.patchbay.bindings.StructWriter;
import dev.patchbay.bindings.ops.CheckedOps;
import dev.patchbay.bindings.ops.ExclusiveUse;
import dev.patchbay.bindings.ops.NativeBuffer;
import dev.patchbay.bindings.ops.NativeDevice;
import dev.patchbay.bindings.ops.NativeTable;
import dev.patchbay.bindings.ops.NativeWeight;
import dev.patchbay.device.DType;
import dev.patchbay.device.DeviceTable;
import dev.patchbay.device.InstructionSet;
import dev.patchbay.device.Numerics;
import dev.patchbay.device.Ops;
import dev.patchbay.device.OutOfDeviceMemoryException;
import dev.patchbay.device.TableEntry;
import dev.patchbay.device.Tensor;
import dev.patchbay.device.Weight;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The CPU device: native memory, a thread pool in native code, and one slab for the parameters of calls. */
final class CpuDevice implements NativeDevice {
    private static final System.Logger LOGGER = System.getLogger(CpuDevice.class.getName());
    private static final long SLAB_BYTES = 64 << 10;
    /** Smaller allocations are left to the allocator: asking the system each time would cost more than they do. */
    private static final long ASK_FIRST_BYTES = 16 << 20;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment outPointer = arena.allocate(JAVA_LONG);
    private final StructWriter slab = new StructWriter(arena.allocate(SLAB_BYTES, 64));
    private final ExclusiveUse guard = new ExclusiveUse("the cpu device");
    private final Set<CpuBuffer> live = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Ops ops = new CheckedOps(this);
    private final long handle;
    private final String description;
    private volatile boolean closed;

    private CpuDevice(long handle) {
        this.handle = handle;
        description = CpuProvider.describe(
                NativeCodes.constant(InstructionSet.class, CpuLibrary.pb_cpu_isa(handle)),
                CpuLibrary.pb_cpu_threads(handle));
    }

    static CpuDevice create(int threads, InstructionSet instructions) {
        try (Arena temporary = Arena.ofConfined()) {
            MemorySegment out = temporary.allocate(JAVA_LONG);
            CpuStatus.check(
                    CpuLibrary.pb_cpu_create(threads, NativeCodes.code(instructions), out.address()),
                    "create cpu device");
            return new CpuDevice(out.get(JAVA_LONG, 0));
        }
    }

    @Override
    public String name() {
        return "cpu";
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public Numerics numerics() {
        return Numerics.EXACT;
    }

    @Override
    public Ops ops() {
        return ops;
    }

    @Override
    public CpuBuffer allocate(long bytes, String label) {
        try (var _ = use()) {
            return allocateInside(bytes, label);
        }
    }

    @Override
    public CpuBuffer allocateInside(long bytes, String label) {
        if (bytes <= 0) {
            throw new IllegalArgumentException("bytes " + bytes + " for " + label + ": expected more than 0");
        }
        if (bytes >= ASK_FIRST_BYTES && bytes > freeBytes()) {
            throw new OutOfDeviceMemoryException(bytes, freeBytes(), label);
        }
        int status = CpuLibrary.pb_cpu_allocate(bytes, outPointer.address());
        if (status == CpuStatus.OUT_OF_MEMORY) {
            throw new OutOfDeviceMemoryException(bytes, freeBytes(), label);
        }
        CpuStatus.check(status, "allocate");
        CpuBuffer buffer = new CpuBuffer(this, outPointer.get(JAVA_LONG, 0), bytes, label);
        live.add(buffer);
        return buffer;
    }

    /** Frees a buffer. */
    void release(CpuBuffer buffer) {
        try (var _ = guard.enter()) {
            if (live.remove(buffer)) {
                long address = buffer.address();
                buffer.markClosed();
                CpuLibrary.pb_cpu_free(address);
            }
        }
    }

    @Override
    public Tensor upload(int[] values, String label) {
        Tensor tensor = tensor(DType.I32, 1, values.length, label);
        tensor.set(values);
        return tensor;
    }

    @Override
    public Tensor upload(float[] values, long rows, long columns, String label) {
        if (rows < 0 || columns < 0 || Math.multiplyExact(rows, columns) != values.length) {
            throw new IllegalArgumentException(
                    values.length + " values for " + rows + " x " + columns + " of " + label);
        }
        Tensor tensor = tensor(DType.F32, rows, columns, label);
        tensor.set(values);
        return tensor;
    }

    @Override
    public <T extends TableEntry> DeviceTable<T> table(Class<T> type, List<T> entries, String label) {
        return NativeTable.create(this, type, entries, label);
    }

    @Override
    public Weight weight(Tensor raw, boolean transposed) {
        return new NativeWeight(this, raw, transposed);
    }

    @Override
    public long freeBytes() {
        return HostMachine.availableMemory();
    }

    @Override
    public void synchronize() {
        use().close();
    }

    @Override
    public void close() {
        try (var _ = guard.enter()) {
            if (closed) {
                return;
            }
            closed = true;
            leaks().ifPresent(report -> LOGGER.log(System.Logger.Level.WARNING, "cpu device closed, " + report));
            for (CpuBuffer buffer : live) {
                long address = buffer.address();
                buffer.markClosed();
                CpuLibrary.pb_cpu_free(address);
            }
            live.clear();
            CpuLibrary.pb_cpu_destroy(handle);
            arena.close();
        }
    }

    @Override
    public ExclusiveUse use() {
        ExclusiveUse use = guard.enter();
        if (closed) {
            use.close();
            throw new IllegalStateException("the cpu device is closed");
        }
        return use;
    }

    @Override
    public StructWriter parameters() {
        return slab.reset();
    }

    @Override
    public long packedSize(long inner, long columns) {
        long floats = CpuLibrary.pb_cpu_packed_size(inner, columns);
        if (floats < 0) {
            throw new IllegalArgumentException("a weight of " + inner + " x " + columns + " is too large");
        }
        return floats;
    }

    @Override
    public MemorySegment hostView(NativeBuffer buffer) {
        return ((CpuBuffer) buffer).memory();
    }

    @Override
    public void run(Operation operation, long parameters, long count) {
        int status = switch (operation) {
            case PACK_WEIGHT -> CpuLibrary.pb_cpu_pack_weight(handle, parameters);
            case GEMM -> CpuLibrary.pb_cpu_gemm(handle, parameters, count);
            case GEMM_CHOSEN -> CpuLibrary.pb_cpu_gemm_chosen(handle, parameters);
            case ATTENTION -> CpuLibrary.pb_cpu_attention(handle, parameters);
            case NORM -> CpuLibrary.pb_cpu_norm(handle, parameters);
            case ROPE -> CpuLibrary.pb_cpu_rope(handle, parameters);
            case ACTIVATION -> CpuLibrary.pb_cpu_activation(handle, parameters);
            case COMBINE -> CpuLibrary.pb_cpu_combine(handle, parameters);
            case GATHER -> CpuLibrary.pb_cpu_gather(handle, parameters);
            case EDIT -> CpuLibrary.pb_cpu_edit(handle, parameters);
            case LOG_SOFTMAX -> CpuLibrary.pb_cpu_log_softmax(handle, parameters);
        };
        if (status != 0) {
            throw CpuStatus.failure(status, operation.name().toLowerCase(Locale.ROOT));
        }
    }

    /** What is open, or empty where nothing is. */
    Optional<String> leaks() {
        if (live.isEmpty()) {
            return Optional.empty();
        }
        String labels = live.stream()
                .collect(Collectors.groupingBy(CpuBuffer::label, TreeMap::new, Collectors.counting()))
                .entrySet()
                .stream()
                .map(entry -> entry.getKey() + " x" + entry.getValue())
                .collect(Collectors.joining(", "));
        long bytes = live.stream().mapToLong(CpuBuffer::bytes).sum();
        return Optional.of("buffers still open: " + live.size() + " (" + bytes + " bytes): " + labels);
    }
}
