package dev.patchbay.bindings.cuda;

import java.util.List;
import java.util.Optional;

/** The functions of {@code cuda-kernels/launch.h}, which a test compares. */
final class CudaLaunches {
    /** Queries of an attention block. */
    static final int ATTENTION_QUERIES = 16;

    /** Queries of an attention block of the fast profiles. */
    static final int ATTENTION_BF16_QUERIES = 64;

    /** Those of attention in bfloat16, by the size of heads. */
    static final List<CudaKernel> ATTENTION_BF16 = List.of(
            CudaKernel.ATTENTION_BF16_D32,
            CudaKernel.ATTENTION_BF16_D64,
            CudaKernel.ATTENTION_BF16_D96,
            CudaKernel.ATTENTION_BF16_D128,
            CudaKernel.ATTENTION_BF16_D256);

    private static final int[] ATTENTION_BF16_SIZES = {32, 64, 96, 128, 256};
    private static final int CONVERT_THREADS = 256;
    private static final int ATTENTION_KEYS = 64;
    private static final int ATTENTION_INNER = 32;
    private static final int ATTENTION_LIST_INTS = 12;
    private static final int ATTENTION_QUERIES_OF_WARP = 4;
    private static final int ATTENTION_TINY_ROWS = 4;
    private static final int ATTENTION_STATE_FIELDS = 5;
    private static final int WARP = 32;
    private static final int CHOSEN_INNER = 32;
    private static final int NORM_WARPS = 8;
    private static final int NORM_WARP_WIDTH = 1024;
    private static final int ELEMENT_COLUMNS = 1024;
    private static final int EDIT_WARPS = 4;
    private static final int LOG_SOFTMAX_WARPS = 16;
    private static final int ROUTE_WARPS = 4;
    private static final int EXPERT_ROWS_WARPS = 8;
    private static final int SMALL_ROWS = 16;
    private static final long LARGE_BLOCKS = 3 * 132;

    private CudaLaunches() {}

    /** The kernel of a product, by its shape alone. */
    static CudaKernel gemmKernel(long rows, long columns) {
        if (rows <= SMALL_ROWS) {
            return CudaKernel.GEMM_F32_SMALL;
        }
        boolean large = Math.ceilDiv(rows, 128) * Math.ceilDiv(columns, 64) >= LARGE_BLOCKS;
        return large ? CudaKernel.GEMM_F32 : CudaKernel.GEMM_F32_MEDIUM;
    }

    /** The launch of {@link #gemmKernel}. */
    static CudaLaunch gemm(long rows, long columns) {
        return switch (gemmKernel(rows, columns)) {
            case GEMM_F32 -> gemm(rows, columns, 128, 64, 16);
            case GEMM_F32_MEDIUM -> gemm(rows, columns, 64, 64, 16);
            default -> gemm(rows, columns, 16, 32, 32);
        };
    }

    private static CudaLaunch gemm(long rows, long columns, int tileRows, int tileColumns, int inner) {
        long shared = 2L * inner * (tileRows + 4 + tileColumns + 4) * Float.BYTES;
        return new CudaLaunch(Math.ceilDiv(rows, tileRows), Math.ceilDiv(columns, tileColumns), shared);
    }

    /** The kernel of experts' products, by their numbers alone. */
    static CudaKernel gemmExpertsKernel(long count, long experts) {
        return count <= SMALL_ROWS * experts ? CudaKernel.GEMM_EXPERTS_F32_SMALL : CudaKernel.GEMM_EXPERTS_F32;
    }

    /** The launch of {@link #gemmExpertsKernel}: blocks for the most tiles that so many rows can need. */
    static CudaLaunch gemmExperts(long count, long experts, long columns) {
        boolean small = gemmExpertsKernel(count, experts) == CudaKernel.GEMM_EXPERTS_F32_SMALL;
        CudaLaunch even = small ? gemm(count, columns, 16, 32, 32) : gemm(count, columns, 64, 64, 16);
        return new CudaLaunch(count / (small ? 16 : 64) + Math.min(experts, count), even.gridY(), even.sharedBytes());
    }

    static CudaLaunch route(long rows) {
        return new CudaLaunch(Math.ceilDiv(rows, ROUTE_WARPS), 1, 0);
    }

    static CudaLaunch expertRows(long experts) {
        return new CudaLaunch(experts, 1, EXPERT_ROWS_WARPS * Integer.BYTES);
    }

    static CudaLaunch gemmChosen(long count) {
        return new CudaLaunch(Math.ceilDiv(count, WARP), 1, 2L * WARP * (CHOSEN_INNER + 1) * Float.BYTES);
    }

