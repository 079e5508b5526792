package dev.patchbay.bindings.cuda;

import dev.patchbay.bindings.NativeStructs;
import dev.patchbay.bindings.StructWriter;
import dev.patchbay.bindings.ops.NativeDevice.Operation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The bias of a product for {@link Blas}, which wants it aligned: where it is not, it is copied first. */
final class AlignedBias {
    private final CudaKernels kernels;
    private final Scratch scratch;
    private final MemorySegment memory = Arena.ofAuto().allocate(NativeStructs.GATHER.size(), Long.BYTES);
    private final StructWriter writer = new StructWriter(memory);

    /** Copies go to {@code scratch}, which is for nothing else. */
    AlignedBias(CudaKernels kernels, Scratch scratch) {
        this.kernels = kernels;
        this.scratch = scratch;
    }

    /** What adds the {@code columns} numbers at {@code bias}, nothing where that is 0. */
    Blas.Epilogue epilogue(long bias, long columns) {
        if (bias == 0) {
            return new Blas.Epilogue.None();
        }
        return new Blas.Epilogue.Bias(bias % Blas.BIAS_ALIGNMENT == 0 ? bias : copy(bias, columns));
    }

    private long copy(long bias, long columns) {
        long copied = scratch.reserve(columns * Float.BYTES);
        writer.reset()
                .begin(NativeStructs.GATHER)
                .pointer("src", bias)
                .pointer("dst", copied)
                .pointer("src_index", 0)
                .pointer("dst_index", 0)
                .int64("rows", 1)
                .int64("columns", columns)
                .int64("src_stride", columns)
                .int64("dst_stride", columns)
                .end();
        kernels.run(Operation.GATHER, memory);
        return copied;
    }
}
