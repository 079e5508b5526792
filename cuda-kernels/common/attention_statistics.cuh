/*
 * Statistics of one query's pattern row: the two largest weights (of all keys, of a label's), entropy, labelled masses and
 * weighted sums. A lane gathers over the keys it holds, tile by tile; its state lies in shared memory as [field][lane], so
 * that a warp can keep several queries going.
 */
#ifndef PATCHBAY_COMMON_ATTENTION_STATISTICS_CUH
#define PATCHBAY_COMMON_ATTENTION_STATISTICS_CUH

#include "attention_rows.cuh"

namespace pb::attention {

/* Of a pair of largest weights: value, key, value, key. Of a label: its mass, then its weighted sums. */
enum state_field { kTop = 0, kEntropy = 4, kMass = kAttentionStateFields };
enum top_field { kFirst = 0, kSecond = 2 };

__device__ __forceinline__ int32_t state_fields_of(const pb_attention &p) {
    return attention_state_fields(p.label_count, p.weighted == nullptr ? 0 : p.weight_count, p.chosen_value != nullptr);
}

/* Where the largest weights of the chosen label's keys are, -1 where there is none. */
__device__ __forceinline__ int32_t chosen_field_of(const pb_attention &p) {
    return p.chosen_value == nullptr ? -1 : state_fields_of(p) - 4;
}

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
    __device__ __forceinline__ void clear(int32_t fields, int32_t chosen) const {
        for (int field = kEntropy; field < fields; ++field) {
            (*this)[field] = 0.0f;
        }
        clear_top(kTop);
        if (chosen >= 0) {
            clear_top(chosen);
        }
    }
    __device__ __forceinline__ void clear_top(int top) const {
        set(top + kFirst, {0.0f, -1});
        set(top + kSecond, {0.0f, -1});
    }
    /* Keys ascend, so an equal weight comes too late; a NaN never enters. */
    __device__ __forceinline__ void see(int top, float x, int32_t key) const {
        const candidate first = get(top + kFirst);
        const candidate second = get(top + kSecond);
        if (x > first.value || (first.key < 0 && x == x)) {
            set(top + kSecond, first);
            set(top + kFirst, {x, key});
        } else if (x > second.value || (second.key < 0 && x == x)) {
            set(top + kSecond, {x, key});
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
    if (label.without_self != 0 && key == q.position) {
        return false;
    }
    switch (label.predicate) {
    case PB_MASS_RANGE:
        return label.a <= key && key < label.b;
    case PB_MASS_OFFSET:
        return key == q.position - label.a;
    case PB_MASS_CODE: {
        const int64_t base = label.code_base[q.row];
        return label.key_codes[base + key] == label.query_codes[base + q.position];
    }
    case PB_MASS_LISTED:
        return listed(label.list, label.list_begin[q.token], label.list_begin[q.token + 1], key);
    default: /* PB_MASS_SINK: no key */
        return false;
    }
}

/* The weights of a key for the query's head. */
__device__ __forceinline__ const float *weights_of(const pb_attention &p, const query &q, int32_t key) {
    const pb_row row = p.rows[q.row];
    const float *at = key < row.start
                          ? p.base_key_weights + (row.base + static_cast<int64_t>(key)) * p.base_key_weight_stride
                          : p.key_weights + (row.token + static_cast<int64_t>(key - row.start)) * p.key_weight_stride;
    return at + static_cast<int64_t>(q.head) * p.weight_count;
}

/* Adds a visible key to the sums of the labels it carries. */
__device__ __forceinline__ void add_to_labels(const pb_attention &p, const query &q, const state &s, int32_t key, float x) {
    const int32_t weights = p.weighted == nullptr ? 0 : p.weight_count;
    for (int32_t i = 0, field = kMass; i < p.label_count; ++i, field += 1 + weights) {
        if (carries(p.labels[i], q, key)) {
            s[field] = s[field] + x;
            for (int32_t j = 0; j < weights; ++j) {
                s[field + 1 + j] = fmaf(weights_of(p, q, key)[j], x, s[field + 1 + j]);
            }
        }
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
            s.see(kTop, x, key);
        }
        if (p.chosen_value != nullptr && carries(p.labels[p.chosen_label], q, key)) {
            s.see(chosen_field_of(p), x, key);
        }
        if (p.entropy != nullptr && x != 0.0f) {
            s[kEntropy] = s[kEntropy] + x * logf(x);
        }
        if (p.mass != nullptr) {
            add_to_labels(p, q, s, key, x);
        }
    }
}

__device__ __forceinline__ candidate from_lane(const candidate &c, int lane_mask) {
    return {__shfl_xor_sync(kFullWarp, c.value, lane_mask), __shfl_xor_sync(kFullWarp, c.key, lane_mask)};
}

/* Joins the lanes' two largest weights and writes them. */
__device__ __forceinline__ void write_top(const state &s, int top, float *value, int32_t *index, int lane) {
    candidate first = s.get(top + kFirst);
    candidate second = s.get(top + kSecond);
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
        value[0] = first.value;
        value[1] = second.value;
        index[0] = first.key;
        index[1] = second.key;
    }
}

__device__ __forceinline__ void write_sum(float lane_part, float *to, int lane) {
    const float sum = warp_sum(lane_part);
    if (lane == 0) {
        *to = sum;
    }
}

/* Joins the lanes and writes; `sink` is the sink's share of the pattern. */
__device__ __forceinline__ void write_statistics(const pb_attention &p, const query &q, const state &s, float sink,
                                                 int lane) {
    const int64_t place = q.token * p.heads + q.head;
    if (p.top_value != nullptr) {
        write_top(s, kTop, p.top_value + 2 * place, p.top_index + 2 * place, lane);
    }
    if (p.chosen_value != nullptr) {
        write_top(s, chosen_field_of(p), p.chosen_value + 2 * place, p.chosen_index + 2 * place, lane);
    }
    if (p.entropy != nullptr) {
        write_sum(0.0f - s[kEntropy], p.entropy + place, lane);
    }
    if (p.mass != nullptr) {
        const int32_t weights = p.weighted == nullptr ? 0 : p.weight_count;
        for (int32_t i = 0, field = kMass; i < p.label_count; ++i, field += 1 + weights) {
            const int64_t at = place * p.label_count + i;
            const bool sink_label = p.labels[i].predicate == PB_MASS_SINK;
            write_sum(sink_label && lane == 0 ? sink : s[field], p.mass + at, lane);
            for (int32_t j = 0; j < weights; ++j) {
                write_sum(s[field + 1 + j], p.weighted + at * weights + j, lane);
            }
        }
    }
}

} // namespace pb::attention

#endif
