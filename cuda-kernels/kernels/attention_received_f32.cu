/*
 * attention_received_f32: what the keys of a row receive, the (edited) pattern summed over the row's queries, from the
 * log-sum-exp that attention_f32 has written (pb_attention.received, ops.h). The second pass over the scores: nothing of
 * the size of the pattern is ever kept.
 * 2 d_head FLOPs a visible pair of query and key and head. Bytes: q once for a tile of keys, K once for 16 queries.
 *
 * Threads -> data: a block is a tile of 64 keys of one row and head; it takes the queries that see the tile 16 at a time,
 * a warp four of them, as attention_f32 does. Thread t < 64 sums key t of the tile.
 *
 * Exact. Scores and their edits have the bits of attention_f32; pattern = exp(s - lse); one accumulator a key, queries
 * ascending, those that do not see it adding 0.
 *
 * Shared memory: attention_layout_of in launch.h, one tile of scores. Barriers: one behind q and the lists, two around
 * every staged stretch of keys, one before the sum.
 */
#include "../common/attention_block.cuh"

namespace pb::attention {

/* The pattern of the warp's queries for a tile, 0 where hidden, to where the scores are. */
template <class Team> __device__ __forceinline__ void make_pattern(const Team &b, int32_t tile) {
    for (int i = 0; i < b.mine; ++i) {
        const query q = b.query_of(i);
        const lists &own = b.lists_of_mine(i);
        const float lse = b.p.lse[q.token * b.p.heads + b.head];
        float *at = b.tile_of(i, tile) + b.lane;
        float x[kHalves] = {at[0], at[kWarp]};
        apply_edits(b.p, q, own, PB_STAGE_SCORES, false, tile, b.lane, x);
        PB_UNROLL
        for (int half = 0; half < kHalves; ++half) {
            x[half] = q.sees(tile + b.lane + half * kWarp) ? expf(x[half] - lse) : 0.0f;
        }
        apply_edits(b.p, q, own, PB_STAGE_PATTERN, false, tile, b.lane, x);
        at[0] = x[0];
        at[kWarp] = x[1];
    }
}

__device__ __forceinline__ void run_received(const pb_cuda_attention &params) {
    const pb_attention &p = params.attention;
    const auto tiles = static_cast<uint32_t>(ceil_div(params.span, kAttentionKeys));
    const auto row_index = static_cast<int32_t>(blockIdx.x / tiles);
    const int32_t tile = static_cast<int32_t>(blockIdx.x % tiles) * kAttentionKeys;
    const auto head = static_cast<int32_t>(blockIdx.y);
    const auto thread = static_cast<int32_t>(threadIdx.x);
    const pb_row row = p.rows[row_index];
    if (tile >= row.start + row.length) {
        return; /* all of the block */
    }
    float sum = 0.0f;
    int32_t query = tile > row.start ? tile - row.start : 0; /* the first that sees a key of the tile */
    for (; query < row.length; query += kAttentionQueries) {
        const work of{row_index, query, row.length - query, nullptr};
        const auto b = team_of<team<kAttentionThreads / kWarp, false>>(p, of, head, 0, kAttentionKeys);
        if (b.first_key >= tile + kAttentionKeys) {
            break; /* the window has left the tile */
        }
        stage_queries(b);
        compute_scores(b, tile);
        make_pattern(b, tile);
        __syncthreads(); /* the pattern of all warps is there */
        if (thread < kAttentionKeys) {
            for (int32_t i = 0; i < b.queries; ++i) {
                sum = sum + b.scores[i * kAttentionKeys + thread];
            }
        } /* the next pattern is written behind the barrier of the next queries */
    }
    const int32_t key = tile + thread;
    if (thread < kAttentionKeys && key < row.start + row.length) {
        p.received[(p.received_begin[row_index] + static_cast<int64_t>(key)) * p.heads + head] = sum;
    }
}

} // namespace pb::attention

PB_KERNEL(attention_received_f32, pb_cuda_attention, 128) { pb::attention::run_received(p); }
