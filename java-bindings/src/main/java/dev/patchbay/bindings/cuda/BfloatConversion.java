package dev.patchbay.bindings.cuda;

import dev.patchbay.bindings.NativeCodes;
import dev.patchbay.bindings.NativeStructs;
import dev.patchbay.bindings.StructWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Launches {@code convert_bf16}: float32 matrices to bfloat16, in one part or split ({@code pb_cuda_convert}). */
final class BfloatConversion {
    /** Elements of a group: results begin at, and are filled up with zeros to, multiples of it. */
    static final int GROUP = 8;

    private final CudaKernels kernels;
    private final MemorySegment memory = Arena.ofAuto().allocate(NativeStructs.CUDA_CONVERT.size(), Long.BYTES);
    private final StructWriter writer = new StructWriter(memory);

    BfloatConversion(CudaKernels kernels) {
        this.kernels = kernels;
    }

    /** What is written for a group; ordinals are the values of {@code pb_cuda_convert_kind}. */
    enum Kind {
        /** The rounded elements. */
        BFLOAT16(1),
        /** High, low, high parts of {@code x}. */
        SPLIT_OPERAND(3),
        /** High, high, low parts of a weight. */
        SPLIT_WEIGHT(3);

        private final int parts;

        Kind(int parts) {
            this.parts = parts;
        }

        /** Elements written for each that is read. */
        int parts() {
            return parts;
        }

        /** Elements of a row of {@code columns} elements behind a lead. */
        long width(long lead, long columns) {
            return groups(lead, columns) * GROUP * parts;
        }
    }

    private static long groups(long lead, long columns) {
        return Math.ceilDiv(Math.addExact(lead, columns), GROUP);
    }

    /**
     * Enqueues one.
     *
     * @param lead zeros before the elements of a row, less than {@link #GROUP}
     * @param rowStep elements between rows of {@code x}
     * @param columnStep elements between columns of {@code x}
     */
    void run(Kind kind, long x, long out, long rows, long columns, int lead, long rowStep, long columnStep) {
        long groups = groups(lead, columns);
        writer.reset()
                .begin(NativeStructs.CUDA_CONVERT)
                .pointer("x", x)
                .pointer("out", out)
                .int64("rows", rows)
                .int64("columns", columns)
                .int64("groups", groups)
                .int64("x_stride", rowStep)
                .int64("x_step", columnStep)
                .int32("lead", lead)
                .int32("kind", NativeCodes.code(kind))
                .end();
        kernels.launch(CudaKernel.CONVERT_BF16, CudaLaunches.convert(rows, groups), memory);
    }
}
