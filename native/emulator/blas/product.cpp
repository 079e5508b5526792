/* The arithmetic of the emulated products. */
#include "product.h"

#include <bit>
#include <memory>
#include <vector>

#include "../driver/functions.h"

namespace pb::blas {

namespace {

/* To the nearest number of 10 bits behind the point, ties away from zero: cvt.rna.tf32.f32 of PTX. */
float to_tf32(float x) { return x - x == 0.0f ? std::bit_cast<float>((std::bit_cast<uint32_t>(x) + 0x1000u) & ~0x1fffu) : x; }

float element(const Operand &x, int64_t row, int64_t column, bool tf32) {
    const int64_t at = row * x.row_step + column * x.column_step;
    if (x.type == CUDA_R_16BF) {
        return std::bit_cast<float>(uint32_t{static_cast<const uint16_t *>(x.address)[at]} << 16);
    }
    const float value = static_cast<const float *>(x.address)[at];
    return tf32 ? to_tf32(value) : value;
}

size_t width(cudaDataType type) { return type == CUDA_R_16BF ? 2 : 4; }

} // namespace

bool lies_in_memory(const void *address, const Layout &layout) {
    abi::CUdeviceptr base = 0;
    size_t size = 0;
    const auto at = reinterpret_cast<abi::CUdeviceptr>(address);
    const uint64_t elements = static_cast<uint64_t>(layout.stride) * (layout.columns - 1) + layout.rows;
    return abi::cuMemGetAddressRange_v2(&base, &size, at) == abi::CUDA_SUCCESS &&
           elements * width(layout.type) <= base + size - at;
}

Operand operand(const void *address, const Layout &layout, bool transposed) {
    return {address, layout.type, transposed ? layout.stride : 1, transposed ? 1 : layout.stride};
}

void multiply(const Product &p) {
    /* a by rows of k, so that the sums of neighbours in m run side by side. */
    std::vector<float> a(static_cast<size_t>(p.m * p.k));
    for (int64_t m = 0; m < p.m; ++m) {
        for (int64_t k = 0; k < p.k; ++k) {
            a[static_cast<size_t>(k * p.m + m)] = element(p.a, m, k, p.tf32);
        }
    }
    std::vector<float> sums(static_cast<size_t>(p.m));
    for (int64_t n = 0; n < p.n; ++n) {
        sums.assign(sums.size(), 0.0f);
        for (int64_t k = 0; k < p.k; ++k) {
            const float b = element(p.b, k, n, p.tf32);
            const float *row = a.data() + k * p.m;
            for (int64_t m = 0; m < p.m; ++m) {
                sums[static_cast<size_t>(m)] += row[m] * b;
            }
        }
        for (int64_t m = 0; m < p.m; ++m) {
            float &d = p.d[n * p.d_stride + m];
            d = sums[static_cast<size_t>(m)] + (p.bias == nullptr ? 0.0f : p.bias[m]) + (p.onto ? d : 0.0f);
        }
    }
}

cublasStatus_t enqueue(const Product &product, abi::CUstream stream) {
    auto kept = std::make_unique<Product>(product);
    const auto run = [](void *data) { multiply(*std::unique_ptr<Product>(static_cast<Product *>(data))); };
    if (abi::cuLaunchHostFunc(stream, run, kept.get()) != abi::CUDA_SUCCESS) {
        return CUBLAS_STATUS_EXECUTION_FAILED;
    }
    (void)kept.release(); /* its own when it runs; after a device fault nothing runs */
    return CUBLAS_STATUS_SUCCESS;
}

} // namespace pb::blas
