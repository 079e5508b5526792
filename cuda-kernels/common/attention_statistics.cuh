/*
 * Statistics of one query's pattern row: the two largest weights, entropy, labelled masses. A lane gathers over the keys it
 * holds, tile by tile; its state lies in shared memory as [field][lane], so that a warp can keep several queries going.
 */
#ifndef PATCHBAY_COMMON_ATTENTION_STATISTICS_CUH
#define PATCHBAY_COMMON_ATTENTION_STATISTICS_CUH

#include "attention_rows.cuh"

namespace pb::attention {

enum state_field { kValue1 = 0, kKey1 = 1, kValue2 = 2, kKey2 = 3, kEntropy = 4, kMass = kAttentionStateFields };

/* Weight and key of a candidate; a key of -1 is none. */
struct candidate {
    float value;
    int32_t key;
};

/* Larger weight first, then lower key. */
__device__ __forceinline__ bool precedes(const candidate &a, const candidate &b) {
    return a.key >= 0 && (b.key < 0 || a.value > b.value || (a.value == b.value && a.key < b.key));
}

/* Keys as floats are exact: positions stay below 2^24. */
struct state {
    float *at; /* of this query and lane: field f at at[f * 32] */

    __device__ __forceinline__ float &operator[](int field) const { return at[field * kWarp]; }
    __device__ __forceinline__ candidate get(int field) const {
        return {(*this)[field], static_cast<int32_t>((*this)[field + 1])};
    }
    __device__ __forceinline__ void set(int field, const candidate &c) const {
        (*this)[field] = c.value;
        (*this)[field + 1] = static_cast<float>(c.key);
    }
    __device__ __forceinline__ void clear(int32_t label_count) const {
        set(kValue1, {0.0f, -1});
        set(kValue2, {0.0f, -1});
        for (int field = kEntropy; field < kMass + label_count; ++field) {
            (*this)[field] = 0.0f;
        }
    }
};

/* Whether `key` stands in list[begin, end), which ascends. */
__device__ __forceinline__ bool listed(const int32_t *list, int32_t begin, int32_t end, int32_t key) {
    const int32_t behind = end;
    while (begin < end) {
        const int32_t middle = begin + (end - begin) / 2;
        if (list[middle] < key) {
            begin = middle + 1;
        } else {
            end = middle;
        }
    }
    return begin < behind && list[begin] == key;
}

/* Whether a visible key carries the label. */
__device__ __forceinline__ bool carries(const pb_mass_label &label, const query &q, int32_t key) {
    switch (label.predicate) {
    case PB_MASS_RANGE:
        return label.a <= key && key < label.b;
    case PB_MASS_OFFSET:
        return key == q.position - label.a;
    case PB_MASS_CODE: {
        const int64_t base = label.code_base[q.row];
        return (key != q.position || label.b == 1) &&
               label.key_codes[base + key] == label.query_codes[base + q.position];
    }
    case PB_MASS_LISTED:
        return listed(label.list, label.list_begin[q.token], label.list_begin[q.token + 1], key);
    default: /* PB_MASS_SINK: no key */
        return false;
    }
}

/* Adds a tile of the (edited) pattern. */
__device__ __forceinline__ void add_tile(const pb_attention &p, const query &q, const state &s, int32_t tile, int lane,
                                         const float (&pattern)[kHalves]) {
    PB_UNROLL
    for (int half = 0; half < kHalves; ++half) {
        const int32_t key = tile + lane + half * kWarp;
        if (!q.sees(key)) {
            continue;
        }
        const float x = pattern[half];
        if (p.top_value != nullptr) {
            /* Keys ascend, so an equal weight comes too late; a NaN never enters. */
            const candidate first = s.get(kValue1);
            const candidate second = s.get(kValue2);
            if (x > first.value || (first.key < 0 && x == x)) {
                s.set(kValue2, first);
                s.set(kValue1, {x, key});
            } else if (x > second.value || (second.key < 0 && x == x)) {
                s.set(kValue2, {x, key});
            }
        }
        if (p.entropy != nullptr && x != 0.0f) {
            s[kEntropy] = s[kEntropy] + x * logf(x);
        }
        if (p.mass != nullptr) {
            for (int32_t i = 0; i < p.label_count; ++i) {
                if (carries(p.labels[i], q, key)) {
                    s[kMass + i] = s[kMass + i] + x;
                }
            }
        }
    }
}

__device__ __forceinline__ candidate from_lane(const candidate &c, int lane_mask) {
    return {__shfl_xor_sync(kFullWarp, c.value, lane_mask), __shfl_xor_sync(kFullWarp, c.key, lane_mask)};
}

/* Joins the lanes and writes; `sink` is the sink's share of the pattern. */
__device__ __forceinline__ void write_statistics(const pb_attention &p, const query &q, const state &s, float sink,
                                                 int lane) {
    const int64_t place = q.token * p.heads + q.head;
    if (p.top_value != nullptr) {
        candidate first = s.get(kValue1);
        candidate second = s.get(kValue2);
        for (int lane_mask = kWarp / 2; lane_mask > 0; lane_mask /= 2) {
            const candidate other_first = from_lane(first, lane_mask);
            const candidate other_second = from_lane(second, lane_mask);
            if (precedes(other_first, first)) {
                second = precedes(first, other_second) ? first : other_second;
                first = other_first;
            } else if (precedes(other_first, second)) {
                second = other_first;
            }
        }
        if (lane == 0) {
            p.top_value[2 * place] = first.value;
            p.top_value[2 * place + 1] = second.value;
            p.top_index[2 * place] = first.key;
            p.top_index[2 * place + 1] = second.key;
        }
    }
    if (p.entropy != nullptr) {
        const float sum = warp_sum(s[kEntropy]);
        if (lane == 0) {
            p.entropy[place] = 0.0f - sum;
        }
    }
    if (p.mass != nullptr) {
        for (int32_t i = 0; i < p.label_count; ++i) {
            const float sum = warp_sum(s[kMass + i]);
            if (lane == 0) {
                p.mass[place * p.label_count + i] = p.labels[i].predicate == PB_MASS_SINK ? sink : sum;
            }
        }
    }
}

} // namespace pb::attention

#endif
