package dev.patchbay.bindings.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.patchbay.bindings.NativeStructs;
import dev.patchbay.bindings.ops.NativeDevice.Operation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The kernels of a loaded image, and which of them an operation launches: sizes are read from the struct it passes. */
final class CudaKernels {
    private static final long GEMM_ROWS = NativeStructs.CUDA_GEMM.offset("rows");
    private static final long GEMM_COLUMNS = NativeStructs.CUDA_GEMM.offset("columns");
    private static final long CHOSEN_COUNT = NativeStructs.CUDA_GEMM_CHOSEN.offset("count");
    private static final long ATTENTION_BLOCKS = NativeStructs.CUDA_ATTENTION.offset("block_count");
    private static final long ATTENTION_TINY = NativeStructs.CUDA_ATTENTION.offset("tiny_count");
    private static final long ATTENTION_STACKS = NativeStructs.CUDA_ATTENTION.offset("stack_count");
    private static final long ATTENTION_CAPACITY = NativeStructs.CUDA_ATTENTION.offset("score_capacity");
    private static final long ATTENTION_HEADS = NativeStructs.ATTENTION.offset("heads");
    private static final long ATTENTION_HEAD_SIZE = NativeStructs.ATTENTION.offset("d_head");
    private static final long ATTENTION_LABELS = NativeStructs.ATTENTION.offset("label_count");
    private static final long ATTENTION_WEIGHTS = NativeStructs.ATTENTION.offset("weight_count");
    private static final long ATTENTION_CHOSEN = NativeStructs.ATTENTION.offset("chosen_value");
    private static final long ATTENTION_RECEIVED = NativeStructs.ATTENTION.offset("received");
    private static final long ATTENTION_ROWS = NativeStructs.ATTENTION.offset("row_count");
    private static final long ATTENTION_SPAN = NativeStructs.CUDA_ATTENTION.offset("span");
    private static final long NORM_ROWS = NativeStructs.NORM.offset("rows");
    private static final long NORM_GROUPS = NativeStructs.NORM.offset("groups");
    private static final long NORM_WIDTH = NativeStructs.NORM.offset("width");
    private static final long ROPE_ROWS = NativeStructs.ROPE.offset("rows");
    private static final long ROPE_HEADS = NativeStructs.ROPE.offset("heads");
    private static final long ROPE_HEAD_SIZE = NativeStructs.ROPE.offset("d_head");
    private static final long ROPE_ROTARY = NativeStructs.ROPE.offset("rotary");
    private static final long ACTIVATION_ROWS = NativeStructs.ACTIVATION.offset("rows");
    private static final long ACTIVATION_COLUMNS = NativeStructs.ACTIVATION.offset("columns");
    private static final long COMBINE_ROWS = NativeStructs.COMBINE.offset("rows");
    private static final long COMBINE_COLUMNS = NativeStructs.COMBINE.offset("columns");
    private static final long GATHER_ROWS = NativeStructs.GATHER.offset("rows");
    private static final long GATHER_COLUMNS = NativeStructs.GATHER.offset("columns");
    private static final long EDIT_ENTRIES = NativeStructs.EDIT.offset("entry_count");
    private static final long EXPERTS_COUNT = NativeStructs.CUDA_GEMM_EXPERTS.offset("count");
    private static final long EXPERTS_COLUMNS = NativeStructs.CUDA_GEMM_EXPERTS.offset("columns");
    private static final long EXPERTS_EXPERTS = NativeStructs.CUDA_GEMM_EXPERTS.offset("experts");
    private static final long EXPERT_ROWS_EXPERTS = NativeStructs.EXPERT_ROWS.offset("experts");
    private static final long ROUTE_ROWS = NativeStructs.ROUTE.offset("rows");
    private static final long MIX_ROWS = NativeStructs.MIX.offset("rows");
    private static final long MIX_COLUMNS = NativeStructs.MIX.offset("columns");
    private static final long LOG_SOFTMAX_ROWS = NativeStructs.LOG_SOFTMAX.offset("rows");

    private final CudaDriver driver;
    private final long stream;
    private final long image;
    private final Map<CudaKernel, Long> handles = new EnumMap<>(CudaKernel.class);

