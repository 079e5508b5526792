package dev.patchbay.bindings.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.patchbay.bindings.NativeStruct;
import dev.patchbay.bindings.NativeStructs;
import dev.patchbay.bindings.StructWriter;
import dev.patchbay.bindings.cuda.BfloatConversion.Kind;
import dev.patchbay.bindings.ops.AttentionForm;
import dev.patchbay.device.Attention;
import dev.patchbay.device.Attention.Statistics;
import dev.patchbay.device.TableEntry.RowSpan;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/**
 * Attention of {@code bf16}: queries, keys and values are converted and go to the kernel of the tensor cores. A pass that
 * edits or captures scores or the pattern, sums mass, or has heads of another size than that kernel's, is left to the
 * float32 kernel, so that what is captured is what was used.
 */
final class BfloatAttention implements AttentionForm {
    private static final NativeStruct PASS = NativeStructs.ATTENTION;
    private static final NativeStruct KERNEL = NativeStructs.CUDA_ATTENTION_BF16;

    /** What the kernel takes as the float32 kernel does. */
    private static final List<String> PASSED_ON =
            List.of("z", "lse", "rows", "alibi_slopes", "sinks", "top_value", "top_index", "entropy");

    private static final List<String> CONVERTED = List.of("q", "k", "v", "base_k", "base_v");

    /** Offsets of all that a pass may ask for and the kernel lacks: it is not asked for where they are null. */
    private static final long[] OTHERS = PASS.fields().stream()
            .filter(field -> field.type() == NativeStruct.Type.POINTER)
            .filter(field -> !PASSED_ON.contains(field.name()) && !CONVERTED.contains(field.name()))
            .mapToLong(NativeStruct.Field::offset)
            .toArray();

    private final CudaKernels kernels;
    private final BfloatConversion conversion;
    private final Scratch scratch;
    private final AttentionForm exact;
    private final int sharedMemory;
    private final MemorySegment memory = Arena.ofAuto().allocate(KERNEL.size(), Long.BYTES);
    private final StructWriter writer = new StructWriter(memory);
    private Rows rows = new Rows(0, 0, 0, 0, 0);

    /**
     * What the last {@link #extend} knew of the rows of its pass.
     *
     * @param blocks address of the kernel's plan of work
     * @param firstBase the first row of the base that is read
     * @param baseRows how many from there on may be
     */
    private record Rows(long blocks, long blockCount, long tokens, long firstBase, long baseRows) {}

    BfloatAttention(CudaKernels kernels, Scratch scratch, AttentionForm exact, int sharedMemory) {
        this.kernels = kernels;
        conversion = new BfloatConversion(kernels);
        this.scratch = scratch;
        this.exact = exact;
        this.sharedMemory = sharedMemory;
    }

    private static long blockBytes(List<RowSpan> rows) {
        return AttentionPlan.blocks(rows, CudaLaunches.ATTENTION_BF16_QUERIES)
                * NativeStructs.CUDA_ATTENTION_BLOCK.size();
    }

    @Override
    public long planBytes(List<RowSpan> rows) {
        return Math.addExact(exact.planBytes(rows), blockBytes(rows));
    }

    /** The plan of the float32 kernel, and behind it ours: those with the most keys first, so that the last are short. */
    @Override
    public void writePlan(StructWriter plan, List<RowSpan> rows) {
        exact.writePlan(plan, rows);
        AttentionPlan.writeBlocks(plan, rows, CudaLaunches.ATTENTION_BF16_QUERIES);
    }

    @Override
    public long labels(long address, int count) {
        return exact.labels(address, count);
    }

    @Override
    public void extend(
            StructWriter pass, Attention.Shape shape, List<RowSpan> spans, long address, Statistics statistics) {
        exact.extend(pass, shape, spans, address, statistics);
        long tokens = 0;
        long first = Long.MAX_VALUE;
        long end = 0;
        for (RowSpan row : spans) {
            tokens = Math.max(tokens, (long) row.token() + row.length());
            if (row.start() > 0) {
                first = Math.min(first, row.base());
                end = Math.max(end, (long) row.base() + row.start());
            }
        }
        long blocks = address + spans.size() * NativeStructs.ROW.size() + exact.planBytes(spans);
        long count = AttentionPlan.blocks(spans, CudaLaunches.ATTENTION_BF16_QUERIES);
        rows = new Rows(blocks, count, tokens, Math.min(first, end), Math.max(end - first, 0));
    }

