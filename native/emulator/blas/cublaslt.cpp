/*
 * The functions of cuBLASLt that Patchbay calls: descriptors, the search for an algorithm, and the product itself, in the
 * order of its stream. Stricter than the real library where a mistake would go unseen there: an operand that does not lie in
 * one allocation, or is less aligned than the algorithm was promised, is refused.
 */
#include <cstring>

#include "../driver/functions.h"
#include "product.h"

namespace pb::blas {

using namespace pb::abi;

struct Context {};

struct Description {
    cublasComputeType_t compute;
    int32_t transpose_a = CUBLAS_OP_N, transpose_b = CUBLAS_OP_N;
    uint32_t epilogue = CUBLASLT_EPILOGUE_DEFAULT;
    const void *bias = nullptr;
};

struct Preference {
    uint64_t workspace = 0;
    uint32_t reductions = 7;
    uint32_t alignment[4] = {256, 256, 256, 256}; /* of a, b, c, d */
};

namespace {

/* What an algorithm keeps: that it is one of ours, and the alignments that it was promised. */
constexpr uint64_t kAlgorithm = 0x70617463686279;

/* The bias of the epilogue is read in vectors of 16 bytes by some kernels of the real library. */
constexpr uint64_t kBiasAlignment = 16;

template <class T> cublasStatus_t set(T *to, const void *value, size_t bytes) {
    if (value == nullptr || bytes != sizeof(T)) {
        return CUBLAS_STATUS_INVALID_VALUE;
    }
    std::memcpy(to, value, sizeof(T));
    return CUBLAS_STATUS_SUCCESS;
}

bool aligned(const void *address, uint64_t bytes) { return bytes > 0 && reinterpret_cast<uintptr_t>(address) % bytes == 0; }

bool is_matrix(const Layout &x) { return x.rows > 0 && x.columns > 0 && x.stride >= static_cast<int64_t>(x.rows); }

cublasStatus_t check(const Description &what, const Layout &a, const Layout &b, const Layout &c, const Layout &d) {
    const bool ta = what.transpose_a == CUBLAS_OP_T, tb = what.transpose_b == CUBLAS_OP_T;
    if (!is_matrix(a) || !is_matrix(b) || !is_matrix(c) || !is_matrix(d) || (ta ? a.columns : a.rows) != d.rows ||
        (tb ? b.rows : b.columns) != d.columns || (ta ? a.rows : a.columns) != (tb ? b.columns : b.rows) ||
        c.rows != d.rows || c.columns != d.columns) {
        return CUBLAS_STATUS_INVALID_VALUE;
    }
    const bool types = a.type == b.type && c.type == CUDA_R_32F && d.type == CUDA_R_32F &&
                       (a.type == CUDA_R_32F || what.compute == CUBLAS_COMPUTE_32F);
    const bool epilogue = what.epilogue == CUBLASLT_EPILOGUE_DEFAULT || what.epilogue == CUBLASLT_EPILOGUE_BIAS;
    return types && epilogue ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_NOT_SUPPORTED;
}

} // namespace

extern "C" {

size_t cublasLtGetVersion(void) { return 130000; }

const char *cublasLtGetStatusName(cublasStatus_t status) {
    switch (status) {
    case CUBLAS_STATUS_SUCCESS: return "CUBLAS_STATUS_SUCCESS";
    case CUBLAS_STATUS_INVALID_VALUE: return "CUBLAS_STATUS_INVALID_VALUE";
    case CUBLAS_STATUS_EXECUTION_FAILED: return "CUBLAS_STATUS_EXECUTION_FAILED";
    case CUBLAS_STATUS_NOT_SUPPORTED: return "CUBLAS_STATUS_NOT_SUPPORTED";
    default: return "CUBLAS_STATUS_INTERNAL_ERROR";
    }
}

const char *cublasLtGetStatusString(cublasStatus_t status) {
    return status == CUBLAS_STATUS_SUCCESS ? "success" : "the emulated cuBLASLt refuses this";
}

cublasStatus_t cublasLtCreate(cublasLtHandle_t *handle) {
    CUcontext context = nullptr;
    if (cuCtxGetCurrent(&context) != CUDA_SUCCESS || context == nullptr) {
        return CUBLAS_STATUS_NOT_INITIALIZED;
    }
    *handle = new Context;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtDestroy(cublasLtHandle_t handle) {
    delete handle;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t *description, cublasComputeType_t compute,
                                        cudaDataType scale) {
    if ((compute != CUBLAS_COMPUTE_32F && compute != CUBLAS_COMPUTE_32F_FAST_TF32) || scale != CUDA_R_32F) {
        return CUBLAS_STATUS_NOT_SUPPORTED;
    }
    *description = new Description{compute};
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t description) {
    delete description;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t x, cublasLtMatmulDescAttributes_t attribute,
                                              const void *value, size_t bytes) {
    switch (attribute) {
    case CUBLASLT_MATMUL_DESC_TRANSA: return set(&x->transpose_a, value, bytes);
    case CUBLASLT_MATMUL_DESC_TRANSB: return set(&x->transpose_b, value, bytes);
    case CUBLASLT_MATMUL_DESC_EPILOGUE: return set(&x->epilogue, value, bytes);
    case CUBLASLT_MATMUL_DESC_BIAS_POINTER: return set(&x->bias, value, bytes);
    default: return CUBLAS_STATUS_INVALID_VALUE;
    }
}

cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t *layout, cudaDataType type, uint64_t rows,
                                          uint64_t columns, int64_t stride) {
    if (type != CUDA_R_32F && type != CUDA_R_16BF) {
        return CUBLAS_STATUS_NOT_SUPPORTED;
    }
    *layout = new Layout{type, rows, columns, stride};
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t layout) {
    delete layout;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatrixLayoutSetAttribute(cublasLtMatrixLayout_t x, cublasLtMatrixLayoutAttribute_t attribute,
                                                const void *value, size_t bytes) {
    switch (attribute) {
    case CUBLASLT_MATRIX_LAYOUT_ROWS: return set(&x->rows, value, bytes);
    case CUBLASLT_MATRIX_LAYOUT_COLS: return set(&x->columns, value, bytes);
    case CUBLASLT_MATRIX_LAYOUT_LD: return set(&x->stride, value, bytes);
    default: return CUBLAS_STATUS_INVALID_VALUE;
    }
}

cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t *preference) {
    *preference = new Preference;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t preference) {
    delete preference;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t x,
                                                    cublasLtMatmulPreferenceAttributes_t attribute, const void *value,
                                                    size_t bytes) {
    switch (attribute) {
    case CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES: return set(&x->workspace, value, bytes);
    case CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK: return set(&x->reductions, value, bytes);
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES: return set(&x->alignment[0], value, bytes);
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES: return set(&x->alignment[1], value, bytes);
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES: return set(&x->alignment[2], value, bytes);
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES: return set(&x->alignment[3], value, bytes);
    default: return CUBLAS_STATUS_INVALID_VALUE;
    }
}

cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t handle, cublasLtMatmulDesc_t description,
                                              cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b,
                                              cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d,
                                              cublasLtMatmulPreference_t preference, int wanted,
                                              cublasLtMatmulHeuristicResult_t results[], int *found) {
    if (handle == nullptr || wanted <= 0) {
        return CUBLAS_STATUS_INVALID_VALUE;
    }
    if (const cublasStatus_t status = check(*description, *a, *b, *c, *d); status != CUBLAS_STATUS_SUCCESS) {
        return status;
    }
    /* With other reductions the real library may split the sums, which Patchbay's profiles do not allow. */
    if (preference->reductions != CUBLASLT_REDUCTION_SCHEME_NONE) {
        return CUBLAS_STATUS_NOT_SUPPORTED;
    }
    results[0] = {};
    results[0].algo.data[0] = kAlgorithm;
    for (int i = 0; i < 4; ++i) {
        results[0].algo.data[1 + i] = preference->alignment[i];
    }
    results[0].state = CUBLAS_STATUS_SUCCESS;
    results[0].wavesCount = 1;
    *found = 1;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmul(cublasLtHandle_t handle, cublasLtMatmulDesc_t description, const void *alpha, const void *a,
                              cublasLtMatrixLayout_t a_layout, const void *b, cublasLtMatrixLayout_t b_layout,
                              const void *beta, const void *c, cublasLtMatrixLayout_t c_layout, void *d,
                              cublasLtMatrixLayout_t d_layout, const cublasLtMatmulAlgo_t *algorithm, void *, size_t,
                              CUstream stream) {
    if (handle == nullptr || algorithm == nullptr || algorithm->data[0] != kAlgorithm ||
        *static_cast<const float *>(alpha) != 1.0f || *static_cast<const float *>(beta) != 0.0f) {
        return CUBLAS_STATUS_INVALID_VALUE;
    }
    if (const cublasStatus_t status = check(*description, *a_layout, *b_layout, *c_layout, *d_layout);
        status != CUBLAS_STATUS_SUCCESS) {
        return status;
    }
    const bool bias = description->epilogue == CUBLASLT_EPILOGUE_BIAS;
    const Layout bias_layout{CUDA_R_32F, d_layout->rows, 1, static_cast<int64_t>(d_layout->rows)};
    const uint64_t *promised = algorithm->data + 1;
    if (!aligned(a, promised[0]) || !aligned(b, promised[1]) || !aligned(c, promised[2]) || !aligned(d, promised[3]) ||
        !lies_in_memory(a, *a_layout) || !lies_in_memory(b, *b_layout) || !lies_in_memory(d, *d_layout) ||
        (bias && (!aligned(description->bias, kBiasAlignment) || !lies_in_memory(description->bias, bias_layout)))) {
        return CUBLAS_STATUS_INVALID_VALUE;
    }
    const bool ta = description->transpose_a == CUBLAS_OP_T, tb = description->transpose_b == CUBLAS_OP_T;
    return enqueue(
        Product{operand(a, *a_layout, ta), operand(b, *b_layout, tb), static_cast<float *>(d),
                bias ? static_cast<const float *>(description->bias) : nullptr, static_cast<int64_t>(d_layout->rows),
                static_cast<int64_t>(d_layout->columns), static_cast<int64_t>(ta ? a_layout->rows : a_layout->columns),
                d_layout->stride, description->compute == CUBLAS_COMPUTE_32F_FAST_TF32, false},
        stream);
}

} // extern "C"

} // namespace pb::blas
