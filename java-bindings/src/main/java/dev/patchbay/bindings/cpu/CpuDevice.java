package dev.patchbay.bindings.cpu;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.patchbay.bindings.CpuLibrary;
import dev.patchbay.bindings.NativeCodes;
import dev.patchbay.bindings.ops.AttentionForm;
import dev.patchbay.bindings.ops.NativeBuffer;
import dev.patchbay.bindings.ops.NativeDevice;
import dev.patchbay.bindings.ops.NativeStatus;
import dev.patchbay.bindings.ops.WeightForm;
import dev.patchbay.device.InstructionSet;
import dev.patchbay.device.Numerics;
import dev.patchbay.device.OutOfDeviceMemoryException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Locale;

/** The CPU device: native memory, and a thread pool in native code. */
final class CpuDevice extends NativeDevice implements WeightForm.Packed {
    /** Smaller allocations are left to the allocator: asking the system each time would cost more than they do. */
    private static final long ASK_FIRST_BYTES = 16 << 20;

    private final long handle;
    private final String description;

    private CpuDevice(long handle) {
        super("cpu", Numerics.EXACT);
        this.handle = handle;
        description = CpuProvider.describe(
                NativeCodes.constant(InstructionSet.class, CpuLibrary.pb_cpu_isa(handle)),
                CpuLibrary.pb_cpu_threads(handle));
    }

    static CpuDevice create(int threads, InstructionSet instructions) {
        try (Arena temporary = Arena.ofConfined()) {
            MemorySegment out = temporary.allocate(JAVA_LONG);
            NativeStatus.check(
                    CpuLibrary.pb_cpu_create(threads, NativeCodes.code(instructions), out.address()),
                    "create cpu device");
            return new CpuDevice(out.get(JAVA_LONG, 0));
        }
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    protected NativeBuffer newBuffer(long bytes, String label) {
        if (bytes >= ASK_FIRST_BYTES && bytes > freeBytes()) {
            throw new OutOfDeviceMemoryException(bytes, freeBytes(), label);
        }
        try (Arena temporary = Arena.ofConfined()) {
            MemorySegment out = temporary.allocate(JAVA_LONG);
            int status = CpuLibrary.pb_cpu_allocate(bytes, out.address());
            if (status == NativeStatus.OUT_OF_MEMORY) {
                throw new OutOfDeviceMemoryException(bytes, freeBytes(), label);
            }
            NativeStatus.check(status, "allocate");
            return new CpuBuffer(this, out.get(JAVA_LONG, 0), bytes, label);
        }
    }

    @Override
    protected NativeBuffer newIndexBuffer(long bytes, String label) {
        return newBuffer(bytes, label);
    }

    @Override
    protected void free(long address) {
        CpuLibrary.pb_cpu_free(address);
    }

    @Override
    public long freeBytes() {
        return HostMachine.availableMemory();
    }

    @Override
    protected void enter() {
        // Any thread may call native code.
    }

    @Override
    protected void enterToFree() {
        // As above.
    }

    @Override
    protected void await() {
        // Operations have run when they return.
    }

    @Override
    protected void shutDown() {
        CpuLibrary.pb_cpu_destroy(handle);
    }

    @Override
    protected WeightForm weightForm() {
        return this;
    }

    @Override
    protected AttentionForm attentionForm() {
        return AttentionForm.Plain.INSTANCE;
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
    public void pack(long parameters) {
        NativeStatus.check(CpuLibrary.pb_cpu_pack_weight(handle, parameters), "pack weight");
    }

    @Override
    protected MemorySegment hostView(NativeBuffer buffer) {
        return ((CpuBuffer) buffer).memory();
    }

    @Override
    protected void run(Operation operation, long parameters, long count) {
        int status = switch (operation) {
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
            case ROUTE -> CpuLibrary.pb_cpu_route(handle, parameters);
            case EXPERT_ROWS -> CpuLibrary.pb_cpu_expert_rows(handle, parameters);
            case GEMM_EXPERTS -> CpuLibrary.pb_cpu_gemm_experts(handle, parameters);
            case MIX -> CpuLibrary.pb_cpu_mix(handle, parameters);
        };
        if (status != 0) {
            throw NativeStatus.failure(status, operation.name().toLowerCase(Locale.ROOT));
        }
    }
}
