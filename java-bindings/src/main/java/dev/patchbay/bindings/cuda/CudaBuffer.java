package dev.patchbay.bindings.cuda;

import dev.patchbay.bindings.ops.NativeBuffer;
import dev.patchbay.bindings.ops.Region;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Memory of a {@link CudaDevice}. Of indices it remembers what Java wrote, for the checks of those who use them. */
final class CudaBuffer extends NativeBuffer {
    private final CudaDevice device;
    private @Nullable MemorySegment known;

    CudaBuffer(CudaDevice device, long address, long bytes, String label, @Nullable MemorySegment known) {
        super(device, address, bytes, label);
        this.device = device;
        this.known = known;
    }

    /** Its bytes as Java last wrote them, or null where they are not known. */
    @Nullable
    MemorySegment known() {
        return known;
    }

    @Override
    protected void copyIn(Region to, MemorySegment from) {
        device.transfers().upload(from, address(), to);
        MemorySegment copy = known;
        for (long piece = 0; copy != null && piece < to.count(); piece++) {
            MemorySegment.copy(from, piece * to.length(), copy, to.begin(piece), to.length());
        }
    }

    @Override
    protected void copyOut(Region from, MemorySegment to) {
        device.transfers().download(address(), from, to);
        device.checkStatus();
    }

    @Override
    protected void mayChange() {
        known = null;
    }
}
