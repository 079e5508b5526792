/*
 * rope_f32: rotates the first `rotary` elements of each head by the angle of the row's position, copies the rest.
 * 6 FLOPs a pair and 8 bytes an element: bound by memory. A thread takes items of a row 256 apart; an item is a pair, or
 * one element that is copied, and reads before it writes: x == out is allowed. No shared memory, no barriers.
 */
#include "../common/elementwise.cuh"
#include "patchbay/cuda.h"

PB_KERNEL(rope_f32, pb_rope, 256) {
    const int32_t pairs = p.rotary / 2;
    const int32_t items = p.d_head - pairs; /* of a head */
    pb::for_each_element(p.rows, static_cast<int64_t>(p.heads) * items, [&](int64_t row, int64_t item) {
        const auto head = static_cast<int32_t>(item / items);
        const auto i = static_cast<int32_t>(item % items);
        const float *x = p.x + row * p.x_stride + static_cast<int64_t>(head) * p.d_head;
        float *out = p.out + row * p.out_stride + static_cast<int64_t>(head) * p.d_head;
        if (i >= pairs) {
            out[pairs + i] = x[pairs + i];
            return;
        }
        const bool halves = p.pairing == PB_ROPE_HALF;
        const int32_t first = halves ? i : 2 * i;
        const int32_t second = halves ? i + pairs : 2 * i + 1;
        const float a = x[first];
        const float b = x[second];
        const int64_t angle = static_cast<int64_t>(p.positions[row]) * pairs + i;
        const float cosine = p.cosine[angle];
        const float sine = p.sine[angle];
        out[first] = a * cosine - b * sine;
        out[second] = b * cosine + a * sine;
    });
}
