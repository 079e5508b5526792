package dev.patchbay.bindings.cuda;

/** The kernels of the image: {@code cuda-kernels/instances.def}, which a test compares. */
enum CudaKernel {
    GEMM_F32(128),
    GEMM_F32_MEDIUM(128),
    GEMM_F32_SMALL(128),
    GEMM_CHOSEN_F32(32),
    ATTENTION_F32(128),
    ATTENTION_TINY_F32(128),
    ATTENTION_STACKED_F32(128),
    ATTENTION_RECEIVED_F32(128),
    NORM_F32(256),
    ROPE_F32(256),
    ACTIVATION_F32(256),
    COMBINE_F32(256),
    GATHER_F32(256),
    EDIT_F32(128),
    LOG_SOFTMAX_F32(512),
    GEMM_EXPERTS_F32(128),
    GEMM_EXPERTS_F32_SMALL(128),
    ROUTE_F32(128),
    EXPERT_ROWS_I32(256),
    MIX_F32(256),

    ATTENTION_BF16_D32(128),
    ATTENTION_BF16_D64(128),
    ATTENTION_BF16_D96(128),
    ATTENTION_BF16_D128(128),
    ATTENTION_BF16_D256(128),
    CONVERT_BF16(256);

    private final int threads;

    CudaKernel(int threads) {
        this.threads = threads;
    }

    /** Threads of a block. */
    int threads() {
        return threads;
    }

    /** Its symbol in the image. */
    String symbol() {
        return "pb_" + name().toLowerCase(java.util.Locale.ROOT);
    }
}
