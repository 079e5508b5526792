/* Parameters of the test's own kernels, and how they are declared: as PB_KERNEL of cuda-kernels/ does it. */
#ifndef PATCHBAY_EMULATOR_TEST_KERNELS_H
#define PATCHBAY_EMULATOR_TEST_KERNELS_H

#include <cstdint>

#define TEST_KERNEL(name, Params, threads)                                                                             \
    static void name(const Params &p);                                                                                 \
    static const pb::emulated::Registration name##_registration(                                                       \
        #name, [](const void *params) { name(*static_cast<const Params *>(params)); }, sizeof(Params), threads);       \
    static void name(const Params &p)

struct add_params {
    const float *a;
    const float *b;
    float *out;
    int64_t count;
};

/* One input, one output, a count and a choice. */
struct test_params {
    const float *in;
    float *out;
    int64_t count;
    int32_t choice;
    int32_t reserved;
};

#endif
