/* The types and constants of cuBLAS 12 that the stand-in speaks, as its documentation gives them. */
#ifndef PATCHBAY_EMULATOR_CUBLAS_ABI_H
#define PATCHBAY_EMULATOR_CUBLAS_ABI_H

#include <cstddef>

#include "../driver/abi.h"

namespace pb::cublas {

enum cublasStatus_t : int {
    CUBLAS_STATUS_SUCCESS = 0,
    CUBLAS_STATUS_NOT_INITIALIZED = 1,
    CUBLAS_STATUS_INVALID_VALUE = 7,
    CUBLAS_STATUS_EXECUTION_FAILED = 13,
    CUBLAS_STATUS_NOT_SUPPORTED = 15,
};

enum cublasOperation_t : int { CUBLAS_OP_N = 0, CUBLAS_OP_T = 1, CUBLAS_OP_C = 2 };

enum cudaDataType : int { CUDA_R_32F = 0, CUDA_R_16BF = 14 };

enum cublasComputeType_t : int {
    CUBLAS_COMPUTE_32F = 68,
    CUBLAS_COMPUTE_32F_PEDANTIC = 69,
    CUBLAS_COMPUTE_32F_FAST_16BF = 75,
    CUBLAS_COMPUTE_32F_FAST_TF32 = 77,
};

/* A handle, whole: cuBLAS itself hides it. */
struct Handle {
    abi::CUstream stream;
    int math_mode;
};
using cublasHandle_t = Handle *;

/* The version that the stand-in states. */
inline constexpr int kVersion = 120600;

} // namespace pb::cublas

#endif
