/* CUDA's small vector types, with its sizes and alignments. */
#ifndef PATCHBAY_EMULATED_VECTORS_H
#define PATCHBAY_EMULATED_VECTORS_H

struct uint3 {
    unsigned x, y, z;
};

struct dim3 {
    unsigned x = 1, y = 1, z = 1;
};

#define PB_VECTOR_TYPES(T, type)                                                                                       \
    struct alignas(2 * sizeof(T)) type##2 {                                                                            \
        T x, y;                                                                                                        \
    };                                                                                                                 \
    struct alignas(4 * sizeof(T)) type##4 {                                                                            \
        T x, y, z, w;                                                                                                  \
    };                                                                                                                 \
    inline type##2 make_##type##2(T x, T y) {                                                                          \
        return {x, y};                                                                                                 \
    }                                                                                                                  \
    inline type##4 make_##type##4(T x, T y, T z, T w) {                                                                \
        return {x, y, z, w};                                                                                           \
    }

PB_VECTOR_TYPES(float, float)
PB_VECTOR_TYPES(int, int)
PB_VECTOR_TYPES(unsigned, uint)
#undef PB_VECTOR_TYPES

#endif
