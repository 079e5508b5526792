/*
 * attention_stacked_f32: attention_f32 for the queries of several short rows that start at one place over one base: the
 * base's keys and values are read once for 16 of them (one token a row: 1/16 of the bytes of attention_f32).
 * FLOPs, passes, order of sums and bits are those of attention_f32.
 *
 * Threads -> data: a block is up to 16 queries of one head, ascending by position, listed in params.items; a warp owns
 * four. Keys before the rows' start are staged and shared; a lane makes the dot product of a query with a key of its own
 * row by itself, elements ascending, and values of own keys follow those of the base.
 *
 * Shared memory and barriers: as attention_f32.
 */
#include "../common/attention_passes.cuh"

PB_KERNEL(attention_stacked_f32, pb_cuda_attention, 128) {
    using namespace pb::attention;
    using block = team<pb::kAttentionThreads / pb::kWarp, true>;
    const pb_cuda_attention_stack at = p.stacks[blockIdx.x];
    const pb_cuda_attention_block *items = p.items + at.first_item;
    const work of{items->row, items->query, at.count, items};
    const auto head = static_cast<int32_t>(blockIdx.y);
    run_team(team_of<block>(p.attention, of, head, state_fields_of(p.attention), p.score_capacity), p.status);
}
