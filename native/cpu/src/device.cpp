/* Life of a device and choice of the instruction set. */
#include "device.h"

#include <sched.h>
#include <malloc.h>
#include <sys/mman.h>

using namespace patchbay;

namespace {

bool runs_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

bool runs_avx512() {
    return runs_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
}

int usable_processors() {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) {
        return CPU_COUNT(&set);
    }
    const unsigned known = std::thread::hardware_concurrency();
    return known > 0 ? static_cast<int>(known) : 1;
}

constexpr int32_t kMostThreads = 1024;
constexpr size_t kHugePage = size_t{2} << 20;

} // namespace

int32_t pb_cpu_abi_version(void) { return PB_CPU_ABI_VERSION; }

int32_t pb_cpu_supported_isa(int32_t isa) {
    if (isa == PB_ISA_AUTO) {
        return runs_avx512() ? PB_ISA_AVX512 : runs_avx2() ? PB_ISA_AVX2 : 0;
    }
    if (isa == PB_ISA_AVX512) {
        return runs_avx512() ? isa : 0;
    }
    return isa == PB_ISA_AVX2 && runs_avx2() ? isa : 0;
}

int32_t pb_cpu_create(int32_t threads, int32_t isa, pb_cpu_device **out) {
    return guarded([&]() -> int32_t {
        if (out == nullptr || threads < 0 || threads > kMostThreads || isa < PB_ISA_AUTO || isa > PB_ISA_AVX512) {
            return PB_INVALID_ARGUMENT;
        }
        const int32_t chosen = pb_cpu_supported_isa(isa);
        if (chosen == 0) {
            return PB_UNSUPPORTED;
        }
        *out = new pb_cpu_device(threads == 0 ? usable_processors() : threads, chosen,
                                 chosen == PB_ISA_AVX512 ? avx512::table : avx2::table);
        return PB_OK;
    });
}

void pb_cpu_destroy(pb_cpu_device *device) { delete device; }

int32_t pb_cpu_threads(const pb_cpu_device *device) { return device == nullptr ? 0 : device->pool.threads(); }

int32_t pb_cpu_isa(const pb_cpu_device *device) { return device == nullptr ? 0 : device->isa; }

int32_t pb_cpu_allocate(int64_t bytes, void **out) {
    if (bytes <= 0 || bytes > INT64_MAX - 64 || out == nullptr) {
        return PB_INVALID_ARGUMENT;
    }
    const bool large = static_cast<size_t>(bytes) >= kHugePage;
    void *memory = nullptr;
    if (posix_memalign(&memory, large ? kHugePage : 64, static_cast<size_t>(bytes)) != 0) {
        return PB_OUT_OF_MEMORY;
    }
    if (large) {
        /* Packed panels lie far apart: with small pages every panel costs the address cache. A refusal costs speed only. */
        madvise(memory, static_cast<size_t>(bytes) / kHugePage * kHugePage, MADV_HUGEPAGE);
    }
    *out = memory;
    return PB_OK;
}

void pb_cpu_free(void *memory) {
    const bool large = memory != nullptr && malloc_usable_size(memory) >= kHugePage;
    std::free(memory);
    if (large) {
        /* Else the raw copies of weights stay resident in holes between the packed ones: a quarter of a model. */
        malloc_trim(0);
    }
}
