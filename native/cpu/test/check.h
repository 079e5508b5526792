/* The test's tools: stories, checks, devices of every instruction set and thread count, random and poisoned memory. */
#ifndef PATCHBAY_CPU_CHECK_H
#define PATCHBAY_CPU_CHECK_H

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "patchbay/cpu.h"

namespace check {

using floats = std::vector<float>;

inline constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
inline constexpr float kInfinity = std::numeric_limits<float>::infinity();

/* Runs a story; it passes when none of its checks failed. */
void story(const char *name, const std::function<void()> &tell);
/* Prints `what` on the first few failures of a story. */
void that(bool holds, const std::string &what);
int summary();

inline void ok(int32_t status, const std::string &what) { that(status == PB_OK, what + ": status is not PB_OK"); }

/* Memory nobody may read before it is written. */
inline floats poisoned(int64_t count) { return floats(static_cast<size_t>(count), kNaN); }

/* Values of about -1..1; the same for the same seed. */
floats random_floats(int64_t count, uint64_t seed, float scale = 1.0f);

/* A matrix of `rows` with NaN between the columns and the stride. */
floats random_matrix(int64_t rows, int64_t columns, int64_t stride, uint64_t seed, float scale = 1.0f);

bool same_bits(const float *a, const float *b, int64_t count);
inline bool same_bits(const floats &a, const floats &b) {
    return a.size() == b.size() && same_bits(a.data(), b.data(), static_cast<int64_t>(a.size()));
}

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
