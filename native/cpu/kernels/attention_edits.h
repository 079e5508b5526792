/* Edits and captured rows of one query and head: both are lists sorted by (token, head), searched by bisection. */
#ifndef PATCHBAY_CPU_ATTENTION_EDITS_H
#define PATCHBAY_CPU_ATTENTION_EDITS_H

#include "attention_view.h"
#include "change.h"

namespace PB_KERNEL_NAMESPACE {

/* Index of the first of `count` sorted items at or behind (token, head). */
template <class T> PB_INLINE int64_t first_item(const T *items, int64_t count, int64_t token, int32_t head) {
    int64_t begin = 0;
    while (begin < count) {
        const int64_t middle = begin + (count - begin) / 2;
        const bool before = items[middle].token < token || (items[middle].token == token && items[middle].head < head);
        if (before) {
            begin = middle + 1;
        } else {
            count = middle;
        }
    }
    return begin;
}

PB_INLINE float apply_edit(const attention_view &view, int64_t query, const pb_attention_edit &edit) {
    const int64_t first = view.first_key(query);
    const int64_t position = view.position(query);
    const int64_t from = greatest(edit.key_begin, first);
    const int64_t to = least(edit.key_end, position + 1);
    int32_t op = edit.op;
    float factor = edit.factor;
    if (op == PB_EDIT_KNOCKOUT) {
        op = PB_EDIT_FILL;
        factor = -__builtin_inff();
    } else if (op == PB_EDIT_UNIFORM) {
        op = PB_EDIT_FILL;
        factor = 1.0f / static_cast<float>(position + 1 - first);
    }
    largest_change change;
    for (int64_t key = from; key < to; key += kLanes) {
        float *x = view.score(query, key);
        const int64_t left = to - key;
        const vec16 before = load_up_to(x, left);
        const vec16 v = reads_values(op)
                            ? load_up_to(view.params.edit_values + edit.source + (key - edit.key_begin), left)
                            : zero();
        const vec16 after = edited(op, before, v, set(factor));
        change.see(before, after, first_lanes(left));
        store_up_to(x, after, left);
    }
    return change.result();
}

PB_INLINE void apply_edits(const attention_view &view, int64_t query, int32_t stage) {
    const pb_attention &params = view.params;
    const int64_t token = view.token(query);
    for (int64_t i = first_item(params.edits, params.edit_count, token, view.head);
         i < params.edit_count && params.edits[i].token == token && params.edits[i].head == view.head; ++i) {
        if (params.edits[i].stage == stage) {
            params.edit_change[i] = apply_edit(view, query, params.edits[i]);
        }
    }
}

/* Writes the query's row where it was asked for: `hidden` for the keys before the window, then what is there. */
PB_INLINE void capture_rows(const attention_view &view, int64_t query, const pb_attention_row *rows, int64_t count,
                            float *out, float hidden) {
    const int64_t token = view.token(query);
    for (int64_t i = first_item(rows, count, token, view.head);
         i < count && rows[i].token == token && rows[i].head == view.head; ++i) {
        float *to = out + rows[i].offset;
        const int64_t first = view.first_key(query);
        const int64_t end = view.position(query) + 1;
        for (int64_t key = 0; key < first; ++key) {
            to[key] = hidden;
        }
        for (int64_t key = first; key < end; key += kLanes) {
            store_up_to(to + key, load_up_to(view.score(query, key), end - key), end - key);
        }
    }
}

} // namespace PB_KERNEL_NAMESPACE

#endif
