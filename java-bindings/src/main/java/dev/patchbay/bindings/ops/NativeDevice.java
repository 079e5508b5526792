package dev.patchbay.bindings.ops;

import dev.patchbay.bindings.StructWriter;
import dev.patchbay.device.Device;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** What {@link CheckedOps} needs of a device beyond its public face. */
public interface NativeDevice extends Device {
    /** Operations of native code; each takes the struct of {@code patchbay/ops.h} that its javadoc names. */
    enum Operation {
        /** {@code pb_pack}. */
        PACK_WEIGHT,
        /** One or more {@code pb_gemm} in a row. */
        GEMM,
        /** {@code pb_gemm_chosen}. */
        GEMM_CHOSEN,
        /** {@code pb_attention}. */
        ATTENTION,
        /** {@code pb_norm}. */
        NORM,
        /** {@code pb_rope}. */
        ROPE,
        /** {@code pb_activation}. */
        ACTIVATION,
        /** {@code pb_combine}. */
        COMBINE,
        /** {@code pb_gather}. */
        GATHER,
        /** {@code pb_edit}. */
        EDIT,
        /** {@code pb_log_softmax}. */
        LOG_SOFTMAX
    }

    /**
     * Enters the device for the calling thread; closing what this returns leaves.
     *
     * @throws IllegalStateException where another thread is inside, or the device is closed
     */
    ExclusiveUse use();

    /** The slab for the structs of the next call, emptied; callers have entered. */
    StructWriter parameters();

    /** Runs an operation on {@code count} structs at {@code parameters} of the slab; callers have entered. */
    void run(Operation operation, long parameters, long count);

    /** As {@link #allocate}, for callers that have entered. */
    NativeBuffer allocateInside(long bytes, String label);

    /** Floats that a packed weight takes. */
    long packedSize(long inner, long columns);

    /** The bytes of an open buffer, or null where Java cannot read the memory of this device. */
    @Nullable
    MemorySegment hostView(NativeBuffer buffer);
}
