/* Statistics of one query's pattern row: the two largest weights, entropy, labelled masses. Sums in 16 virtual lanes. */
#ifndef PATCHBAY_CPU_ATTENTION_STATISTICS_H
#define PATCHBAY_CPU_ATTENTION_STATISTICS_H

#include "attention_view.h"
#include "vec_math.h"

namespace PB_KERNEL_NAMESPACE {

/* One query's visible pattern: `count` floats from the tile that holds its first visible key. */
struct pattern_row {
    const float *pattern;
    int64_t tile;     /* position of pattern[0] */
    int64_t first;    /* first visible key */
    int64_t position; /* last visible key: the query itself */
    float sink;

    pattern_row(const attention_view &view, int64_t query, float sink_weight)
        : tile(attention_view::tile_of(view.first_key(query))), first(view.first_key(query)),
          position(view.position(query)), sink(sink_weight) {
        pattern = view.score(query, tile);
    }
};

/* Keys as floats are exact: positions stay below 2^24. */
PB_INLINE void two_largest(const pattern_row &row, float *value, int32_t *index) {
    const vec16 lowest = set(-__builtin_inff());
    vec16 value1 = lowest, value2 = lowest, key1 = set(-1.0f), key2 = set(-1.0f);
    for (int64_t t = row.tile; t <= row.position; t += kLanes) {
        const vec16 key = lane_numbers() + set(static_cast<float>(t));
        const vec16 x =
            select(lanes_between(row.first - t, row.position + 1 - t), load(row.pattern + (t - row.tile)), lowest);
        const mask16 first = less(value1, x);
        const mask16 second = less(value2, x);
        value2 = select(first, value1, select(second, x, value2));
        key2 = select(first, key1, select(second, key, key2));
        value1 = select(first, x, value1);
        key1 = select(first, key, key1);
    }
    float values[2 * kLanes], keys[2 * kLanes];
    store(values, value1);
    store(values + kLanes, value2);
    store(keys, key1);
    store(keys + kLanes, key2);
    for (int place = 0; place < 2; ++place) {
        int best = -1;
        for (int i = 0; i < 2 * kLanes; ++i) {
            if (keys[i] >= 0.0f && (best < 0 || values[i] > values[best] ||
                                    (values[i] == values[best] && keys[i] < keys[best]))) {
                best = i;
            }
        }
        value[place] = best < 0 ? 0.0f : values[best];
        index[place] = best < 0 ? -1 : static_cast<int32_t>(keys[best]);
        if (best >= 0) {
            keys[best] = -1.0f;
        }
    }
}

PB_INLINE float entropy_of(const pattern_row &row) {
    vec16 sum = zero();
    for (int64_t t = row.tile; t <= row.position; t += kLanes) {
        const vec16 p = load(row.pattern + (t - row.tile));
        sum = sum + select(equal(p, zero()), zero(), p * logarithm(p));
    }
    return 0.0f - sum_lanes(sum);
}

/* Sum over the keys [from, to). */
PB_INLINE float range_mass(const pattern_row &row, int64_t from, int64_t to) {
    from = greatest(from, row.first);
    to = least(to, row.position + 1);
    vec16 sum = zero();
    for (int64_t t = attention_view::tile_of(from); t < to; t += kLanes) {
        sum = sum + select(lanes_between(from - t, to - t), load(row.pattern + (t - row.tile)), zero());
    }
    return sum_lanes(sum);
}

PB_INLINE float code_mass(const pattern_row &row, const pb_mass_label &label, int64_t code_base) {
    const int32_t *codes = label.key_codes + code_base;
    const int32_t code = label.query_codes[code_base + row.position];
    const int64_t end = label.b == 1 ? row.position + 1 : row.position;
    vec16 sum = zero();
    for (int64_t t = row.tile; t < end; t += kLanes) {
        const mask16 same = and_not(first_lanes(row.first - t), equal_integers(codes + t, end - t, code));
        sum = sum + select(same, load(row.pattern + (t - row.tile)), zero());
    }
    return sum_lanes(sum);
}

PB_INLINE float listed_mass(const pattern_row &row, const int32_t *keys, int64_t count) {
    float lanes[kLanes] = {};
    for (int64_t i = 0; i < count; ++i) {
        if (row.first <= keys[i] && keys[i] <= row.position) {
            lanes[keys[i] % kLanes] += row.pattern[keys[i] - row.tile];
        }
    }
    return sum_lanes(load(lanes));
}

PB_INLINE float label_mass(const attention_view &view, int64_t query, const pattern_row &row,
                           const pb_mass_label &label) {
    switch (label.predicate) {
    case PB_MASS_RANGE:
        return range_mass(row, label.a, label.b);
    case PB_MASS_OFFSET:
        return range_mass(row, row.position - label.a, row.position - label.a + 1);
    case PB_MASS_CODE:
        return code_mass(row, label, label.code_base[view.task.row]);
    case PB_MASS_LISTED: {
        const int32_t *begin = label.list_begin + view.token(query);
        return listed_mass(row, label.list + begin[0], begin[1] - begin[0]);
    }
    default: /* PB_MASS_SINK */
        return row.sink;
    }
}

PB_INLINE void write_statistics(const attention_view &view, int64_t query, float sink_weight) {
    const pb_attention &params = view.params;
    const pattern_row row(view, query, sink_weight);
    const int64_t place = view.token(query) * params.heads + view.head;
    if (params.top_value != nullptr) {
        two_largest(row, params.top_value + 2 * place, params.top_index + 2 * place);
    }
    if (params.entropy != nullptr) {
        params.entropy[place] = entropy_of(row);
    }
    if (params.mass != nullptr) {
        for (int32_t i = 0; i < params.label_count; ++i) {
            params.mass[place * params.label_count + i] = label_mass(view, query, row, params.labels[i]);
        }
    }
}

} // namespace PB_KERNEL_NAMESPACE

#endif
