/*
 * A stand-in for libcublas.so.12 on the emulated driver, for tests of JCublas: handles, streams, and cublasGemmEx in
 * float32 and bfloat16. It is a user of the driver like any other, so the driver checks the memory that it touches.
 */
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

#include "../driver/functions.h"
#include "abi.h"

namespace pb::cublas {

namespace {

/* Keeps the leading bits of a float, rounded to nearest, ties to even; values here are finite. */
float rounded(float value, int dropped_bits) {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    const uint32_t unit = uint32_t{1} << dropped_bits;
    bits = (bits + unit / 2 - 1 + ((bits >> dropped_bits) & 1)) & ~(unit - 1);
    std::memcpy(&value, &bits, sizeof bits);
    return value;
}

constexpr int kBfloat16Drops = 16;
constexpr int kTf32Drops = 13;

/* A matrix in device memory, columns one after another. */
struct Matrix {
    const void *address;
    cudaDataType type;
    int64_t rows, columns, leading;

    size_t element() const { return type == CUDA_R_32F ? sizeof(float) : sizeof(uint16_t); }
    size_t bytes() const { return ((columns - 1) * leading + rows) * element(); }
    bool valid() const {
        return (type == CUDA_R_32F || type == CUDA_R_16BF) && leading >= rows && rows > 0 && address != nullptr;
    }
};

/* Its bytes on the host. */
class Copy {
  public:
    explicit Copy(const Matrix &matrix) : matrix_(matrix), bytes_(matrix.bytes()) {}

    bool read(abi::CUstream stream) {
        return abi::cuMemcpyDtoHAsync_v2(bytes_.data(), device(), bytes_.size(), stream) == abi::CUDA_SUCCESS &&
               abi::cuStreamSynchronize(stream) == abi::CUDA_SUCCESS;
    }
    bool write(abi::CUstream stream) const {
        return abi::cuMemcpyHtoDAsync_v2(device(), bytes_.data(), bytes_.size(), stream) == abi::CUDA_SUCCESS;
    }
    float get(int64_t row, int64_t column) const {
        if (matrix_.type == CUDA_R_32F) {
            float value;
            std::memcpy(&value, at(row, column), sizeof value);
            return value;
        }
        uint16_t half;
        std::memcpy(&half, at(row, column), sizeof half);
        const uint32_t bits = uint32_t{half} << kBfloat16Drops;
        float value;
        std::memcpy(&value, &bits, sizeof value);
        return value;
    }
    void set(int64_t row, int64_t column, float value) {
        if (matrix_.type == CUDA_R_32F) {
            std::memcpy(at(row, column), &value, sizeof value);
            return;
        }
        const float kept = rounded(value, kBfloat16Drops);
        uint32_t bits;
        std::memcpy(&bits, &kept, sizeof bits);
        const uint16_t half = static_cast<uint16_t>(bits >> kBfloat16Drops);
        std::memcpy(at(row, column), &half, sizeof half);
    }

  private:
    abi::CUdeviceptr device() const { return reinterpret_cast<abi::CUdeviceptr>(matrix_.address); }
    const unsigned char *at(int64_t row, int64_t column) const {
        return bytes_.data() + (column * matrix_.leading + row) * matrix_.element();
    }
    unsigned char *at(int64_t row, int64_t column) {
        return bytes_.data() + (column * matrix_.leading + row) * matrix_.element();
    }

