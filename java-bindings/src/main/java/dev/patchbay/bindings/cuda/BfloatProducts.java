package dev.patchbay.bindings.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.patchbay.bindings.NativeStruct;
import dev.patchbay.bindings.NativeStructs;
import dev.patchbay.bindings.cuda.BfloatConversion.Kind;
import dev.patchbay.bindings.ops.WeightForm;
import java.lang.foreign.MemorySegment;

/**
 * Products of {@code bf16} and {@code fast32}: weights are converted once for each direction in use, {@code x} before every
 * product (once for neighbours that share it). A row of {@code inner} elements becomes groups of 8, each followed by its
 * other parts, so that a part of the rows of a weight is a part of the memory too; where it does not begin with a group,
 * zeros stand before {@code x}. Chosen elements and products of experts are computed in float32 from the raw weight.
 */
final class BfloatProducts implements Products, WeightForm.Converted {
    private static final NativeStruct GEMM = NativeStructs.GEMM;
    private static final long X = GEMM.offset("x");
    private static final long WEIGHT = GEMM.offset("weight");
    private static final long BIAS = GEMM.offset("bias");
    private static final long OUT = GEMM.offset("out");
    private static final long ROWS = GEMM.offset("rows");
    private static final long INNER = GEMM.offset("inner");
    private static final long COLUMNS = GEMM.offset("columns");
    private static final long X_STRIDE = GEMM.offset("x_stride");
    private static final long OUT_STRIDE = GEMM.offset("out_stride");
    private static final long WEIGHT_INNER = GEMM.offset("weight_inner");
    private static final long INNER_BEGIN = GEMM.offset("inner_begin");

    private final Blas blas;
    private final BfloatConversion conversion;
    private final AlignedBias biases;
    private final Scratch scratch;
    private final MemorySegment slab;
    private final Kind operandKind;
    private final Kind weightKind;

    /** What of {@code x} is in the scratch memory. */
    private record Operand(long x, long rows, long columns, long stride, int lead) {}

    /**
     * Products by {@code blas}.
     *
     * @param split whether operands are split in two parts: {@code fast32}
     * @param slab where the structs of packings lie
     */
    BfloatProducts(
            Blas blas, CudaKernels kernels, AlignedBias biases, Scratch scratch, MemorySegment slab, boolean split) {
        this.blas = blas;
        conversion = new BfloatConversion(kernels);
        this.biases = biases;
        this.scratch = scratch;
        this.slab = slab;
        operandKind = split ? Kind.SPLIT_OPERAND : Kind.BFLOAT16;
        weightKind = split ? Kind.SPLIT_WEIGHT : Kind.BFLOAT16;
    }

    @Override
    public WeightForm form() {
        return this;
    }

    @Override
    public void run(MemorySegment structs, long count) {
        Operand last = new Operand(0, 0, 0, 0, 0);
        for (long i = 0; i < count; i++) {
            MemorySegment struct = structs.asSlice(i * GEMM.size(), GEMM.size());
            int lead = (int) (int64(struct, INNER_BEGIN) % BfloatConversion.GROUP);
            Operand operand = new Operand(
                    int64(struct, X), int64(struct, ROWS), int64(struct, INNER), int64(struct, X_STRIDE), lead);
            if (!operand.equals(last)) {
                convert(operand);
                last = operand;
            }
            multiply(struct, operand);
        }
    }

    private void convert(Operand x) {
        long width = operandKind.width(x.lead, x.columns);
        long out = scratch.reserve(Math.multiplyExact(Math.multiplyExact(x.rows, width), Short.BYTES));
        conversion.run(operandKind, x.x, out, x.rows, x.columns, x.lead, x.stride, 1);
    }

    private void multiply(MemorySegment struct, Operand x) {
        long columns = int64(struct, COLUMNS);
        long width = operandKind.width(x.lead, x.columns);
        long weightWidth = weightKind.width(0, int64(struct, WEIGHT_INNER));
        long skipped = weightKind.width(0, int64(struct, INNER_BEGIN) - x.lead);
        blas.gemm(
                new Blas.Shape(x.rows, columns, width, width, weightWidth, int64(struct, OUT_STRIDE), true),
                Blas.Types.BFLOAT16,
                biases.epilogue(int64(struct, BIAS), columns),
                scratch.reserve(0),
                int64(struct, WEIGHT) + skipped * Short.BYTES,
                int64(struct, OUT));
    }

    @Override
    public long packedSize(long inner, long columns) {
        return Math.multiplyExact(columns, weightKind.width(0, inner)) * Short.BYTES / Float.BYTES;
    }

    /** A column of the product becomes a row, whichever way the raw weight lies. */
    @Override
    public void pack(long parameters) {
        NativeStruct pack = NativeStructs.PACK;
        MemorySegment struct = slab.asSlice(parameters - slab.address(), pack.size());
        long stride = int64(struct, pack.offset("stride"));
        boolean columnsAreRows = struct.get(JAVA_INT, pack.offset("source_transposed")) != 0;
        conversion.run(
                weightKind,
                int64(struct, pack.offset("raw")),
                int64(struct, pack.offset("packed")),
                int64(struct, pack.offset("columns")),
                int64(struct, pack.offset("inner")),
                0,
                columnsAreRows ? stride : 1,
                columnsAreRows ? 1 : stride);
    }

    private static long int64(MemorySegment struct, long offset) {
        return struct.get(JAVA_LONG, offset);
    }
}
