/*
 * attention_f32: causal attention of ragged rows over base keys and own keys, with edits of scores and pattern, captured
 * rows, log-sum-exp and statistics in the same pass (pb_attention, ops.h).
 * 4 d_head FLOPs a visible pair of query and key and head. Bytes: q and z once, K and V of the row once for 16 queries.
 *
 * Threads -> data: a block is 16 queries of one row and head (params.blocks), a warp owns 4 of them whole: their scores,
 * softmax, statistics and z. Keys go in tiles of 64 that start at multiples of 64 from position 0; lane l holds the keys
 * l and l + 32 of a tile. Only the staging of keys is shared between warps.
 *
 * Exact. q.k: one accumulator, elements ascending by fma. Softmax: the maximum of the whole row, then the sum of
 * exp(s - max) in 32 virtual lanes (key mod 32), keys ascending, joined by the xor tree, the sink's term last; pattern =
 * exp(s - max) / sum. z: one accumulator an element, visible keys ascending by fma; a key that a query does not see is
 * never multiplied. All this is a function of the query and its own keys: where the row starts, which keys are the base's,
 * who shares the block, and whether scores are kept or computed again leave no trace.
 *
 * Three passes over the tiles: maximum, sum, values. Where all of a block's tiles fit in score_capacity, scores are
 * computed once and kept, edited, in shared memory; else every pass computes and edits the tile again, with the same bits.
 * A row that an edit left without any key gets NaN and raises *status to PB_EMPTY_ROW; a NaN score makes its row NaN.
 *
 * Shared memory: attention_layout_of in launch.h. Barriers: one behind q and the lists, two around every staged stretch
 * of keys (all tiles of computing passes); the rest is within a warp.
 */
#include "../common/attention_passes.cuh"

PB_KERNEL(attention_f32, pb_cuda_attention, 128) {
    using namespace pb::attention;
    using block = team<pb::kAttentionThreads / pb::kWarp, false>;
    const pb_cuda_attention_block at = p.blocks[blockIdx.x];
    const work of{at.row, at.query, p.attention.rows[at.row].length - at.query, nullptr};
    const auto head = static_cast<int32_t>(blockIdx.y);
    run_team(team_of<block>(p.attention, of, head, state_fields_of(p.attention), p.score_capacity), p.status);
}
