/*
 * attention_tiny_f32: attention_f32 for rows that end within the first tile of 64 keys, a warp for a row and head.
 * FLOPs, passes, order of sums and bits are those of attention_f32; nothing waits for another warp.
 *
 * Threads -> data: a block is four warps with a row each, all of one head; a warp takes its row's queries four at a time,
 * their scores all kept. Keys are staged for every four queries, from caches after the first.
 *
 * Shared memory: four times attention_layout_of for four queries. Barriers: of the warp, where attention_f32 has those of
 * the block. The next four queries need none: what they overwrite was read before the last barrier or by the same lane.
 */
#include "../common/attention_passes.cuh"

PB_KERNEL(attention_tiny_f32, pb_cuda_attention, 128) {
    using namespace pb::attention;
    using warp = team<1, false>;
    const int number = static_cast<int>(threadIdx.x) / pb::kWarp;
    const int64_t index = static_cast<int64_t>(blockIdx.x) * pb::kAttentionTinyRows + number;
    if (index >= p.tiny_count) {
        return;
    }
    const int32_t row = p.tiny[index].row;
    const int32_t length = p.attention.rows[row].length;
    for (int32_t query = 0; query < length; query += warp::kQueries) {
        const work of{row, query, length - query, nullptr};
        const auto head = static_cast<int32_t>(blockIdx.y);
        run_team(team_of<warp>(p.attention, of, head, state_fields_of(p.attention), pb::kAttentionKeys, number), p.status);
    }
}
