/* out = (x - max) - log(sum exp(x - max)) by row; three passes, the sum in 16 virtual lanes. */
#include "kernel_names.h"
#include "vec_math.h"

namespace PB_KERNEL_NAMESPACE {

void log_softmax(const pb_log_softmax &params, int64_t begin, int64_t end) {
    const int64_t n = params.columns;
    const int64_t whole = n / kLanes * kLanes;
    const vec16 lowest = set(-__builtin_inff());
    for (int64_t row = begin; row < end; ++row) {
        const float *x = params.x + row * params.x_stride;
        float *out = params.out + row * params.out_stride;
        const vec16 tail = select(first_lanes(n - whole), load_part(x + whole, n - whole), lowest);
        vec16 top = tail;
        for (int64_t i = 0; i < whole; i += kLanes) {
            top = max(top, load(x + i));
        }
        const vec16 most = set(max_lanes(top));
        vec16 sum = zero();
        for (int64_t i = 0; i < whole; i += kLanes) {
            sum = sum + exponential(load(x + i) - most);
        }
        if (whole < n) {
            sum = sum + exponential(tail - most);
        }
        const vec16 log_sum = set(logarithm(sum_lanes(sum)));
        for (int64_t i = 0; i < n; i += kLanes) {
            store_up_to(out + i, load_up_to(x + i, n - i) - most - log_sum, n - i);
        }
    }
}

} // namespace PB_KERNEL_NAMESPACE
