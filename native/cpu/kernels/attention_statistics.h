/*
 * Statistics of one query's pattern row: the two largest weights, entropy, labelled masses and weighted sums, what its keys
 * receive. Sums in 16 virtual lanes.
 */
#ifndef PATCHBAY_CPU_ATTENTION_STATISTICS_H
#define PATCHBAY_CPU_ATTENTION_STATISTICS_H

#include "attention_view.h"
#include "vec_math.h"

namespace PB_KERNEL_NAMESPACE {

constexpr int32_t kMostWeights = 4;

/* One query's visible pattern: `count` floats from the tile that holds its first visible key. */
struct pattern_row {
    const float *pattern;
    int64_t tile;     /* position of pattern[0] */
    int64_t first;    /* first visible key */
    int64_t position; /* last visible key: the query itself */

    pattern_row(const attention_view &view, int64_t query)
        : tile(attention_view::tile_of(view.first_key(query))), first(view.first_key(query)),
          position(view.position(query)) {
        pattern = view.score(query, tile);
    }
};

/* The keys of a label that a query sees, asked tile by tile in ascending order. */
class label_keys {
  public:
    int64_t from, to; /* all of them lie in [from, to) */

    /* All visible keys. */
    explicit label_keys(const pattern_row &row) : from(row.first), to(row.position + 1) {}

    label_keys(const attention_view &view, int64_t query, const pattern_row &row, const pb_mass_label &label)
        : label_keys(row) {
        self = label.without_self != 0 ? row.position : -1;
        switch (label.predicate) {
        case PB_MASS_RANGE:
            narrow(label.a, label.b);
            break;
        case PB_MASS_OFFSET:
            narrow(row.position - label.a, row.position - label.a + 1);
            break;
        case PB_MASS_CODE: {
            const int64_t base = label.code_base[view.task.row];
            codes = label.key_codes + base;
            code = label.query_codes[base + row.position];
            break;
        }
        case PB_MASS_LISTED: {
            const int32_t *begin = label.list_begin + view.token(query);
            next = label.list + begin[0];
            list_end = label.list + begin[1];
            break;
        }
        default: /* PB_MASS_SINK: no key */
            to = from;
        }
    }

    mask16 of_tile(int64_t tile) {
        mask16 keys = lanes_between(from - tile, to - tile);
        if (codes != nullptr) {
            keys = both(keys, equal_integers(codes + tile, to - tile, code));
        }
        if (list_end != nullptr) {
            int32_t listed[kLanes] = {};
            for (; next < list_end && *next < tile + kLanes; ++next) {
                if (*next >= tile) {
                    listed[*next - tile] = 1;
                }
            }
            keys = both(keys, equal_integers(listed, kLanes, 1));
        }
        return self < 0 ? keys : and_not(lanes_between(self - tile, self + 1 - tile), keys);
    }

  private:
    int64_t self = -1; /* the key that is left out */
    const int32_t *codes = nullptr;
    int32_t code = 0;
    const int32_t *next = nullptr, *list_end = nullptr;