    /** Loads the image, looks every kernel up, and lets those that want much shared memory have up to that many bytes. */
    CudaKernels(CudaDriver driver, long stream, byte[] content, int sharedMemory) {
        this.driver = driver;
        this.stream = stream;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(content.length, Long.BYTES).copyFrom(MemorySegment.ofArray(content));
            image = driver.loadImage(memory);
        }
        for (CudaKernel kernel : CudaKernel.values()) {
            handles.put(kernel, driver.kernel(image, kernel.symbol()));
        }
        for (CudaKernel kernel : List.of(
                CudaKernel.ATTENTION_F32,
                CudaKernel.ATTENTION_TINY_F32,
                CudaKernel.ATTENTION_STACKED_F32,
                CudaKernel.ATTENTION_RECEIVED_F32)) {
            driver.allowSharedMemory(handle(kernel), sharedMemory);
        }
        for (CudaKernel kernel : CudaLaunches.ATTENTION_BF16) {
            long wanted = CudaLaunches.attentionBf16(kernel, 1, 1).sharedBytes();
            driver.allowSharedMemory(handle(kernel), (int) Math.min(wanted, sharedMemory));
        }
    }

    /** Enqueues an operation on the struct at the start of {@code struct}. */
    void run(Operation operation, MemorySegment struct) {
        switch (operation) {
            case GEMM -> gemm(struct);
            case GEMM_CHOSEN ->
                launch(CudaKernel.GEMM_CHOSEN_F32, CudaLaunches.gemmChosen(int64(struct, CHOSEN_COUNT)), struct);
            case ATTENTION -> attention(struct);
            case NORM -> norm(struct);
            case ROPE -> rope(struct);
            case ACTIVATION -> elementwise(CudaKernel.ACTIVATION_F32, struct, ACTIVATION_ROWS, ACTIVATION_COLUMNS);
            case COMBINE -> elementwise(CudaKernel.COMBINE_F32, struct, COMBINE_ROWS, COMBINE_COLUMNS);
            case GATHER -> elementwise(CudaKernel.GATHER_F32, struct, GATHER_ROWS, GATHER_COLUMNS);
            case EDIT -> launch(CudaKernel.EDIT_F32, CudaLaunches.edit(int64(struct, EDIT_ENTRIES)), struct);
            case LOG_SOFTMAX ->
                launch(CudaKernel.LOG_SOFTMAX_F32, CudaLaunches.logSoftmax(int64(struct, LOG_SOFTMAX_ROWS)), struct);
            case ROUTE -> launch(CudaKernel.ROUTE_F32, CudaLaunches.route(int64(struct, ROUTE_ROWS)), struct);
            case EXPERT_ROWS ->
                launch(CudaKernel.EXPERT_ROWS_I32, CudaLaunches.expertRows(int32(struct, EXPERT_ROWS_EXPERTS)), struct);
            case GEMM_EXPERTS -> gemmExperts(struct);
            case MIX -> elementwise(CudaKernel.MIX_F32, struct, MIX_ROWS, MIX_COLUMNS);
        }
    }

    private void gemm(MemorySegment struct) {
        long rows = int64(struct, GEMM_ROWS);
        long columns = int64(struct, GEMM_COLUMNS);
        launch(CudaLaunches.gemmKernel(rows, columns), CudaLaunches.gemm(rows, columns), struct);
    }

    private void gemmExperts(MemorySegment struct) {
        long count = int64(struct, EXPERTS_COUNT);
        int experts = int32(struct, EXPERTS_EXPERTS);
        CudaLaunch launch = CudaLaunches.gemmExperts(count, experts, int64(struct, EXPERTS_COLUMNS));
        launch(CudaLaunches.gemmExpertsKernel(count, experts), launch, struct);
    }

    private void attention(MemorySegment struct) {
        int heads = int32(struct, ATTENTION_HEADS);
        int headSize = int32(struct, ATTENTION_HEAD_SIZE);
        int fields = CudaLaunches.attentionStateFields(
                int32(struct, ATTENTION_LABELS),
                int32(struct, ATTENTION_WEIGHTS),
                int64(struct, ATTENTION_CHOSEN) != 0);
        int capacity = int32(struct, ATTENTION_CAPACITY);
        launch(
                CudaKernel.ATTENTION_F32,
                CudaLaunches.attention(int64(struct, ATTENTION_BLOCKS), heads, headSize, fields, capacity),
                struct);
        launch(
                CudaKernel.ATTENTION_TINY_F32,
                CudaLaunches.attentionTiny(int64(struct, ATTENTION_TINY), heads, headSize, fields),
                struct);
        launch(
                CudaKernel.ATTENTION_STACKED_F32,
                CudaLaunches.attention(int64(struct, ATTENTION_STACKS), heads, headSize, fields, capacity),
                struct);
        if (int64(struct, ATTENTION_RECEIVED) != 0) {
            launch(
                    CudaKernel.ATTENTION_RECEIVED_F32,
                    CudaLaunches.attentionReceived(
                            int64(struct, ATTENTION_ROWS), int32(struct, ATTENTION_SPAN), heads, headSize),
                    struct);
        }
    }

    private void norm(MemorySegment struct) {
        CudaLaunch launch =
                CudaLaunches.norm(int64(struct, NORM_ROWS), int32(struct, NORM_GROUPS), int32(struct, NORM_WIDTH));
        launch(CudaKernel.NORM_F32, launch, struct);
    }

    private void rope(MemorySegment struct) {
        CudaLaunch launch = CudaLaunches.rope(
                int64(struct, ROPE_ROWS),
                int32(struct, ROPE_HEADS),
                int32(struct, ROPE_HEAD_SIZE),
                int32(struct, ROPE_ROTARY));
        launch(CudaKernel.ROPE_F32, launch, struct);
    }

    private void elementwise(CudaKernel kernel, MemorySegment struct, long rows, long columns) {
        launch(kernel, CudaLaunches.elementwise(int64(struct, rows), int64(struct, columns)), struct);
    }

    /** Enqueues a kernel on the struct at the start of {@code struct}, which is copied. */
    void launch(CudaKernel kernel, CudaLaunch launch, MemorySegment struct) {
        if (launch.isTooLarge()) {
            throw new IllegalArgumentException(kernel.symbol() + ": no grid is as large as " + launch);
        }
        if (!launch.isEmpty()) {
            driver.launch(handle(kernel), launch, kernel.threads(), stream, struct.address());
        }
    }

    private long handle(CudaKernel kernel) {
        return handles.getOrDefault(kernel, 0L);
    }

    private static long int64(MemorySegment struct, long offset) {
        return struct.get(JAVA_LONG, offset);
    }

    private static int int32(MemorySegment struct, long offset) {
        return struct.get(JAVA_INT, offset);
    }

    /** Unloads the image. */
    void close() {
        driver.unload(image);
    }
}
