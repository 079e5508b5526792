/* Conversions to bfloat16 against their definition in float64, and the emulated products of cuBLASLt that take them. */
#include "../../cuda-kernels/launch.h"
#include "blas/abi.h"
#include "check.h"
#include "patchbay/cuda.h"
#include "stories.h"

#include <bit>

using namespace check;

namespace {

using halves = std::vector<uint16_t>;

constexpr int32_t kGroup = 8;

double value(uint16_t bits) { return static_cast<double>(std::bit_cast<float>(uint32_t{bits} << 16)); }

/* The bfloat16 nearest to x, ties to the one whose last bit is 0, found by trying all three that it could be. */
uint16_t nearest(double x) {
    const auto towards_zero = static_cast<uint16_t>(std::bit_cast<uint32_t>(static_cast<float>(x)) >> 16);
    uint16_t best = towards_zero;
    for (const int step : {1, -1}) {
        const auto other = static_cast<uint16_t>(towards_zero + step);
        const double gain = std::abs(value(best) - x) - std::abs(value(other) - x);
        if (gain > 0 || (gain == 0 && (other & 1) == 0)) {
            best = other;
        }
    }
    return best;
}

halves convert(const floats &x, int64_t rows, int64_t columns, int64_t row_step, int64_t column_step, int32_t lead,
               pb_cuda_convert_kind kind) {
    const int64_t groups = pb::ceil_div(lead + columns, kGroup);
    const int64_t parts = kind == PB_CONVERT_BFLOAT16 ? 1 : 3;
    const Buffer<float> x_memory(x);
    const Buffer<uint16_t> out(halves(static_cast<size_t>(rows * groups * parts * kGroup), 0x7fff));
    const pb_cuda_convert p{x_memory.pointer(), out.pointer(), rows, columns, groups, row_step, column_step, lead, kind};
    const pb::launch grid = pb::launch_convert(rows, groups);
    ok(launch("pb_convert_bf16", static_cast<unsigned>(grid.grid_x), pb::kConvertThreads, 0, p), "pb_convert_bf16");
    ok(cuCtxSynchronize(), "pb_convert_bf16");
    return out.values();
}

/* Every element of every part at its place, zeros at all others. */
void check_convert(int64_t rows, int64_t columns, bool turned, int32_t lead) {
    const floats x = random_floats(static_cast<size_t>(rows * columns), 61, 3.0f);
    const int64_t row_step = turned ? 1 : columns, column_step = turned ? rows : 1;
    const int64_t groups = pb::ceil_div(lead + columns, kGroup);
    const std::string what = std::to_string(rows) + " x " + std::to_string(columns) + " lead " + std::to_string(lead);
    const struct {
        pb_cuda_convert_kind kind;
        std::vector<int> parts; /* 0: hi, 1: lo */
    } kinds[] = {{PB_CONVERT_BFLOAT16, {0}}, {PB_CONVERT_SPLIT_OPERAND, {0, 1, 0}}, {PB_CONVERT_SPLIT_WEIGHT, {0, 0, 1}}};
    for (const auto &[kind, parts] : kinds) {
        const halves got = convert(x, rows, columns, row_step, column_step, lead, kind);
        size_t at = 0;
        for (int64_t row = 0; row < rows; ++row) {
            for (int64_t group = 0; group < groups; ++group) {
                for (const int part : parts) {
                    for (int64_t i = 0; i < kGroup; ++i, ++at) {
                        const int64_t column = group * kGroup + i - lead;
                        uint16_t want = 0;
                        if (column >= 0 && column < columns) {
                            const auto element = static_cast<double>(x[static_cast<size_t>(row * row_step + column * column_step)]);
                            const uint16_t hi = nearest(element);
                            want = part == 0 ? hi : nearest(element - value(hi));
                        }
                        that(got[at] == want || (value(got[at]) == 0 && value(want) == 0), what + " at " + std::to_string(at));
                    }
                }
            }
        }
        that(at == got.size(), what + ": size");
    }
}

void special_values() {
    const floats x = {0.0f, -0.0f, std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(), kNaN,
                      std::numeric_limits<float>::max(), 0x1.01p0f, 0x1.03p0f};
    const halves got = convert(x, 1, 8, 8, 1, 0, PB_CONVERT_SPLIT_OPERAND);
    const halves hi(got.begin(), got.begin() + 8), lo(got.begin() + 8, got.begin() + 16);
    that(hi[0] == 0 && hi[1] == 0x8000, "zeros keep their signs");
    that(hi[2] == 0x7f80 && hi[3] == 0xff80 && lo[2] == 0 && lo[3] == 0, "infinities have no rest");
    that(std::isnan(value(hi[4])), "NaN stays NaN");
    that(hi[5] == 0x7f80 && lo[5] == 0, "what is too large is infinite");
    that(hi[6] == 0x3f80 && hi[7] == 0x3f82, "ties go to even");
}

using namespace pb::blas;

/* A product of bfloat16 or of float32 as TF32, weight [m, k] and operand [n, k], by the functions that Java calls. */
class Multiplication {
  public:
    cudaDataType type = CUDA_R_16BF;
    cublasComputeType_t compute = CUBLAS_COMPUTE_32F;
    uint32_t reductions = CUBLASLT_REDUCTION_SCHEME_NONE;
    uint32_t alignment = 16;
    const float *bias = nullptr;

