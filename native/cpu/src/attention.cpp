/* Attention: argument checks and the split into tasks of one row, one head and a block of queries. */
#include "device.h"

#include <algorithm>
#include <atomic>
#include <vector>

using namespace patchbay;

namespace {

constexpr int32_t kLargestHead = 512;
constexpr int32_t kMostLabels = 8;
constexpr int32_t kMostWeights = 4;
constexpr int64_t kMostPositions = int64_t{1} << 24; /* keys are exact as floats */

template <class T> bool sorted_by_query(const T *items, int64_t count, int32_t heads) {
    for (int64_t i = 0; i < count; ++i) {
        const bool in_order = i == 0 || items[i - 1].token < items[i].token ||
                              (items[i - 1].token == items[i].token && items[i - 1].head <= items[i].head);
        if (!in_order || items[i].token < 0 || items[i].head < 0 || items[i].head >= heads) {
            return false;
        }
    }
    return true;
}

bool reads_values(int32_t op) {
    return op == PB_EDIT_REPLACE || op == PB_EDIT_ADD || op == PB_EDIT_INTERPOLATE;
}

bool valid(const pb_attention_edit &edit, const float *values) {
    const bool anywhere = edit.op >= PB_EDIT_FILL && edit.op <= PB_EDIT_INTERPOLATE;
    const bool stage_fits = edit.stage == PB_STAGE_SCORES    ? anywhere || edit.op == PB_EDIT_KNOCKOUT
                            : edit.stage == PB_STAGE_PATTERN ? anywhere || edit.op == PB_EDIT_UNIFORM
                                                             : false;
    return stage_fits && edit.key_begin >= 0 && edit.key_begin <= edit.key_end && edit.source >= 0 &&
           (values != nullptr || !reads_values(edit.op));
}

bool valid(const pb_mass_label &label) {
    switch (label.predicate) {
    case PB_MASS_RANGE:
    case PB_MASS_OFFSET:
    case PB_MASS_SINK:
        return true;
    case PB_MASS_CODE:
        return label.key_codes != nullptr && label.query_codes != nullptr && label.code_base != nullptr;
    case PB_MASS_LISTED:
        return label.list_begin != nullptr;
    default:
        return false;
    }
}

bool valid(const pb_attention &p, const pb_row &row) {
    return row.token >= 0 && row.length >= 0 && row.start >= 0 && (row.start == 0 || row.base >= 0) &&
           row.start + static_cast<int64_t>(row.length) <= kMostPositions &&
           (row.start == 0 || row.length == 0 ||
            (p.base_k != nullptr && p.base_v != nullptr && (p.weighted == nullptr || p.base_key_weights != nullptr)));
}

/* What goes beyond the plain statistics. */
bool valid_extras(const pb_attention &p) {
    const bool weights = p.weighted == nullptr || (p.mass != nullptr && p.key_weights != nullptr &&
                                                   p.weight_count > 0 && p.weight_count <= kMostWeights);
    const bool chosen = p.chosen_value == nullptr ||
                        (p.labels != nullptr && 0 <= p.chosen_label && p.chosen_label < p.label_count);
    return weights && chosen && (p.chosen_value != nullptr) == (p.chosen_index != nullptr) &&
           (p.received == nullptr || p.row_count == 0 || p.received_begin != nullptr) &&
           (p.received == nullptr || std::all_of(p.received_begin, p.received_begin + p.row_count,
                                                 [](int32_t begin) { return begin >= 0; }));
}

bool valid(const pb_attention &p) {
    if (p.heads < 1 || p.kv_heads < 1 || p.heads % p.kv_heads != 0 || p.d_head < 1 || p.d_head > kLargestHead ||
        p.window < 0 || p.label_count < 0 || p.label_count > kMostLabels || p.row_count < 0 || p.edit_count < 0 ||
        p.score_row_count < 0 || p.pattern_row_count < 0 || !(p.soft_cap >= 0.0f)) {
        return false;
    }
    if ((p.row_count > 0 && p.rows == nullptr) || (p.top_value != nullptr) != (p.top_index != nullptr) ||
        (p.mass != nullptr && p.label_count > 0 && p.labels == nullptr) || !valid_extras(p) ||
        (p.edit_count > 0 && (p.edits == nullptr || p.edit_change == nullptr)) ||
        (p.score_row_count > 0 && (p.score_rows == nullptr || p.scores == nullptr)) ||
        (p.pattern_row_count > 0 && (p.pattern_rows == nullptr || p.pattern == nullptr))) {
        return false;
    }
    bool tokens = false;
    for (int64_t i = 0; i < p.row_count; ++i) {
        if (!valid(p, p.rows[i])) {
            return false;
        }
        tokens = tokens || p.rows[i].length > 0;
    }
    if (tokens && (p.q == nullptr || p.k == nullptr || p.v == nullptr || p.z == nullptr || p.lse == nullptr)) {
        return false;
    }
    const auto offset_fits = [](const pb_attention_row &row) { return row.offset >= 0; };
    return std::all_of(p.edits, p.edits + p.edit_count,
                       [&](const pb_attention_edit &edit) { return valid(edit, p.edit_values); }) &&
           ((p.mass == nullptr && p.chosen_value == nullptr) ||
            std::all_of(p.labels, p.labels + p.label_count, [](const pb_mass_label &label) { return valid(label); })) &&
           sorted_by_query(p.edits, p.edit_count, p.heads) &&
           sorted_by_query(p.score_rows, p.score_row_count, p.heads) &&
           sorted_by_query(p.pattern_rows, p.pattern_row_count, p.heads) &&
           std::all_of(p.score_rows, p.score_rows + p.score_row_count, offset_fits) &&
           std::all_of(p.pattern_rows, p.pattern_rows + p.pattern_row_count, offset_fits);
}

int64_t blocks_of(const pb_row &row) { return (row.length + kQueryBlock - 1) / kQueryBlock; }

} // namespace