    void narrow(int64_t begin, int64_t end) {
        from = greatest(from, begin);
        to = least(to, end);
    }
};

/* Keys as floats are exact: positions stay below 2^24. */
PB_INLINE void two_largest(const pattern_row &row, label_keys keys, float *value, int32_t *index) {
    const vec16 lowest = set(-__builtin_inff());
    vec16 value1 = lowest, value2 = lowest, key1 = set(-1.0f), key2 = set(-1.0f);
    for (int64_t t = attention_view::tile_of(keys.from); t < keys.to; t += kLanes) {
        const vec16 key = lane_numbers() + set(static_cast<float>(t));
        const vec16 x = select(keys.of_tile(t), load(row.pattern + (t - row.tile)), lowest);
        const mask16 first = less(value1, x);
        const mask16 second = less(value2, x);
        value2 = select(first, value1, select(second, x, value2));
        key2 = select(first, key1, select(second, key, key2));
        value1 = select(first, x, value1);
        key1 = select(first, key, key1);
    }
    float values[2 * kLanes], key_numbers[2 * kLanes];
    store(values, value1);
    store(values + kLanes, value2);
    store(key_numbers, key1);
    store(key_numbers + kLanes, key2);
    for (int place = 0; place < 2; ++place) {
        int best = -1;
        for (int i = 0; i < 2 * kLanes; ++i) {
            if (key_numbers[i] >= 0.0f && (best < 0 || values[i] > values[best] ||
                                           (values[i] == values[best] && key_numbers[i] < key_numbers[best]))) {
                best = i;
            }
        }
        value[place] = best < 0 ? 0.0f : values[best];
        index[place] = best < 0 ? -1 : static_cast<int32_t>(key_numbers[best]);
        if (best >= 0) {
            key_numbers[best] = -1.0f;
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

/* The weights `number` of a tile's visible keys, 0 elsewhere. */
PB_INLINE vec16 key_weights(const attention_view &view, const pattern_row &row, int64_t tile, int32_t number) {
    float weights[kLanes] = {};
    for (int64_t key = greatest(tile, row.first); key < tile + kLanes && key <= row.position; ++key) {
        weights[key - tile] = view.key_weights(key)[number];
    }
    return load(weights);
}

/* A label's mass, and its sums of weighted pattern. */
PB_INLINE void write_sums(const attention_view &view, const pattern_row &row, label_keys keys, float *mass,
                          float *weighted) {
    const int32_t count = weighted == nullptr ? 0 : view.params.weight_count;
    vec16 sum = zero();
    vec16 weighted_sum[kMostWeights] = {zero(), zero(), zero(), zero()};
    for (int64_t t = attention_view::tile_of(keys.from); t < keys.to; t += kLanes) {
        const mask16 carry = keys.of_tile(t);
        const vec16 p = load(row.pattern + (t - row.tile));
        sum = sum + select(carry, p, zero());
        for (int32_t i = 0; i < count; ++i) {
            const vec16 with = fma(key_weights(view, row, t, i), p, weighted_sum[i]);
            weighted_sum[i] = select(carry, with, weighted_sum[i]);
        }
    }
    *mass = sum_lanes(sum);
    for (int32_t i = 0; i < count; ++i) {
        weighted[i] = sum_lanes(weighted_sum[i]);
    }
}

PB_INLINE void write_statistics(const attention_view &view, int64_t query, float sink_weight) {
    const pb_attention &params = view.params;
    const pattern_row row(view, query);
    const int64_t place = view.token(query) * params.heads + view.head;
    if (params.top_value != nullptr) {
        two_largest(row, label_keys(row), params.top_value + 2 * place, params.top_index + 2 * place);
    }
    if (params.chosen_value != nullptr) {
        const label_keys keys(view, query, row, params.labels[params.chosen_label]);
        two_largest(row, keys, params.chosen_value + 2 * place, params.chosen_index + 2 * place);
    }
    if (params.entropy != nullptr) {
        params.entropy[place] = entropy_of(row);
    }
    if (params.mass != nullptr) {
        for (int32_t i = 0; i < params.label_count; ++i) {
            const pb_mass_label &label = params.labels[i];
            const int64_t at = place * params.label_count + i;
            float *weighted = params.weighted == nullptr ? nullptr : params.weighted + at * params.weight_count;
            write_sums(view, row, label_keys(view, query, row, label), params.mass + at, weighted);
            if (label.predicate == PB_MASS_SINK) {
                params.mass[at] = sink_weight;
            }
        }
    }
    if (params.received != nullptr) {
        /* A row's tasks of one head run one after another: a key's sum has its queries in ascending order. */
        float *line = params.received + int64_t{params.received_begin[view.task.row]} * params.heads + view.head;
        for (int64_t key = row.first; key <= row.position; ++key) {
            line[key * params.heads] += row.pattern[key - row.tile];
        }
    }
}

} // namespace PB_KERNEL_NAMESPACE

#endif
