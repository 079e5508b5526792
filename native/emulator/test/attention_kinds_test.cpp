/*
 * The tiny and the stacked attention kernel give the bits of the general one: all outputs, over random shapes, rows,
 * edits, captures and statistics, under several schedules.
 */
#include "../../cuda-kernels/launch.h"
#include "check.h"
#include "patchbay/cuda.h"
#include "stories.h"

#include <algorithm>
#include <random>

using namespace check;

namespace {

using ints = std::vector<int32_t>;
using places = std::vector<pb_cuda_attention_block>;

struct Choice {
    std::mt19937_64 random;
    int32_t below(int32_t bound) { return static_cast<int32_t>(random() % static_cast<uint64_t>(bound)); }
    int32_t of(const ints &values) { return values[static_cast<size_t>(below(static_cast<int32_t>(values.size())))]; }
};

/* A batch with everything that attention can be asked for. */
class Batch {
  public:
    /* `stacked`: short rows that start at few places; else rows within a tile. */
    Batch(uint64_t seed, bool stacked) : c_{std::mt19937_64(seed)}, stacked_(stacked) {
        kv_heads_ = c_.of({1, 2});
        heads_ = kv_heads_ * c_.of({1, 2, 4});
        d_head_ = c_.of({1, 8, 17, 33, 64, 80});
        window_ = c_.of({0, 0, 1, 5, 20, 64});
        const int32_t count = 1 + c_.below(stacked ? 40 : 11);
        for (int32_t i = 0; i < count; ++i) {
            const int32_t length = stacked ? 1 + c_.below(4) : 1 + c_.below(pb::kAttentionKeys);
            const int32_t start = stacked ? c_.of({1, 15, 63, 64, 100}) : c_.below(pb::kAttentionKeys + 1 - length);
            rows_.push_back({tokens_, length, start, stacked && start == 15 ? 7 : 2});
            tokens_ += length;
            span_ = std::max(span_, start + length);
        }
        base_rows_ = 7 + span_;
        lists();
    }

