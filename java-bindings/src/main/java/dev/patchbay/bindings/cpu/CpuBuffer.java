package dev.patchbay.bindings.cpu;

import dev.patchbay.bindings.ForeignAccess;
import dev.patchbay.bindings.ops.NativeBuffer;
import dev.patchbay.bindings.ops.Region;
import java.lang.foreign.MemorySegment;

/** Native memory of a {@link CpuDevice}. */
final class CpuBuffer extends NativeBuffer {
    private final MemorySegment memory;

    CpuBuffer(CpuDevice device, long address, long bytes, String label) {
        super(device, address, bytes, label);
        memory = ForeignAccess.memory(address, bytes);
    }

    /** Its bytes; they must stay open for as long as they are used. */
    MemorySegment memory() {
        address();
        return memory;
    }

    @Override
    protected void copyIn(Region to, MemorySegment from) {
        for (long piece = 0; piece < to.count(); piece++) {
            MemorySegment.copy(from, piece * to.length(), memory, to.begin(piece), to.length());
        }
    }

    @Override
    protected void copyOut(Region from, MemorySegment to) {
        for (long piece = 0; piece < from.count(); piece++) {
            MemorySegment.copy(memory, from.begin(piece), to, piece * from.length(), from.length());
        }
    }

    @Override
    protected void mayChange() {
        // Java reads this memory itself and remembers nothing of it.
    }
}
