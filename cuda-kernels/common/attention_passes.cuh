/*
 * The three passes of exact attention over a team's tiles: maximum, sum, values. See attention_f32.cu for what is exact.
 */
#ifndef PATCHBAY_COMMON_ATTENTION_PASSES_CUH
#define PATCHBAY_COMMON_ATTENTION_PASSES_CUH

#include "attention_block.cuh"

namespace pb::attention {

enum class pass { maximum, sum, values };

/* What lies in shared memory before the first pass; the hidden head of captured rows. */
template <class Team> __device__ __forceinline__ void begin(const Team &b) {
    const pb_attention &p = b.p;
    for (int i = b.warp; i < Team::kQueries; i += Team::kWarps) {
        for (int d = b.lane; d < p.d_head; d += kWarp) {
            b.z[i * p.d_head + d] = 0.0f;
        }
    }
    stage_queries(b);
    for (int i = 0; i < b.mine; ++i) {
        const lists &own = b.lists_of_mine(i);
        b.state_of(i).clear(state_fields_of(p), chosen_field_of(p));
        for (int32_t edit = own.edit_begin + b.lane; edit < own.edit_end; edit += kWarp) {
            p.edit_change[edit] = 0.0f;
        }
        capture_hidden(p.score_rows, own.score_begin, own.score_end, p.scores, b.first_tile, -infinity(), b.lane);
        capture_hidden(p.pattern_rows, own.pattern_begin, own.pattern_end, p.pattern, b.first_tile, 0.0f, b.lane);
    } /* edit_change is read behind the barriers of the first tile */
}

/* z of the warp's queries += pattern * value for the keys of a tile, the lane's elements being lane, lane + 32, ...
 * Keys go in fours; a four that all queries see is the fast way, the ends of their ranges are tested key by key. */
template <class Team> __device__ __forceinline__ void add_values(const Team &b, int32_t tile) {
    const pb_attention &p = b.p;
    const query first = b.query_of(0);
    const query last = b.query_of(b.mine - 1);
    const int32_t tile_end = tile + kAttentionKeys;
    const int32_t from = first.first_key > tile ? first.first_key : tile;
    const int32_t visible_end = last.position + 1 < tile_end ? last.position + 1 : tile_end;
    const int32_t to = visible_end < b.shared_end() ? visible_end : b.shared_end();
    const float *pattern = b.tile_of(0, tile); /* of the queries that the block lacks: computed with, never written */
    for (int32_t d = b.lane; d < p.d_head; d += 2 * kWarp) {
        const bool second = d + kWarp < p.d_head;
        float *z = b.z + b.warp * kQueriesOfWarp * p.d_head + d;
        float sum[kQueriesOfWarp][2];
        PB_UNROLL
        for (int i = 0; i < kQueriesOfWarp; ++i) {
            sum[i][0] = z[i * p.d_head];
            sum[i][1] = second ? z[i * p.d_head + kWarp] : 0.0f;
        }
        for (int32_t four = from / 4 * 4; four < to; four += 4) {
            if (last.first_key <= four && from <= four && four + 4 <= first.position + 1 && four + 4 <= to) {
                float4a weight[kQueriesOfWarp];
                PB_UNROLL
                for (int i = 0; i < kQueriesOfWarp; ++i) {
                    weight[i] = *reinterpret_cast<const float4a *>(pattern + i * b.pitch + (four - tile));
                }
                PB_UNROLL
                for (int j = 0; j < 4; ++j) {
                    const float *value = b.value_at(four + j) + d;
                    const float v0 = value[0];
                    const float v1 = second ? value[kWarp] : 0.0f;
                    PB_UNROLL
                    for (int i = 0; i < kQueriesOfWarp; ++i) {
                        const float w = j == 0 ? weight[i].x : j == 1 ? weight[i].y : j == 2 ? weight[i].z : weight[i].w;
                        sum[i][0] = fmaf(w, v0, sum[i][0]);
                        sum[i][1] = fmaf(w, v1, sum[i][1]);
                    }
                }
                continue;
            }
            for (int32_t key = four < from ? from : four; key < four + 4 && key < to; ++key) {
                const float *value = b.value_at(key) + d;
                const float v0 = value[0];
                const float v1 = second ? value[kWarp] : 0.0f;
                PB_UNROLL
                for (int i = 0; i < kQueriesOfWarp; ++i) {
                    if (b.query_of(i).sees(key)) {
                        const float w = pattern[i * b.pitch + (key - tile)];
                        sum[i][0] = fmaf(w, v0, sum[i][0]);
                        sum[i][1] = fmaf(w, v1, sum[i][1]);
                    }
                }
            }
        }
        if constexpr (Team::kStacked) {
            PB_UNROLL
            for (int i = 0; i < kQueriesOfWarp; ++i) {
                const query q = b.query_of(i);
                int32_t key = q.first_key > b.shared_end() ? q.first_key : b.shared_end();
                for (key = key > tile ? key : tile; i < b.mine && key <= q.position && key < tile_end; ++key) {
                    const float *value = b.own_value_at(q, key) + d;
                    const float w = pattern[i * b.pitch + (key - tile)];
                    sum[i][0] = fmaf(w, value[0], sum[i][0]);
                    sum[i][1] = fmaf(w, second ? value[kWarp] : 0.0f, sum[i][1]);
                }
            }
        }
        PB_UNROLL
        for (int i = 0; i < kQueriesOfWarp; ++i) {
            z[i * p.d_head] = sum[i][0];
            if (second) {
                z[i * p.d_head + kWarp] = sum[i][1];
            }
        }
    }
}

/* A number of each of the warp's queries, in registers: loops over queries are not unrolled, their code is long. */
struct by_query {
    float values[kQueriesOfWarp];

