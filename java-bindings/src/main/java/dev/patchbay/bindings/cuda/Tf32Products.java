package dev.patchbay.bindings.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.patchbay.bindings.NativeStruct;
import dev.patchbay.bindings.NativeStructs;
import dev.patchbay.bindings.ops.WeightForm;
import java.lang.foreign.MemorySegment;

/** Products of {@code tf32}: the raw weights and {@code x} as they are, rounded by the hardware on their way. */
record Tf32Products(Blas blas, AlignedBias biases, WeightForm form) implements Products {
    private static final NativeStruct GEMM = NativeStructs.CUDA_GEMM;

    Tf32Products(Blas blas, AlignedBias biases) {
        this(blas, biases, new WeightForm.Raw());
    }

    @Override
    public void run(MemorySegment structs, long count) {
        for (long i = 0; i < count; i++) {
            multiply(structs.asSlice(i * GEMM.size(), GEMM.size()));
        }
    }

    private void multiply(MemorySegment struct) {
        boolean transposed = struct.get(JAVA_INT, GEMM.offset("transposed")) != 0;
        long stride = int64(struct, "weight_stride");
        long columns = int64(struct, "columns");
        long skipped = int64(struct, "inner_begin") * (transposed ? 1 : stride);
        Blas.Shape shape = new Blas.Shape(
                int64(struct, "rows"),
                columns,
                int64(struct, "inner"),
                int64(struct, "x_stride"),
                stride,
                int64(struct, "out_stride"),
                transposed);
        blas.gemm(
                shape,
                Blas.Types.TF32,
                biases.epilogue(int64(struct, "bias"), columns),
                int64(struct, "x"),
                int64(struct, "weight") + skipped * Float.BYTES,
                int64(struct, "out"));
    }

    private static long int64(MemorySegment struct, String field) {
        return struct.get(JAVA_LONG, GEMM.offset(field));
    }
}
