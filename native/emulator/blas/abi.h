/*
 * What Patchbay uses of cublasLt.h, in a namespace of ours. Signatures, values and meanings are those of NVIDIA's cuBLAS
 * documentation, "Using the cuBLASLt API" (docs.nvidia.com/cuda/cublas), and of "cublasLt.h" of CUDA 11.5 to 13; cudaDataType
 * is that of library_types.h. A test compares Java's constants with these, and with the header where there is one.
 */
#ifndef PATCHBAY_EMULATOR_CUBLASLT_H
#define PATCHBAY_EMULATOR_CUBLASLT_H

#include <cstddef>
#include <cstdint>

#include "../driver/abi.h"

namespace pb::blas {

enum cublasStatus_t : int {
    CUBLAS_STATUS_SUCCESS = 0,
    CUBLAS_STATUS_NOT_INITIALIZED = 1,
    CUBLAS_STATUS_ALLOC_FAILED = 3,
    CUBLAS_STATUS_INVALID_VALUE = 7,
    CUBLAS_STATUS_ARCH_MISMATCH = 8,
    CUBLAS_STATUS_EXECUTION_FAILED = 13,
    CUBLAS_STATUS_INTERNAL_ERROR = 14,
    CUBLAS_STATUS_NOT_SUPPORTED = 15,
};

enum cudaDataType : int { CUDA_R_32F = 0, CUDA_R_16BF = 14 };
enum cublasComputeType_t : int { CUBLAS_COMPUTE_32F = 68, CUBLAS_COMPUTE_32F_FAST_TF32 = 77 };
enum cublasOperation_t : int { CUBLAS_OP_N = 0, CUBLAS_OP_T = 1 };
enum cublasLtEpilogue_t : int { CUBLASLT_EPILOGUE_DEFAULT = 1, CUBLASLT_EPILOGUE_BIAS = 4 };
enum cublasLtReductionScheme_t : int { CUBLASLT_REDUCTION_SCHEME_NONE = 0 };

enum cublasLtMatmulDescAttributes_t : int {
    CUBLASLT_MATMUL_DESC_TRANSA = 3,
    CUBLASLT_MATMUL_DESC_TRANSB = 4,
    CUBLASLT_MATMUL_DESC_EPILOGUE = 7,
    CUBLASLT_MATMUL_DESC_BIAS_POINTER = 8,
};

enum cublasLtMatrixLayoutAttribute_t : int {
    CUBLASLT_MATRIX_LAYOUT_ROWS = 2,
    CUBLASLT_MATRIX_LAYOUT_COLS = 3,
    CUBLASLT_MATRIX_LAYOUT_LD = 4,
};

enum cublasLtMatmulPreferenceAttributes_t : int {
    CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES = 1,
    CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK = 3,
    CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES = 5,
    CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES = 6,
    CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES = 7,
    CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES = 8,
};

struct cublasLtMatmulAlgo_t {
    uint64_t data[8];
};

struct cublasLtMatmulHeuristicResult_t {
    cublasLtMatmulAlgo_t algo;
    size_t workspaceSize;
    cublasStatus_t state;
    float wavesCount;
    int reserved[4];
};
static_assert(sizeof(cublasLtMatmulHeuristicResult_t) == 96);

using cublasLtHandle_t = struct Context *;
using cublasLtMatmulDesc_t = struct Description *;
using cublasLtMatrixLayout_t = struct Layout *;
using cublasLtMatmulPreference_t = struct Preference *;

extern "C" {
#define PB_BLAS_EXPORT __attribute__((visibility("default")))
PB_BLAS_EXPORT size_t cublasLtGetVersion(void);
PB_BLAS_EXPORT const char *cublasLtGetStatusName(cublasStatus_t status);
PB_BLAS_EXPORT const char *cublasLtGetStatusString(cublasStatus_t status);
PB_BLAS_EXPORT cublasStatus_t cublasLtCreate(cublasLtHandle_t *handle);
PB_BLAS_EXPORT cublasStatus_t cublasLtDestroy(cublasLtHandle_t handle);
PB_BLAS_EXPORT cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t *description, cublasComputeType_t compute,
                                                       cudaDataType scale);
PB_BLAS_EXPORT cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t description);
PB_BLAS_EXPORT cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t description,
                                                             cublasLtMatmulDescAttributes_t attribute,
                                                             const void *value, size_t bytes);
PB_BLAS_EXPORT cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t *layout, cudaDataType type,
                                                         uint64_t rows, uint64_t columns, int64_t stride);
PB_BLAS_EXPORT cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t layout);
PB_BLAS_EXPORT cublasStatus_t cublasLtMatrixLayoutSetAttribute(cublasLtMatrixLayout_t layout,
                                                               cublasLtMatrixLayoutAttribute_t attribute,
                                                               const void *value, size_t bytes);
PB_BLAS_EXPORT cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t *preference);
PB_BLAS_EXPORT cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t preference);
PB_BLAS_EXPORT cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t preference,
                                                                   cublasLtMatmulPreferenceAttributes_t attribute,
                                                                   const void *value, size_t bytes);
PB_BLAS_EXPORT cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t handle, cublasLtMatmulDesc_t description,
                                                             cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b,
                                                             cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d,
                                                             cublasLtMatmulPreference_t preference, int wanted,
                                                             cublasLtMatmulHeuristicResult_t results[], int *found);
PB_BLAS_EXPORT cublasStatus_t cublasLtMatmul(cublasLtHandle_t handle, cublasLtMatmulDesc_t description,
                                             const void *alpha, const void *a, cublasLtMatrixLayout_t a_layout,
                                             const void *b, cublasLtMatrixLayout_t b_layout, const void *beta,
                                             const void *c, cublasLtMatrixLayout_t c_layout, void *d,
                                             cublasLtMatrixLayout_t d_layout, const cublasLtMatmulAlgo_t *algorithm,
                                             void *workspace, size_t workspace_bytes, abi::CUstream stream);
}

} // namespace pb::blas

#endif