    __device__ __forceinline__ float get(int query) const {
        return query == 0 ? values[0] : query == 1 ? values[1] : query == 2 ? values[2] : values[3];
    }
    __device__ __forceinline__ void set(int query, float value) {
        PB_UNROLL
        for (int i = 0; i < kQueriesOfWarp; ++i) {
            values[i] = i == query ? value : values[i];
        }
    }
};

/* One pass over all tiles. `most`, `total`: lane parts while their own pass runs. */
template <pass Pass, class Team>
__device__ __forceinline__ void run_pass(const Team &b, by_query &most, by_query &total) {
    const pb_attention &p = b.p;
    const bool compute = Pass == pass::maximum || !b.resident;
    for (int32_t tile = b.first_tile; tile < b.end; tile += kAttentionKeys) {
        if (compute) {
            compute_scores(b, tile);
        }
        PB_UNROLL_BY(1)
        for (int i = 0; i < b.mine; ++i) {
            const query q = b.query_of(i);
            const lists &own = b.lists_of_mine(i);
            float *at = b.tile_of(i, tile) + b.lane;
            float x[kHalves] = {at[0], at[kWarp]};
            if (compute && own.edit_begin < own.edit_end) {
                apply_edits(p, q, own, PB_STAGE_SCORES, Pass == pass::maximum, tile, b.lane, x);
                at[0] = x[0];
                at[kWarp] = x[1];
            }
            if constexpr (Pass == pass::maximum) {
                capture(p.score_rows, own.score_begin, own.score_end, p.scores, q, tile, b.lane, x);
                most.set(i, max_or_nan(x[1], max_or_nan(x[0], most.get(i))));
            } else {
                /* Hidden keys are 0 in a NaN row too. */
                PB_UNROLL
                for (int half = 0; half < kHalves; ++half) {
                    const float weight = expf(x[half] - most.get(i));
                    const float share = Pass == pass::values ? weight / total.get(i) : weight;
                    x[half] = q.sees(tile + b.lane + half * kWarp) ? share : 0.0f;
                }
            }
            if constexpr (Pass == pass::sum) {
                total.set(i, total.get(i) + x[0] + x[1]);
            }
            if constexpr (Pass == pass::values) {
                apply_edits(p, q, own, PB_STAGE_PATTERN, true, tile, b.lane, x);
                capture(p.pattern_rows, own.pattern_begin, own.pattern_end, p.pattern, q, tile, b.lane, x);
                add_tile(p, q, b.state_of(i), tile, b.lane, x);
                at[0] = x[0];
                at[kWarp] = x[1];
            }
        }
        if constexpr (Pass == pass::values) {
            if (b.mine > 0) {
                __syncwarp(); /* the pattern is read by all lanes */
                add_values(b, tile); /* the next tile's scores are written behind a barrier of the block */
            }
        }
    }
}

/* Everything about the queries of a team. `status`: raised where a row has no key. */
template <class Team> __device__ __forceinline__ void run_team(const Team &b, int32_t *status) {
    const pb_attention &p = b.p;
    begin(b);

    by_query most{{-infinity(), -infinity(), -infinity(), -infinity()}};
    by_query total{};
    run_pass<pass::maximum>(b, most, total);
    PB_UNROLL_BY(1)
    for (int i = 0; i < b.mine; ++i) {
        float largest = warp_max(most.get(i));
        if (p.sinks != nullptr) {
            largest = max_or_nan(p.sinks[b.head], largest);
        }
        if (largest == -infinity() && b.lane == 0) {
            atomicMax(status, static_cast<int32_t>(PB_EMPTY_ROW));
        }
        most.set(i, largest);
    }
    run_pass<pass::sum>(b, most, total);
    by_query sink{};
    PB_UNROLL_BY(1)
    for (int i = 0; i < b.mine; ++i) {
        float sum = warp_sum(total.get(i));
        if (p.sinks != nullptr) {
            const float share = expf(p.sinks[b.head] - most.get(i));
            sum = sum + share;
            sink.set(i, share / sum);
        }
        total.set(i, sum);
        if (b.lane == 0) {
            p.lse[b.query_of(i).token * p.heads + b.head] = most.get(i) + logf(sum);
        }
    }
    run_pass<pass::values>(b, most, total);
    PB_UNROLL_BY(1)
    for (int i = 0; i < b.mine; ++i) {
        const query q = b.query_of(i);
        write_statistics(p, q, b.state_of(i), sink.get(i), b.lane);
        for (int d = b.lane; d < p.d_head; d += kWarp) {
            p.z[q.token * p.z_stride + static_cast<int64_t>(b.head) * p.d_head + d] =
                b.z[(b.warp * kQueriesOfWarp + i) * p.d_head + d];
        }
    }
}

} // namespace pb::attention

#endif
