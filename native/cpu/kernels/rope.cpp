/*
 * Rotary positions: a' = a cos - b sin, b' = b cos + a sin for each pair of a head. 6 FLOPs and 16 bytes a pair. Both
 * elements of a pair are read before either is written, so x may be out.
 */
#include "kernel_names.h"

namespace PB_KERNEL_NAMESPACE {

namespace {

/* Pairs (i, i + half). */
PB_INLINE void rotate_halves(const float *x, float *out, const float *cosine, const float *sine, int64_t half) {
    for (int64_t i = 0; i < half; i += kLanes) {
        const int64_t left = half - i;
        const vec16 a = load_up_to(x + i, left);
        const vec16 b = load_up_to(x + half + i, left);
        const vec16 c = load_up_to(cosine + i, left);
        const vec16 s = load_up_to(sine + i, left);
        store_up_to(out + i, a * c - b * s, left);
        store_up_to(out + half + i, b * c + a * s, left);
    }
}

/* Pairs (2i, 2i + 1). */
PB_INLINE void rotate_neighbours(const float *x, float *out, const float *cosine, const float *sine, int64_t pairs) {
    alignas(64) static const float sign[kLanes] = {-1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1};
    const vec16 signs = load(sign);
    int64_t i = 0;
    for (; i + kLanes / 2 <= pairs; i += kLanes / 2) {
        const vec16 v = load(x + 2 * i);
        const vec16 c = load_doubled(cosine + i);
        const vec16 s = load_doubled(sine + i) * signs;
        store(out + 2 * i, v * c + swap_neighbours(v) * s);
    }
    for (; i < pairs; ++i) {
        const float a = x[2 * i];
        const float b = x[2 * i + 1];
        out[2 * i] = a * cosine[i] - b * sine[i];
        out[2 * i + 1] = b * cosine[i] + a * sine[i];
    }
}

} // namespace

void rope(const pb_rope &params, int64_t begin, int64_t end) {
    const int64_t pairs = params.rotary / 2;
    for (int64_t row = begin; row < end; ++row) {
        const float *cosine = params.cosine + params.positions[row] * pairs;
        const float *sine = params.sine + params.positions[row] * pairs;
        for (int64_t head = 0; head < params.heads; ++head) {
            const float *x = params.x + row * params.x_stride + head * params.d_head;
            float *out = params.out + row * params.out_stride + head * params.d_head;
            if (params.pairing == PB_ROPE_HALF) {
                rotate_halves(x, out, cosine, sine, pairs);
            } else {
                rotate_neighbours(x, out, cosine, sine, pairs);
            }
            if (x != out) {
                for (int64_t i = params.rotary; i < params.d_head; ++i) {
                    out[i] = x[i];
                }
            }
        }
    }
}

} // namespace PB_KERNEL_NAMESPACE
