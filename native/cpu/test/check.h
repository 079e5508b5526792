/* The tools of the CPU device's test: devices of every instruction set and thread count, matrices with gaps. */
#ifndef PATCHBAY_CPU_CHECK_H
#define PATCHBAY_CPU_CHECK_H

#include "../../test/harness.h"
#include "patchbay/cpu.h"

namespace check {

inline void ok(int32_t status, const std::string &what) { that(status == PB_OK, what + ": status is not PB_OK"); }

/* A matrix of `rows` with NaN between the columns and the stride. */
floats random_matrix(int64_t rows, int64_t columns, int64_t stride, uint64_t seed, float scale = 1.0f);

inline void near(float got, double want, double tolerance, const std::string &what) {
    const bool close = std::isfinite(want) ? std::fabs(static_cast<double>(got) - want) <= tolerance
                                           : static_cast<double>(got) == want;
    that(close, what + ": got " + std::to_string(got) + ", want " + std::to_string(want));
}

/* Every device to be compared: AVX2 and, where it runs, AVX-512, with 1 and 2 threads. */
const std::vector<pb_cpu_device *> &devices();
std::string name_of(const pb_cpu_device *device);

/* Runs the computation on every device; all results must have the bits of the first, which is returned. */
floats same_on_all(const std::string &what, const std::function<floats(pb_cpu_device *)> &compute);

} // namespace check

#endif