    cublasStatus_t run(const void *a, const void *b, float *d, uint64_t m, uint64_t n, uint64_t k) const {
        cublasLtHandle_t handle = nullptr;
        cublasLtMatmulDesc_t description = nullptr;
        cublasLtMatrixLayout_t a_layout = nullptr, b_layout = nullptr, d_layout = nullptr;
        cublasLtMatmulPreference_t preference = nullptr;
        const int32_t transposed = CUBLAS_OP_T;
        const uint32_t epilogue = bias == nullptr ? CUBLASLT_EPILOGUE_DEFAULT : CUBLASLT_EPILOGUE_BIAS;
        fine(cublasLtCreate(&handle));
        fine(cublasLtMatmulDescCreate(&description, compute, CUDA_R_32F));
        fine(cublasLtMatmulDescSetAttribute(description, CUBLASLT_MATMUL_DESC_TRANSA, &transposed, sizeof(transposed)));
        fine(cublasLtMatmulDescSetAttribute(description, CUBLASLT_MATMUL_DESC_EPILOGUE, &epilogue, sizeof(epilogue)));
        fine(cublasLtMatmulDescSetAttribute(description, CUBLASLT_MATMUL_DESC_BIAS_POINTER, &bias, sizeof(bias)));
        fine(cublasLtMatrixLayoutCreate(&a_layout, type, k, m, static_cast<int64_t>(k)));
        fine(cublasLtMatrixLayoutCreate(&b_layout, type, k, n, static_cast<int64_t>(k)));
        fine(cublasLtMatrixLayoutCreate(&d_layout, CUDA_R_32F, m, n, static_cast<int64_t>(m)));
        fine(cublasLtMatmulPreferenceCreate(&preference));
        prefer(preference, CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, reductions);
        for (const auto each : {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
                                CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES}) {
            prefer(preference, each, alignment);
        }
        cublasLtMatmulHeuristicResult_t found{};
        int count = 0;
        const float one = 1, zero = 0;
        cublasStatus_t status = cublasLtMatmulAlgoGetHeuristic(handle, description, a_layout, b_layout, d_layout,
                                                               d_layout, preference, 1, &found, &count);
        if (status == CUBLAS_STATUS_SUCCESS) {
            status = cublasLtMatmul(handle, description, &one, a, a_layout, b, b_layout, &zero, d, d_layout, d, d_layout,
                                    &found.algo, nullptr, 0, nullptr);
        }
        ok(cuCtxSynchronize(), "cublasLtMatmul");
        fine(cublasLtMatmulPreferenceDestroy(preference));
        for (const auto layout : {a_layout, b_layout, d_layout}) {
            fine(cublasLtMatrixLayoutDestroy(layout));
        }
        fine(cublasLtMatmulDescDestroy(description));
        fine(cublasLtDestroy(handle));
        return status;
    }

