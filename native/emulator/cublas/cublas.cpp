/*
 * A stand-in for libcublas.so.12 on the emulated driver, for tests of JCublas: handles, streams, and cublasGemmEx with
 * operands in float32 or bfloat16 and results in float32. As strict as the emulated cuBLASLt.
 */
#include <cstdint>
#include <cstdio>

#include "../blas/product.h"
#include "../driver/functions.h"

namespace pb::blas {

/* A handle, whole: cuBLAS itself hides it. */
struct Handle {
    abi::CUstream stream;
    int math_mode;
};

namespace {

/* The version that the stand-in states: JCublas 12.6 is for this one. */
constexpr int kVersion = 120600;

cublasStatus_t unsupported(const char *symbol) {
    std::fprintf(stderr, "patchbay emulator: the stand-in for cuBLAS does not have %s\n", symbol);
    return CUBLAS_STATUS_NOT_SUPPORTED;
}

bool is_matrix(const void *address, const Layout &x) {
    return x.stride >= static_cast<int64_t>(x.rows) && lies_in_memory(address, x);
}

} // namespace

extern "C" {

PB_EXPORT cublasStatus_t cublasCreate_v2(Handle **handle) {
    if (handle == nullptr) {
        return CUBLAS_STATUS_INVALID_VALUE;
    }
    *handle = new Handle{};
    return CUBLAS_STATUS_SUCCESS;
}

PB_EXPORT cublasStatus_t cublasDestroy_v2(Handle *handle) {
    if (handle == nullptr) {
        return CUBLAS_STATUS_NOT_INITIALIZED;
    }
    delete handle;
    return CUBLAS_STATUS_SUCCESS;
}

PB_EXPORT cublasStatus_t cublasGetVersion_v2(Handle *, int *version) {
    *version = kVersion;
    return CUBLAS_STATUS_SUCCESS;
}

PB_EXPORT cublasStatus_t cublasSetStream_v2(Handle *handle, abi::CUstream stream) {
    handle->stream = stream;
    return CUBLAS_STATUS_SUCCESS;
}

PB_EXPORT cublasStatus_t cublasGetStream_v2(Handle *handle, abi::CUstream *stream) {
    *stream = handle->stream;
    return CUBLAS_STATUS_SUCCESS;
}

PB_EXPORT cublasStatus_t cublasSetWorkspace_v2(Handle *, void *workspace, size_t bytes) {
    const Layout bytes_of_it{CUDA_R_16BF, bytes / 2, 1, static_cast<int64_t>(bytes / 2)};
    return lies_in_memory(workspace, bytes_of_it) ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_INVALID_VALUE;
}

PB_EXPORT cublasStatus_t cublasSetMathMode(Handle *handle, int mode) {
    handle->math_mode = mode;
    return CUBLAS_STATUS_SUCCESS;
}

PB_EXPORT cublasStatus_t cublasGetMathMode(Handle *handle, int *mode) {
    *mode = handle->math_mode;
    return CUBLAS_STATUS_SUCCESS;
}

PB_EXPORT const char *cublasGetStatusName(cublasStatus_t status) {
    return status == CUBLAS_STATUS_SUCCESS ? "CUBLAS_STATUS_SUCCESS" : "a failure of the stand-in for cuBLAS";
}

PB_EXPORT const char *cublasGetStatusString(cublasStatus_t status) { return cublasGetStatusName(status); }

/* C = alpha op(A) op(B) + beta C with alpha 1 and beta 0 or 1, which are host floats. */
PB_EXPORT cublasStatus_t cublasGemmEx(Handle *handle, cublasOperation_t op_a, cublasOperation_t op_b, int m, int n,
                                      int k, const float *alpha, const void *a, cudaDataType a_type, int lda,
                                      const void *b, cudaDataType b_type, int ldb, const float *beta, void *c,
                                      cudaDataType c_type, int ldc, cublasComputeType_t compute, int) {
    if (handle == nullptr) {
        return CUBLAS_STATUS_NOT_INITIALIZED;
    }
    const bool known = compute == CUBLAS_COMPUTE_32F || (compute == CUBLAS_COMPUTE_32F_FAST_TF32 && a_type == CUDA_R_32F);
    if (m <= 0 || n <= 0 || k <= 0 || alpha == nullptr || beta == nullptr) {
        return CUBLAS_STATUS_INVALID_VALUE;
    }
    if (!known || a_type != b_type || c_type != CUDA_R_32F || *alpha != 1 || (*beta != 0 && *beta != 1)) {
        return CUBLAS_STATUS_NOT_SUPPORTED;
    }
    const bool turn_a = op_a != CUBLAS_OP_N, turn_b = op_b != CUBLAS_OP_N;
    const uint64_t rows = static_cast<uint64_t>(m), columns = static_cast<uint64_t>(n), inner = static_cast<uint64_t>(k);
    const Layout at = turn_a ? Layout{a_type, inner, rows, lda} : Layout{a_type, rows, inner, lda};
    const Layout bt = turn_b ? Layout{b_type, columns, inner, ldb} : Layout{b_type, inner, columns, ldb};
    const Layout ct{c_type, rows, columns, ldc};
    if (!is_matrix(a, at) || !is_matrix(b, bt) || !is_matrix(c, ct)) {
        return CUBLAS_STATUS_INVALID_VALUE;
    }
    return enqueue(Product{operand(a, at, turn_a), operand(b, bt, turn_b), static_cast<float *>(c), nullptr, m, n, k,
                           ldc, compute == CUBLAS_COMPUTE_32F_FAST_TF32, *beta == 1},
                   handle->stream);
}

#define PB_UNSUPPORTED(symbol)                                                                                         \
    PB_EXPORT cublasStatus_t symbol(void);                                                                             \
    cublasStatus_t symbol(void) { return unsupported(#symbol); }
#include "unsupported.def"
#undef PB_UNSUPPORTED

} // extern "C"

} // namespace pb::blas