    /* All outputs as one list of floats. */
    floats run(bool general) const {
        const int32_t width = heads_ * d_head_, kv_width = kv_heads_ * d_head_;
        const auto random = [](int64_t count, uint64_t seed) {
            return Buffer<float>(random_floats(static_cast<size_t>(count), seed, 2.0f));
        };
        const auto poison = [](int64_t count) { return Buffer<float>(floats(static_cast<size_t>(count), kNaN)); };
        const int64_t queries = int64_t{tokens_} * heads_;
        const Buffer<float> q = random(tokens_ * width, 1), k = random(tokens_ * kv_width, 2), v = random(tokens_ * kv_width, 3),
                            base_k = random(base_rows_ * kv_width, 4), base_v = random(base_rows_ * kv_width, 5),
                            slopes = random(heads_, 6), sinks = random(heads_, 7), values = random(edit_values_, 8),
                            own_weights = random(queries * kWeights, 9),
                            base_weights = random(int64_t{base_rows_} * heads_ * kWeights, 10);
        const Buffer<float> z = poison(tokens_ * width), lse = poison(queries), change = poison(std::ssize(edits_) + 1),
                            scores = poison(captured_), pattern = poison(captured_), top = poison(2 * queries),
                            chosen = poison(2 * queries), entropy = poison(queries), mass = poison(queries * kLabels),
                            weighted = poison(queries * kLabels * kWeights);
        const Buffer<int32_t> top_index(ints(static_cast<size_t>(2 * queries), -7)),
            chosen_index(ints(static_cast<size_t>(2 * queries), -7)), status(ints{0});
        const Buffer<pb_row> rows(rows_);
        const Buffer<pb_attention_edit> edits(some(edits_));
        const Buffer<pb_attention_row> captures(some(captures_));
        const Buffer<int32_t> codes(codes_), code_base(code_base_), list(some(list_)), list_begin(list_begin_);
        const Buffer<pb_mass_label> labels(std::vector<pb_mass_label>{
            {PB_MASS_OFFSET, 1, 0, 0, nullptr, nullptr, nullptr, nullptr, nullptr},
            {PB_MASS_CODE, 0, 0, 1, codes.pointer(), codes.pointer(), code_base.pointer(), nullptr, nullptr},
            {PB_MASS_LISTED, 0, 0, 0, nullptr, nullptr, nullptr, list.pointer(), list_begin.pointer()}});
        places general_blocks, tiny, items;
        std::vector<pb_cuda_attention_stack> stacks;
        plan(general, &general_blocks, &tiny, &items, &stacks);
        const Buffer<pb_cuda_attention_block> block_memory(some(general_blocks)), tiny_memory(some(tiny)),
            item_memory(some(items));
        const Buffer<pb_cuda_attention_stack> stack_memory(some(stacks));
        pb_cuda_attention p{};
        p.attention = {q.pointer(), k.pointer(), v.pointer(), base_k.pointer(), base_v.pointer(), z.pointer(), lse.pointer(),
                       rows.pointer(), alibi_ ? slopes.pointer() : nullptr, sinks_ ? sinks.pointer() : nullptr,
                       edits.pointer(), values.pointer(), change.pointer(), captures.pointer(), scores.pointer(),
                       captures.pointer(), pattern.pointer(), top.pointer(), top_index.pointer(), entropy.pointer(),
                       mass.pointer(), labels.pointer(), own_weights.pointer(), base_weights.pointer(),
                       weighted.pointer(), chosen.pointer(), chosen_index.pointer(), nullptr, nullptr, std::ssize(rows_),
                       std::ssize(edits_), std::ssize(captures_), std::ssize(captures_), width, kv_width, kv_width,
                       kv_width, kv_width, width, heads_ * kWeights, heads_ * kWeights, heads_, kv_heads_, d_head_,
                       window_, kLabels, 0.3f, cap_ ? 2.0f : 0.0f, kWeights, 1, 0};
        p.blocks = block_memory.pointer();
        p.tiny = tiny_memory.pointer();
        p.items = item_memory.pointer();
        p.stacks = stack_memory.pointer();
        p.status = status.pointer();
        p.block_count = std::ssize(general_blocks);
        p.tiny_count = std::ssize(tiny);
        p.stack_count = std::ssize(stacks);
        p.span = span_;
        p.score_capacity = capacity_;
        const int32_t fields = pb::attention_state_fields(kLabels, kWeights, true);
        start("pb_attention_f32", p, pb::launch_attention(p.block_count, heads_, d_head_, fields, capacity_));
        start("pb_attention_tiny_f32", p, pb::launch_attention_tiny(p.tiny_count, heads_, d_head_, fields));
        start("pb_attention_stacked_f32", p, pb::launch_attention(p.stack_count, heads_, d_head_, fields, capacity_));
        floats all;
        for (const Buffer<float> *part :
             {&z, &lse, &change, &scores, &pattern, &top, &chosen, &entropy, &mass, &weighted}) {
            const floats values_of = part->values();
            all.insert(all.end(), values_of.begin(), values_of.end());
        }
        for (const Buffer<int32_t> *part : {&top_index, &chosen_index, &status}) {
            for (const int32_t value : part->values()) {
                all.push_back(static_cast<float>(value));
            }
        }
        return all;
    }

  private:
    /* Memory of no bytes cannot be had. */
    template <class T> static std::vector<T> some(std::vector<T> values) {
        if (values.empty()) {
            values.push_back({});
        }
        return values;
    }

    static constexpr int32_t kLabels = 3, kWeights = 2;

    static void start(const char *name, pb_cuda_attention &p, const pb::launch &of) {
        if (of.grid_x == 0) {
            return;
        }
        void *params[] = {&p};
        ok(cuKernelSetAttribute(CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, static_cast<int>(of.shared_bytes),
                                kernel(name), 0),
           "shared memory");
        ok(cuLaunchKernel(kernel(name), static_cast<unsigned>(of.grid_x), static_cast<unsigned>(of.grid_y), 1,
                          pb::kAttentionThreads, 1, 1, static_cast<unsigned>(of.shared_bytes), nullptr, params, nullptr),
           name);
        ok(cuCtxSynchronize(), name);
    }

