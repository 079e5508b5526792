/*
 * A stand-in for libnvidia-ml.so.1, for tests of what doctor says: one device with made-up facts, one of them refused. The
 * signatures and values are those of NVIDIA's NVML API reference (docs.nvidia.com/deploy/nvml-api).
 */
#include <cstdint>
#include <cstring>

#define PB_EXPORT __attribute__((visibility("default")))

namespace {

enum nvmlReturn_t : int {
    NVML_SUCCESS = 0,
    NVML_ERROR_UNINITIALIZED = 1,
    NVML_ERROR_INVALID_ARGUMENT = 2,
    NVML_ERROR_NOT_SUPPORTED = 3,
    NVML_ERROR_INSUFFICIENT_SIZE = 7,
};

struct nvmlMemory_t {
    unsigned long long total, free, used;
};

struct nvmlProcessInfo_t {
    unsigned pid;
    unsigned long long used_memory;
    unsigned gpu_instance, compute_instance;
};
static_assert(sizeof(nvmlProcessInfo_t) == 24);

using nvmlDevice_t = struct Device *;

constexpr unsigned long long kMebibyte = 1ULL << 20;
bool initialized = false;

nvmlReturn_t ready(const void *out) {
    return !initialized ? NVML_ERROR_UNINITIALIZED : out == nullptr ? NVML_ERROR_INVALID_ARGUMENT : NVML_SUCCESS;
}

template <class T> nvmlReturn_t give(T *out, T value) {
    const nvmlReturn_t status = ready(out);
    if (status == NVML_SUCCESS) {
        *out = value;
    }
    return status;
}

nvmlReturn_t give_text(char *out, unsigned length, const char *text) {
    if (const nvmlReturn_t status = ready(out); status != NVML_SUCCESS) {
        return status;
    }
    if (std::strlen(text) >= length) {
        return NVML_ERROR_INSUFFICIENT_SIZE;
    }
    std::strcpy(out, text);
    return NVML_SUCCESS;
}

/* Graphics, multiprocessors, memory. */
constexpr unsigned kClocks[] = {1200, 1200, 2600};
constexpr unsigned kMostClocks[] = {1980, 1980, 2619};

nvmlReturn_t give_clock(const unsigned (&clocks)[3], int kind, unsigned *out) {
    return kind < 0 || kind > 2 ? NVML_ERROR_INVALID_ARGUMENT : give(out, clocks[kind]);
}

} // namespace

extern "C" {

PB_EXPORT nvmlReturn_t nvmlInit_v2(void) {
    initialized = true;
    return NVML_SUCCESS;
}

PB_EXPORT nvmlReturn_t nvmlShutdown(void) {
    initialized = false;
    return NVML_SUCCESS;
}

PB_EXPORT const char *nvmlErrorString(nvmlReturn_t status) {
    switch (status) {
    case NVML_SUCCESS: return "Success";
    case NVML_ERROR_UNINITIALIZED: return "Uninitialized";
    case NVML_ERROR_INVALID_ARGUMENT: return "Invalid Argument";
    case NVML_ERROR_NOT_SUPPORTED: return "Not Supported";
    case NVML_ERROR_INSUFFICIENT_SIZE: return "Insufficient Size";
    }
    return "Unknown Error";
}

PB_EXPORT nvmlReturn_t nvmlSystemGetDriverVersion(char *version, unsigned length) {
    return give_text(version, length, "580.65.06");
}

PB_EXPORT nvmlReturn_t nvmlDeviceGetCount_v2(unsigned *count) { return give(count, 1U); }

PB_EXPORT nvmlReturn_t nvmlDeviceGetHandleByIndex_v2(unsigned index, nvmlDevice_t *device) {
    return index != 0 ? NVML_ERROR_INVALID_ARGUMENT : give(device, reinterpret_cast<nvmlDevice_t>(uintptr_t{64}));
}

PB_EXPORT nvmlReturn_t nvmlDeviceGetName(nvmlDevice_t, char *name, unsigned length) {
    return give_text(name, length, "Patchbay emulated CUDA device");
}

PB_EXPORT nvmlReturn_t nvmlDeviceGetUUID(nvmlDevice_t, char *uuid, unsigned length) {
    return give_text(uuid, length, "GPU-70617463-6862-6179-2065-6d756c617465");
}

PB_EXPORT nvmlReturn_t nvmlDeviceGetMemoryInfo(nvmlDevice_t, nvmlMemory_t *memory) {
    return give(memory, nvmlMemory_t{81559 * kMebibyte, 80000 * kMebibyte, 1559 * kMebibyte});
}

PB_EXPORT nvmlReturn_t nvmlDeviceGetClockInfo(nvmlDevice_t, int kind, unsigned *clock) {
    return give_clock(kClocks, kind, clock);
}

PB_EXPORT nvmlReturn_t nvmlDeviceGetMaxClockInfo(nvmlDevice_t, int kind, unsigned *clock) {
    return give_clock(kMostClocks, kind, clock);
}

PB_EXPORT nvmlReturn_t nvmlDeviceGetPowerUsage(nvmlDevice_t, unsigned *milliwatts) { return give(milliwatts, 121'500U); }

PB_EXPORT nvmlReturn_t nvmlDeviceGetPowerManagementLimit(nvmlDevice_t, unsigned *milliwatts) {
    return give(milliwatts, 700'000U);
}

PB_EXPORT nvmlReturn_t nvmlDeviceGetEccMode(nvmlDevice_t, int *current, int *pending) {
    const nvmlReturn_t status = give(current, 1);
    return status == NVML_SUCCESS ? give(pending, 1) : status;
}

/* As a device that cannot be divided. */
PB_EXPORT nvmlReturn_t nvmlDeviceGetMigMode(nvmlDevice_t, unsigned *, unsigned *) { return NVML_ERROR_NOT_SUPPORTED; }

/* Two processes; the system does not say what the second has. */
PB_EXPORT nvmlReturn_t nvmlDeviceGetComputeRunningProcesses_v3(nvmlDevice_t, unsigned *count, nvmlProcessInfo_t *processes) {
    const unsigned room = *count;
    *count = 2;
    if (room < 2) {
        return NVML_ERROR_INSUFFICIENT_SIZE;
    }
    processes[0] = {4321, 1024 * kMebibyte, ~0U, ~0U};
    processes[1] = {4322, ~0ULL, ~0U, ~0U};
    return NVML_SUCCESS;
}

} // extern "C"
