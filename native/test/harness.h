/* What the tests of every device share: stories, checks, random and poisoned memory. */
#ifndef PATCHBAY_TEST_HARNESS_H
#define PATCHBAY_TEST_HARNESS_H

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace check {

using floats = std::vector<float>;

inline constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
inline constexpr float kInfinity = std::numeric_limits<float>::infinity();

/* Runs a story; it passes when none of its checks failed. */
void story(const char *name, const std::function<void()> &tell);
/* Runs after every story, whether it passed or not. */
void after_each(const std::function<void()> &clean_up);
/* Prints `what` on the first few failures of a story. */
void that(bool holds, const std::string &what);
/* Prints how many passed; the exit code of the test. */
int summary();

/* Memory nobody may read before it is written. */
inline floats poisoned(int64_t count) { return floats(static_cast<size_t>(count), kNaN); }

/* Values of about -1..1; the same for the same seed. */
floats random_floats(int64_t count, uint64_t seed, float scale = 1.0f);

bool same_bits(const float *a, const float *b, int64_t count);
inline bool same_bits(const floats &a, const floats &b) {
    return a.size() == b.size() && same_bits(a.data(), b.data(), static_cast<int64_t>(a.size()));
}

} // namespace check

#endif