    Matrix matrix_;
    std::vector<unsigned char> bytes_;
};

cublasStatus_t unsupported(const char *symbol) {
    std::fprintf(stderr, "patchbay emulator: the stand-in for cuBLAS does not have %s\n", symbol);
    return CUBLAS_STATUS_NOT_SUPPORTED;
}

/* Bits that a compute type drops of what it multiplies; -1 where there is no such type here. */
int dropped_bits(cublasComputeType_t type) {
    switch (type) {
    case CUBLAS_COMPUTE_32F:
    case CUBLAS_COMPUTE_32F_PEDANTIC: return 0;
    case CUBLAS_COMPUTE_32F_FAST_16BF: return kBfloat16Drops;
    case CUBLAS_COMPUTE_32F_FAST_TF32: return kTf32Drops;
    }
    return -1;
}

float dropped(float value, int bits) { return bits == 0 ? value : rounded(value, bits); }

} // namespace

extern "C" {

PB_EXPORT cublasStatus_t cublasCreate_v2(cublasHandle_t *handle) {
    if (handle == nullptr) {
        return CUBLAS_STATUS_INVALID_VALUE;
    }
    *handle = new Handle{};
    return CUBLAS_STATUS_SUCCESS;
}

PB_EXPORT cublasStatus_t cublasDestroy_v2(cublasHandle_t handle) {
    delete handle;
    return handle != nullptr ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_NOT_INITIALIZED;
}

PB_EXPORT cublasStatus_t cublasGetVersion_v2(cublasHandle_t, int *version) {
    *version = kVersion;
    return CUBLAS_STATUS_SUCCESS;
}

PB_EXPORT cublasStatus_t cublasSetStream_v2(cublasHandle_t handle, abi::CUstream stream) {
    handle->stream = stream;
    return CUBLAS_STATUS_SUCCESS;
}

PB_EXPORT cublasStatus_t cublasGetStream_v2(cublasHandle_t handle, abi::CUstream *stream) {
    *stream = handle->stream;
    return CUBLAS_STATUS_SUCCESS;
}

PB_EXPORT cublasStatus_t cublasSetWorkspace_v2(cublasHandle_t, void *, size_t) { return CUBLAS_STATUS_SUCCESS; }

PB_EXPORT cublasStatus_t cublasSetMathMode(cublasHandle_t handle, int mode) {
    handle->math_mode = mode;
    return CUBLAS_STATUS_SUCCESS;
}

PB_EXPORT cublasStatus_t cublasGetMathMode(cublasHandle_t handle, int *mode) {
    *mode = handle->math_mode;
    return CUBLAS_STATUS_SUCCESS;
}

PB_EXPORT const char *cublasGetStatusName(cublasStatus_t status) {
    switch (status) {
    case CUBLAS_STATUS_SUCCESS: return "CUBLAS_STATUS_SUCCESS";
    case CUBLAS_STATUS_NOT_INITIALIZED: return "CUBLAS_STATUS_NOT_INITIALIZED";
    case CUBLAS_STATUS_INVALID_VALUE: return "CUBLAS_STATUS_INVALID_VALUE";
    case CUBLAS_STATUS_EXECUTION_FAILED: return "CUBLAS_STATUS_EXECUTION_FAILED";
    case CUBLAS_STATUS_NOT_SUPPORTED: return "CUBLAS_STATUS_NOT_SUPPORTED";
    }
    return "CUBLAS_STATUS_UNKNOWN";
}

PB_EXPORT const char *cublasGetStatusString(cublasStatus_t status) { return cublasGetStatusName(status); }

/* C = alpha op(A) op(B) + beta C, column by column; alpha and beta are host floats. Sums k ascending by fma in float32. */
PB_EXPORT cublasStatus_t cublasGemmEx(cublasHandle_t handle, cublasOperation_t op_a, cublasOperation_t op_b, int m,
                                      int n, int k, const void *alpha, const void *a, cudaDataType a_type, int lda,
                                      const void *b, cudaDataType b_type, int ldb, const void *beta, void *c,
                                      cudaDataType c_type, int ldc, cublasComputeType_t compute, int) {
    if (handle == nullptr) {
        return CUBLAS_STATUS_NOT_INITIALIZED;
    }
    if (m < 0 || n < 0 || k < 0 || alpha == nullptr || beta == nullptr) {
        return CUBLAS_STATUS_INVALID_VALUE;
    }
    const int drops = dropped_bits(compute);
    if (drops < 0 || a_type != b_type) {
        return CUBLAS_STATUS_NOT_SUPPORTED;
    }
    if (m == 0 || n == 0 || k == 0) {
        return CUBLAS_STATUS_SUCCESS;
    }
    const bool turn_a = op_a != CUBLAS_OP_N, turn_b = op_b != CUBLAS_OP_N;
    const Matrix at = turn_a ? Matrix{a, a_type, k, m, lda} : Matrix{a, a_type, m, k, lda};
    const Matrix bt = turn_b ? Matrix{b, b_type, n, k, ldb} : Matrix{b, b_type, k, n, ldb};
    const Matrix ct = {c, c_type, m, n, ldc};
    if (!at.valid() || !bt.valid() || !ct.valid()) {
        return CUBLAS_STATUS_INVALID_VALUE;
    }
    Copy left(at), right(bt), out(ct);
    if (!left.read(handle->stream) || !right.read(handle->stream) || !out.read(handle->stream)) {
        return CUBLAS_STATUS_EXECUTION_FAILED;
    }
    const float scale = *static_cast<const float *>(alpha), keep = *static_cast<const float *>(beta);
    for (int64_t column = 0; column < n; column++) {
        for (int64_t row = 0; row < m; row++) {
            float sum = 0;
            for (int64_t i = 0; i < k; i++) {
                const float x = turn_a ? left.get(i, row) : left.get(row, i);
                const float y = turn_b ? right.get(column, i) : right.get(i, column);
                sum = std::fma(dropped(x, drops), dropped(y, drops), sum);
            }
            out.set(row, column, scale * sum + (keep == 0 ? 0 : keep * out.get(row, column)));
        }
    }
    return out.write(handle->stream) ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_EXECUTION_FAILED;
}

#define PB_UNSUPPORTED(symbol)                                                                                         \
    PB_EXPORT cublasStatus_t symbol(void);                                                                             \
    cublasStatus_t symbol(void) { return unsupported(#symbol); }
#include "unsupported.def"
#undef PB_UNSUPPORTED

} // extern "C"

} // namespace pb::cublas