  private:
    static void fine(cublasStatus_t status) { that(status == CUBLAS_STATUS_SUCCESS, cublasLtGetStatusName(status)); }
    static void prefer(cublasLtMatmulPreference_t preference, cublasLtMatmulPreferenceAttributes_t what, uint32_t value) {
        fine(cublasLtMatmulPreferenceSetAttribute(preference, what, &value, sizeof(value)));
    }
};

constexpr int64_t kM = 5, kN = 7, kK = 96;

/* weight [m, k], operand [n, k]; relative to the length of the result. */
double product_error(const floats &got, const floats &weight, const floats &operand, const floats &bias) {
    double difference = 0, length = 0;
    for (int64_t n = 0; n < kN; ++n) {
        for (int64_t m = 0; m < kM; ++m) {
            auto sum = static_cast<double>(bias[static_cast<size_t>(m)]);
            for (int64_t k = 0; k < kK; ++k) {
                sum += static_cast<double>(weight[static_cast<size_t>(m * kK + k)]) *
                       static_cast<double>(operand[static_cast<size_t>(n * kK + k)]);
            }
            const double off = static_cast<double>(got[static_cast<size_t>(n * kM + m)]) - sum;
            difference += off * off;
            length += sum * sum;
        }
    }
    return std::sqrt(difference / length);
}

void products() {
    const floats weight = random_floats(kM * kK, 71), operand = random_floats(kN * kK, 72), bias = random_floats(kM, 73);
    const Buffer<float> bias_memory(bias), d(kM * kN);
    Multiplication multiply;
    multiply.bias = bias_memory.pointer();
    const struct {
        pb_cuda_convert_kind weight, operand;
        double least, most;
    } profiles[] = {{PB_CONVERT_BFLOAT16, PB_CONVERT_BFLOAT16, 5e-4, 5e-3},
                    {PB_CONVERT_SPLIT_WEIGHT, PB_CONVERT_SPLIT_OPERAND, 2e-7, 8e-6}};
    for (const auto &profile : profiles) {
        const halves a = convert(weight, kM, kK, kK, 1, 0, profile.weight), b = convert(operand, kN, kK, kK, 1, 0, profile.operand);
        const Buffer<uint16_t> a_memory(a), b_memory(b);
        that(multiply.run(a_memory.pointer(), b_memory.pointer(), d.pointer(), kM, kN, a.size() / kM) == CUBLAS_STATUS_SUCCESS,
             "product");
        const double error = product_error(d.values(), weight, operand, bias);
        that(error > profile.least && error < profile.most, "relative error " + std::to_string(error));
    }
    multiply.type = CUDA_R_32F;
    multiply.compute = CUBLAS_COMPUTE_32F_FAST_TF32;
    const Buffer<float> a_memory(weight), b_memory(operand);
    that(multiply.run(a_memory.pointer(), b_memory.pointer(), d.pointer(), kM, kN, kK) == CUBLAS_STATUS_SUCCESS, "tf32");
    const double error = product_error(d.values(), weight, operand, bias);
    that(error > 3e-5 && error < 6e-4, "relative error of tf32 " + std::to_string(error));
}

void refusals() {
    const Buffer<uint16_t> a(halves(64, 0)), b(halves(64, 0));
    const Buffer<float> d(64), bias(64);
    Multiplication multiply;
    that(multiply.run(a.pointer(), b.pointer(), d.pointer(), 8, 8, 8) == CUBLAS_STATUS_SUCCESS, "fits");
    that(multiply.run(a.pointer(), b.pointer(), d.pointer(), 9, 7, 8) == CUBLAS_STATUS_INVALID_VALUE, "a ends too early");
    that(multiply.run(a.pointer() + 1, b.pointer(), d.pointer(), 4, 4, 8) == CUBLAS_STATUS_INVALID_VALUE, "a is not aligned");
    multiply.bias = bias.pointer() + 1;
    that(multiply.run(a.pointer(), b.pointer(), d.pointer(), 8, 8, 8) == CUBLAS_STATUS_INVALID_VALUE, "bias is not aligned");
    multiply.bias = nullptr;
    multiply.reductions = 7;
    that(multiply.run(a.pointer(), b.pointer(), d.pointer(), 8, 8, 8) == CUBLAS_STATUS_NOT_SUPPORTED, "sums may be split");
}

} // namespace

void convert_stories() {
    story("conversionsWriteTheNearestNumberAndItsRest", [] {
        for (const int64_t columns : {1, 7, 8, 9, 64, 97}) {
            for (const int32_t lead : {0, 5}) {
                check_convert(17, columns, false, lead);
                check_convert(3, columns, true, lead);
            }
        }
        special_values();
    });
    story("productsAreAsCloseAsTheirOperands", products);
    story("productsThatWouldReadElsewhereAreRefused", refusals);
}
