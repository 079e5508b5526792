#include "check.h"

#include <algorithm>

namespace check {

floats random_matrix(int64_t rows, int64_t columns, int64_t stride, uint64_t seed, float scale) {
    const floats values = random_floats(rows * columns, seed, scale);
    floats out = poisoned(rows * stride);
    for (int64_t r = 0; r < rows; ++r) {
        std::copy_n(values.begin() + r * columns, columns, out.begin() + r * stride);
    }
    return out;
}

const std::vector<pb_cpu_device *> &devices() {
    static const std::vector<pb_cpu_device *> all = [] {
        std::vector<pb_cpu_device *> made;
        for (const int32_t isa : {PB_ISA_AVX2, PB_ISA_AVX512}) {
            for (const int32_t threads : {1, 2}) {
                pb_cpu_device *device = nullptr;
                if (pb_cpu_supported_isa(isa) != 0 && pb_cpu_create(threads, isa, &device) == PB_OK) {
                    made.push_back(device);
                }
            }
        }
        return made;
    }();
    return all;
}

std::string name_of(const pb_cpu_device *device) {
    return std::string(pb_cpu_isa(device) == PB_ISA_AVX512 ? "AVX-512" : "AVX2") + " with " +
           std::to_string(pb_cpu_threads(device)) + " thread(s)";
}

floats same_on_all(const std::string &what, const std::function<floats(pb_cpu_device *)> &compute) {
    floats first;
    for (pb_cpu_device *device : devices()) {
        floats result = compute(device);
        if (device == devices().front()) {
            first = std::move(result);
        } else {
            that(same_bits(first, result), what + ": other bits on " + name_of(device));
        }
    }
    return first;
}

} // namespace check
