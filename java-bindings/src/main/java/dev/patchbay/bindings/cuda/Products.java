package dev.patchbay.bindings.cuda;

import dev.patchbay.bindings.ops.NativeDevice.Operation;
import dev.patchbay.bindings.ops.WeightForm;
import java.lang.foreign.MemorySegment;

/** How a numerics profile multiplies: what its weights look like, and what runs a product. */
interface Products {
    /** How products take their weights. */
    WeightForm form();

    /** Enqueues {@code count} products whose structs, of {@link #form}, begin with {@code structs}. */
    void run(MemorySegment structs, long count);

    /** Products of the kernels of {@code exact}. */
    record Exact(CudaKernels kernels, WeightForm form) implements Products {
        Exact(CudaKernels kernels) {
            this(kernels, new WeightForm.Raw());
        }

        @Override
        public void run(MemorySegment structs, long count) {
            for (long i = 0; i < count; i++) {
                kernels.run(Operation.GEMM, structs.asSlice(i * form.gemm().size()));
            }
        }
    }
}
