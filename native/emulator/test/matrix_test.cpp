/* Asynchronous copies, ldmatrix, mma and bfloat16 of the emulated device. */
#include "check.h"
#include "stories.h"
#include "test_kernels.h"

#include <patchbay/emulated/bfloat16.h>

using namespace check;

namespace {

constexpr int kSide = 16;

/* a and b of a product, and what it must be. */
struct Product {
    std::vector<uint16_t> halves;
    std::vector<double> want;

    Product() {
        for (const float x : random_floats(2 * kSide * kSide, 77)) {
            halves.push_back(__float2bfloat16_rn(x).bits);
        }
        for (int warp = 0; warp < 2; ++warp) {
            for (int i = 0; i < kSide * kSide; ++i) {
                double sum = 0;
                for (int k = 0; k < kSide; ++k) {
                    sum += at(i / kSide * kSide + k) * at(kSide * kSide + k * kSide + i % kSide);
                }
                want.push_back(sum);
            }
        }
    }

    double at(int i) const { return static_cast<double>(__bfloat162float({halves[static_cast<size_t>(i)]})); }

    CUresult run(int32_t choice, floats *out) const {
        const Buffer<uint16_t> in(halves);
        const Buffer<float> memory(floats(want.size(), kNaN));
        ok(launch("test_matrix", 1, 64, 1024,
                  test_params{reinterpret_cast<const float *>(in.pointer()), memory.pointer(), 0, choice, 0}),
           "launch");
        const CUresult status = cuCtxSynchronize();
        if (status == CUDA_SUCCESS) {
            *out = memory.values();
        }
        return status;
    }
};

/* Under at least `often` of eight schedules. */
void comes_out_wrong(int32_t choice, bool poisoned, int often = 8) {
    const Product product;
    int seen = 0;
    for (uint64_t seed = 0; seed < 8; ++seed) {
        cuEmulatorSetSeed(seed);
        floats out;
        ok(product.run(choice, &out), "choice " + std::to_string(choice));
        const double error = distance(out, product.want);
        seen += (poisoned ? std::isinf(error) : error > 0.1) ? 1 : 0;
    }
    that(seen >= often, "choice " + std::to_string(choice) + " goes unseen by " + std::to_string(8 - seen) + " of 8");
}

void is_reported(int32_t choice, CUresult error, const std::string &words) {
    floats out;
    is(Product().run(choice, &out), error, "choice " + std::to_string(choice));
    reported(words);
    cuEmulatorReset();
}

} // namespace

void matrix_stories() {
    story("matrixProductFollowsFloat64UnderEverySchedule", [] {
        const Product product;
        for (const uint64_t seed : {0, 1, 2, 3, 4, 5, 6, 7}) {
            cuEmulatorSetSeed(seed);
            floats out;
            ok(product.run(0, &out), "product");
            that(distance(out, product.want) < 2e-6, "seed " + std::to_string(seed));
        }
    });
    story("missingWaitLeavesPoison", [] {
        comes_out_wrong(1, true);
        comes_out_wrong(2, true);
        comes_out_wrong(3, true);
    });
    story("missingBarrierBehindAWaitLeavesPoison", [] { comes_out_wrong(4, true, 2); });
    story("wrongFragmentLayoutGivesAnotherProduct", [] {
        comes_out_wrong(5, false);
        comes_out_wrong(6, false);
    });
    story("wrongUsesOfMatrixPrimitivesAreReported", [] {
        is_reported(7, CUDA_ERROR_LAUNCH_FAILED, "is asked for, the launch has 1024 bytes");
        is_reported(8, CUDA_ERROR_LAUNCH_FAILED, "an address that is not aligned to 16");
        is_reported(9, CUDA_ERROR_LAUNCH_FAILED, "wait in mma");
    });
    story("copiesArriveByGroups", [] {
        const Buffer<float> in(floats{1, 2, 3, 4});
        const Buffer<float> out(floats(12, 0.0f));
        ok(launch("test_copy_groups", 1, 1, 48, test_params{in.pointer(), out.pointer(), 0, 0, 0}), "launch");
        const floats got = out.values();
        that(same_bits({got.begin(), got.begin() + 8}, {0, 0, 0, 0, 1, 2, 3, 4}), "the group that was waited for");
        that(std::isnan(got[8]) && std::isnan(got[11]), "the group under way is poison");
    });
    story("bfloat16RoundsToNearestEven", [] {
        const auto rounded = [](float x) { return __bfloat162float(__float2bfloat16_rn(x)); };
        that(rounded(1.0f) == 1.0f && rounded(-3.0f) == -3.0f, "what fits is kept");
        that(rounded(1.0f + 1.0f / 256) == 1.0f && rounded(1.0f + 3.0f / 256) == 1.0f + 1.0f / 64, "ties to even");
        that(rounded(1.0f + 1.1f / 256) == 1.0f + 1.0f / 128, "upwards beyond the tie");
        that(std::isinf(rounded(3.4e38f)) && std::isnan(rounded(kNaN)), "beyond the largest, and NaN");
        const __nv_bfloat162 pair = __floats2bfloat162_rn(2.0f, -4.0f);
        that(__low2float(pair) == 2.0f && __high2float(pair) == -4.0f, "pairs");
    });
}
