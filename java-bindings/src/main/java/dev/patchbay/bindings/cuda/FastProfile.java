package dev.patchbay.bindings.cuda;

import dev.patchbay.bindings.ops.AttentionForm;
import dev.patchbay.device.Numerics;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a profile other than {@code exact} changes on a device: products go to {@link Blas}, and in {@code bf16} attention to
 * the tensor cores. Everything else, the residual stream and norms among it, stays float32.
 */
final class FastProfile {
    private final Blas blas;
    private final Scratch operands;
    private final Scratch biases;
    private final Products products;
    private final Optional<BfloatAttention> attention;

    /**
     * The profile {@code numerics} by {@code blas}, which it owns.
     *
     * @param slab where structs of operations lie
     * @param scratches makes scratch memory of a label
     */
    FastProfile(
            Numerics numerics,
            Blas blas,
            CudaKernels kernels,
            MemorySegment slab,
            Function<String, Scratch> scratches,
            AttentionForm exact,
            int sharedMemory) {
        this.blas = blas;
        operands = scratches.apply("converted operands");
        biases = scratches.apply("aligned biases");
        AlignedBias aligned = new AlignedBias(kernels, biases);
        products = numerics == Numerics.TF32
                ? new Tf32Products(blas, aligned)
                : new BfloatProducts(blas, kernels, aligned, operands, slab, numerics == Numerics.FAST32);
        attention = numerics == Numerics.BF16
                ? Optional.of(new BfloatAttention(kernels, operands, exact, sharedMemory))
                : Optional.empty();
    }

    Products products() {
        return products;
    }

    Optional<BfloatAttention> attention() {
        return attention;
    }

    /** Gives everything back, in the order of the stream. */
    void close() {
        operands.close();
        biases.close();
        blas.close();
    }
}
