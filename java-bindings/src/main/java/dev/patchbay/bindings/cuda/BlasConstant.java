package dev.patchbay.bindings.cuda;

/**
 * Constants of {@code cublasLt.h} (values of NVIDIA's cuBLAS documentation, section "Using the cuBLASLt API") by the names
 * they have there; a test compares them with the emulator's, and with the header where there is one.
 */
enum BlasConstant {
    CUDA_R_32F(0),
    CUDA_R_16BF(14),
    CUBLAS_COMPUTE_32F(68),
    CUBLAS_COMPUTE_32F_FAST_TF32(77),
    CUBLAS_OP_N(0),
    CUBLAS_OP_T(1),
    CUBLASLT_EPILOGUE_DEFAULT(1),
    CUBLASLT_EPILOGUE_BIAS(4),
    CUBLASLT_REDUCTION_SCHEME_NONE(0),
    CUBLASLT_MATMUL_DESC_TRANSA(3),
    CUBLASLT_MATMUL_DESC_TRANSB(4),
    CUBLASLT_MATMUL_DESC_EPILOGUE(7),
    CUBLASLT_MATMUL_DESC_BIAS_POINTER(8),
    CUBLASLT_MATRIX_LAYOUT_ROWS(2),
    CUBLASLT_MATRIX_LAYOUT_COLS(3),
    CUBLASLT_MATRIX_LAYOUT_LD(4),
    CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES(1),
    CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK(3),
    CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES(5),
    CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES(6),
    CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES(7),
    CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES(8);

    private final int value;

    BlasConstant(int value) {
        this.value = value;
    }

    int value() {
        return value;
    }
}
