/* What one attention task works on: the geometry of its queries and where keys, values and scores lie. */
#ifndef PATCHBAY_CPU_ATTENTION_VIEW_H
#define PATCHBAY_CPU_ATTENTION_VIEW_H

#include "kernel_names.h"

namespace PB_KERNEL_NAMESPACE {

/*
 * Tiles of 16 keys start at multiples of 16 of the absolute position, wherever the row starts and whatever the window
 * hides: lane j mod 16 holds key j. A score buffer starts at the first tile any query of the task sees.
 */
struct attention_view {
    const pb_attention &params;
    const pb_row &row;
    const attention_task &task;
    int32_t head;
    int32_t kv_head;
    int64_t first_tile; /* position of the score buffers' first float */
    int64_t last_key;   /* of the last query */

    explicit attention_view(const attention_task &t)
        : params(*t.params), row(params.rows[t.row]), task(t), head(t.head),
          kv_head(t.head / (params.heads / params.kv_heads)), first_tile(tile_of(first_key(t.query_begin))),
          last_key(position(t.query_end - 1)) {}

    int64_t position(int64_t query) const { return row.start + query; }
    int64_t token(int64_t query) const { return row.token + query; }
    int64_t first_key(int64_t query) const {
        return params.window > 0 ? greatest(0, position(query) - params.window + 1) : 0;
    }
    static int64_t tile_of(int64_t key) { return key / kLanes * kLanes; }

    const float *query_vector(int64_t query) const {
        return params.q + token(query) * params.q_stride + static_cast<int64_t>(head) * params.d_head;
    }
    const float *key_vector(int64_t key) const {
        return vector_of(params.k, params.k_stride, params.base_k, params.base_k_stride, key);
    }
    const float *value_vector(int64_t key) const {
        return vector_of(params.v, params.v_stride, params.base_v, params.base_v_stride, key);
    }
    /* The weights of a key for this head. */
    const float *key_weights(int64_t key) const {
        const float *weights = key < row.start
                                   ? params.base_key_weights + (row.base + key) * params.base_key_weight_stride
                                   : params.key_weights + (row.token + key - row.start) * params.key_weight_stride;
        return weights + static_cast<int64_t>(head) * params.weight_count;
    }
    /* Scores, later the pattern, of a query: pointer to the float of key `key`. */
    float *score(int64_t query, int64_t key) const {
        return task.scores + (query - task.query_begin) * task.score_stride + (key - first_tile);
    }

  private:
    const float *vector_of(const float *own, int64_t own_stride, const float *base, int64_t base_stride,
                           int64_t key) const {
        const float *vector = key < row.start ? base + (row.base + key) * base_stride
                                              : own + (row.token + key - row.start) * own_stride;
        return vector + static_cast<int64_t>(kv_head) * params.d_head;
    }
};

} // namespace PB_KERNEL_NAMESPACE

#endif