    /** Enqueues the pass whose struct was extended last, unless it is one for the float32 kernel. */
    boolean run(MemorySegment pass) {
        Optional<CudaKernel> kernel = CudaLaunches.attentionBf16Kernel(int32(pass, "d_head"));
        if (kernel.isEmpty() || !isPlain(pass)) {
            return false;
        }
        CudaLaunch launch = CudaLaunches.attentionBf16(kernel.get(), rows.blockCount, int32(pass, "heads"));
        if (launch.sharedBytes() > sharedMemory) {
            return false;
        }
        write(pass);
        kernels.launch(kernel.get(), launch, memory);
        return true;
    }

    /** Whether it asks for nothing that the kernel lacks; z is written two floats at a time. */
    private static boolean isPlain(MemorySegment pass) {
        for (long offset : OTHERS) {
            if (pass.get(JAVA_LONG, offset) != 0) {
                return false;
            }
        }
        return int32(pass, "alibi_positions") == 0
                && int64(pass, "z") % (2 * Float.BYTES) == 0
                && int64(pass, "z_stride") % 2 == 0;
    }

    private void write(MemorySegment pass) {
        long queryWidth = (long) int32(pass, "heads") * int32(pass, "d_head");
        long keyWidth = (long) int32(pass, "kv_heads") * int32(pass, "d_head");
        long queries = bytes(rows.tokens, queryWidth);
        long keys = bytes(rows.tokens, keyWidth);
        long baseKeys = bytes(rows.baseRows, keyWidth);
        long q = scratch.reserve(Math.addExact(queries, 2 * Math.addExact(keys, baseKeys)));
        long k = q + queries;
        long v = k + keys;
        long baseK = v + keys;
        long baseV = baseK + baseKeys;
        convert(pass, "q", "q_stride", 0, rows.tokens, queryWidth, q);
        convert(pass, "k", "k_stride", 0, rows.tokens, keyWidth, k);
        convert(pass, "v", "v_stride", 0, rows.tokens, keyWidth, v);
        boolean base = rows.baseRows > 0;
        if (base) {
            convert(pass, "base_k", "base_k_stride", rows.firstBase, rows.baseRows, keyWidth, baseK);
            convert(pass, "base_v", "base_v_stride", rows.firstBase, rows.baseRows, keyWidth, baseV);
        }
        // The kernel counts rows of the base from the first of all, which was not converted.
        long before = rows.firstBase * keyWidth * Short.BYTES;
        writer.reset()
                .begin(KERNEL)
                .pointer("q", q)
                .pointer("k", k)
                .pointer("v", v)
                .pointer("base_k", base ? baseK - before : 0)
                .pointer("base_v", base ? baseV - before : 0)
                .int64("q_stride", queryWidth)
                .int64("k_stride", keyWidth)
                .int64("v_stride", keyWidth)
                .int64("base_k_stride", keyWidth)
                .int64("base_v_stride", keyWidth)
                .pointer("blocks", rows.blocks)
                .int64("block_count", rows.blockCount)
                .int32("z_type", 0)
                .float32("scale", pass.get(JAVA_FLOAT, PASS.offset("scale")))
                .float32("soft_cap", pass.get(JAVA_FLOAT, PASS.offset("soft_cap")));
        for (String name : PASSED_ON) {
            writer.pointer(name, int64(pass, name));
        }
        for (String name : List.of("heads", "kv_heads", "d_head", "window")) {
            writer.int32(name, int32(pass, name));
        }
        writer.int64("z_stride", int64(pass, "z_stride")).end();
    }

    private static long bytes(long count, long width) {
        return Scratch.padded(Math.multiplyExact(count, width) * Short.BYTES);
    }

    private void convert(MemorySegment pass, String name, String stride, long first, long count, long width, long out) {
        long step = int64(pass, stride);
        long from = int64(pass, name) + first * step * Float.BYTES;
        conversion.run(Kind.BFLOAT16, from, out, count, width, 0, step, 1);
    }

    private static long int64(MemorySegment pass, String field) {
        return pass.get(JAVA_LONG, PASS.offset(field));
    }

    private static int int32(MemorySegment pass, String field) {
        return pass.get(JAVA_INT, PASS.offset(field));
    }
}