    /* Edits and captures of some queries, codes and lists of all. */
    void lists() {
        alibi_ = c_.below(2) == 0;
        sinks_ = c_.below(3) == 0;
        cap_ = c_.below(3) == 0;
        capacity_ = c_.below(2) == 0 ? pb::kAttentionKeys
                                     : static_cast<int32_t>(pb::attention_score_capacity(span_, window_));
        for (const pb_row &row : rows_) {
            code_base_.push_back(static_cast<int32_t>(codes_.size()));
            for (int32_t i = 0; i < row.start + row.length; ++i) {
                codes_.push_back(c_.below(4));
            }
            for (int32_t i = 0; i < row.length; ++i) {
                for (int32_t head = 0; head < heads_; ++head) {
                    query(row.token + i, head, row.start + i + 1);
                }
                for (int32_t key = c_.below(3); key < row.start + i; key += 1 + c_.below(9)) {
                    list_.push_back(key);
                }
                list_begin_.push_back(static_cast<int32_t>(list_.size()));
            }
        }
    }

    void query(int32_t token, int32_t head, int32_t keys) {
        if (c_.below(2) == 0) {
            captures_.push_back({token, head, captured_});
            captured_ += keys;
        }
        for (int32_t i = c_.below(6) - 3; i > 0; --i) {
            const int32_t begin = c_.below(keys), end = begin + 1 + c_.below(keys - begin);
            const bool scores = c_.below(2) == 0;
            const int32_t op = c_.of({PB_EDIT_FILL, PB_EDIT_REPLACE, PB_EDIT_ADD, PB_EDIT_SCALE, PB_EDIT_INTERPOLATE,
                                      scores ? PB_EDIT_KNOCKOUT : PB_EDIT_UNIFORM});
            edits_.push_back({token, head, begin, end, scores ? PB_STAGE_SCORES : PB_STAGE_PATTERN, op, edit_values_,
                              0.25f, 0});
            edit_values_ += end - begin;
        }
    }

    void plan(bool general, places *blocks, places *tiny, places *items,
              std::vector<pb_cuda_attention_stack> *stacks) const {
        for (int32_t row = 0; row < static_cast<int32_t>(rows_.size()); ++row) {
            const pb_row &of = rows_[static_cast<size_t>(row)];
            if (general) {
                for (int32_t query = 0; query < of.length; query += pb::kAttentionQueries) {
                    blocks->push_back({row, query});
                }
            } else if (!stacked_) {
                tiny->push_back({row, 0});
            } else {
                for (int32_t query = 0; query < of.length; ++query) {
                    items->push_back({row, query});
                }
            }
        }
        const auto start = [this](const pb_cuda_attention_block &item) { return rows_[static_cast<size_t>(item.row)].start; };
        std::stable_sort(items->begin(), items->end(), [&](const auto &a, const auto &b) {
            return start(a) != start(b) ? start(a) < start(b) : a.query < b.query;
        });
        for (size_t i = 0; i < items->size(); ++i) {
            const bool joins = !stacks->empty() && stacks->back().count < pb::kAttentionQueries &&
                               start((*items)[i]) == start((*items)[i - 1]);
            if (joins) {
                ++stacks->back().count;
            } else {
                stacks->push_back({static_cast<int32_t>(i), 1});
            }
        }
    }

    Choice c_;
    bool stacked_, alibi_ = false, sinks_ = false, cap_ = false;
    int32_t heads_, kv_heads_, d_head_, window_, tokens_ = 0, span_ = 0, base_rows_ = 0, capacity_ = 0;
    std::vector<pb_row> rows_;
    std::vector<pb_attention_edit> edits_;
    std::vector<pb_attention_row> captures_;
    ints codes_, code_base_, list_{0}, list_begin_{1};
    int64_t captured_ = 1, edit_values_ = 1;
};

void has_the_bits_of_the_general_kernel(bool stacked) {
    for (uint64_t shape = 0; shape < 10; ++shape) {
        const Batch batch(shape, stacked);
        cuEmulatorSetSeed(1);
        const floats want = batch.run(true);
        for (const uint64_t seed : {2, 3}) {
            cuEmulatorSetSeed(seed);
            that(same_bits(want, batch.run(false)), "shape " + std::to_string(shape) + ", seed " + std::to_string(seed));
        }
    }
}

} // namespace

void attention_kinds_stories() {
    story("rowsWithinATileHaveTheBitsOfTheGeneralKernel", [] { has_the_bits_of_the_general_kernel(false); });
    story("stackedQueriesHaveTheBitsOfTheGeneralKernel", [] { has_the_bits_of_the_general_kernel(true); });
}