int32_t pb_cpu_attention(pb_cpu_device *device, const pb_attention *params) {
    return guarded([&]() -> int32_t {
        if (device == nullptr || params == nullptr || !valid(*params)) {
            return PB_INVALID_ARGUMENT;
        }
        const pb_attention &p = *params;
        std::fill(p.edit_change, p.edit_change + p.edit_count, 0.0f);

        /* Blocks of all rows in one list: first_block[row]. */
        std::vector<int64_t> first_block{0};
        int64_t widest = 0;
        int64_t work = 0;
        for (int64_t i = 0; i < p.row_count; ++i) {
            const pb_row &row = p.rows[i];
            const int64_t span = row.start + static_cast<int64_t>(row.length);
            const int64_t visible = p.window > 0 ? std::min<int64_t>(span, p.window + kQueryBlock) : span;
            first_block.push_back(first_block.back() + blocks_of(row));
            widest = std::max(widest, visible);
            work += row.length * visible * p.heads * (p.d_head / 8 + 1);
        }
        /* The first tile starts up to 15 keys early, the last ends up to 15 late. */
        const int64_t stride = (widest + 15) / 16 * 16 + 16;
        for (int worker = 0; worker < device->pool.threads(); ++worker) {
            device->scratch[static_cast<size_t>(worker)].at_least(kQueryBlock * stride);
        }
        std::atomic<int32_t> status{PB_OK};
        const auto run_blocks = [&](int64_t row, int32_t head, int64_t begin, int64_t end, int worker) {
            attention_task task;
            task.params = params;
            task.row = row;
            task.head = head;
            task.scores = device->scratch[static_cast<size_t>(worker)].at_least(kQueryBlock * stride);
            task.score_stride = stride;
            for (int64_t block = begin; block < end; ++block) {
                task.query_begin = static_cast<int32_t>(block * kQueryBlock);
                task.query_end = static_cast<int32_t>(
                    std::min<int64_t>(task.query_begin + kQueryBlock, p.rows[row].length));
                if (device->kernels.attention(task) != PB_OK) {
                    status.store(PB_EMPTY_ROW, std::memory_order_relaxed);
                }
            }
        };
        if (p.received != nullptr) {
            /* What a key receives is added query by query: a head of a row is one task. */
            for (int64_t i = 0; i < p.row_count; ++i) {
                std::fill_n(p.received + int64_t{p.received_begin[i]} * p.heads,
                            (p.rows[i].start + int64_t{p.rows[i].length}) * p.heads, 0.0f);
            }
            device->pool.run(p.row_count * p.heads, work > kInlineWork, [&](int64_t index, int worker) {
                const int64_t row = index / p.heads;
                run_blocks(row, static_cast<int32_t>(index % p.heads), 0, blocks_of(p.rows[row]), worker);
            });
        } else {
            /* A head's blocks lie side by side: its keys stay in the cache. */
            device->pool.run(first_block.back() * p.heads, work > kInlineWork, [&](int64_t index, int worker) {
                const auto after = std::upper_bound(first_block.begin(), first_block.end(), index / p.heads);
                const int64_t row = after - first_block.begin() - 1;
                const int64_t in_row = index - first_block[static_cast<size_t>(row)] * p.heads;
                const int64_t blocks = blocks_of(p.rows[row]);
                const int64_t block = in_row % blocks;
                run_blocks(row, static_cast<int32_t>(in_row / blocks), block, block + 1, worker);
            });
        }
        return status.load();
    });
}