    /** Most keys whose scores a block has a use for: those of the longest row, or of a window. */
    static long scoreCapacity(long span, long window) {
        long tiles = Math.ceilDiv(span, ATTENTION_KEYS);
        long seen =
                window > 0 ? Math.ceilDiv(window + ATTENTION_QUERIES - 1 + ATTENTION_KEYS - 1, ATTENTION_KEYS) : tiles;
        return Math.min(seen, tiles) * ATTENTION_KEYS;
    }

    /** As above, as far as {@code limit} bytes of shared memory have room for it, and at least one tile. */
    static int scoreCapacity(long span, long window, int headSize, int stateFields, int limit) {
        long rest = limit - attention(1, 1, headSize, stateFields, 0).sharedBytes();
        long tiles = rest / ((long) ATTENTION_QUERIES * ATTENTION_KEYS * Float.BYTES);
        return Math.toIntExact(Math.max(Math.min(scoreCapacity(span, window), tiles * ATTENTION_KEYS), ATTENTION_KEYS));
    }

    /** Floats of a query and lane. */
    static int attentionStateFields(int labels, int weights, boolean chosen) {
        return ATTENTION_STATE_FIELDS + labels * (1 + weights) + (chosen ? 4 : 0);
    }

    /** The general and the stacked kernel. */
    static CudaLaunch attention(long blocks, int heads, int headSize, int stateFields, int scoreCapacity) {
        return new CudaLaunch(
                blocks, heads, attentionFloats(ATTENTION_QUERIES, headSize, stateFields, scoreCapacity) * Float.BYTES);
    }

    static CudaLaunch attentionTiny(long rows, int heads, int headSize, int stateFields) {
        long floats = attentionFloats(ATTENTION_QUERIES_OF_WARP, headSize, stateFields, ATTENTION_KEYS);
        return new CudaLaunch(
                Math.ceilDiv(rows, ATTENTION_TINY_ROWS), heads, ATTENTION_TINY_ROWS * floats * Float.BYTES);
    }

    private static long attentionFloats(int queries, int headSize, int stateFields, int scoreCapacity) {
        long vectors = 2L * queries * headSize;
        long keys = ATTENTION_INNER * (ATTENTION_KEYS + 1);
        long scores = (long) queries * scoreCapacity;
        long lists = (long) queries * ATTENTION_LIST_INTS;
        long state = (long) queries * WARP * stateFields;
        return vectors + keys + scores + lists + state;
    }

    /** The second pass, over tiles of keys. */
    static CudaLaunch attentionReceived(long rows, long span, int heads, int headSize) {
        long shared = attention(1, 1, headSize, 0, ATTENTION_KEYS).sharedBytes();
        return new CudaLaunch(rows * Math.ceilDiv(span, ATTENTION_KEYS), heads, shared);
    }

    /** The kernel for heads of a size, which it pads, or empty where there is none. */
    static Optional<CudaKernel> attentionBf16Kernel(int headSize) {
        return headSize < 8 || headSize % 8 != 0
                ? Optional.empty()
                : ATTENTION_BF16.stream()
                        .filter(kernel -> headSize <= attentionBf16Instance(kernel))
                        .findFirst();
    }

    /** The size of head that a kernel of {@link #ATTENTION_BF16} is made for. */
    static int attentionBf16Instance(CudaKernel kernel) {
        return ATTENTION_BF16_SIZES[ATTENTION_BF16.indexOf(kernel)];
    }

    static CudaLaunch attentionBf16(CudaKernel kernel, long blocks, int heads) {
        int instance = attentionBf16Instance(kernel);
        long rows = ATTENTION_BF16_QUERIES + 4L * (instance <= 128 ? 64 : 32);
        return new CudaLaunch(blocks, heads, rows * instance * Short.BYTES);
    }

    static CudaLaunch convert(long rows, long groups) {
        return new CudaLaunch(Math.ceilDiv(rows * groups, CONVERT_THREADS), 1, 0);
    }

    static CudaLaunch norm(long rows, long groups, long width) {
        long blocks = Math.ceilDiv(rows * groups, width <= NORM_WARP_WIDTH ? NORM_WARPS : 1);
        return new CudaLaunch(blocks, 1, NORM_WARPS * Float.BYTES);
    }

    static CudaLaunch elementwise(long rows, long columns) {
        return new CudaLaunch(rows, Math.ceilDiv(columns, ELEMENT_COLUMNS), 0);
    }

    static CudaLaunch rope(long rows, long heads, long headSize, long rotary) {
        return elementwise(rows, heads * (headSize - rotary / 2));
    }

    static CudaLaunch edit(long entries) {
        return new CudaLaunch(Math.ceilDiv(entries, EDIT_WARPS), 1, 0);
    }

    static CudaLaunch logSoftmax(long rows) {
        return new CudaLaunch(rows, 1, LOG_SOFTMAX_WARPS * Float.BYTES);
    }
}
