/*
 * The attention kernel against float64, over ragged rows that start anywhere; the same bits under every schedule, and
 * whatever part of the keys comes from the base.
 */
#include "../../cuda-kernels/launch.h"
#include "check.h"
#include "patchbay/cuda.h"
#include "stories.h"

#include <algorithm>

using namespace check;

namespace {

struct Shape {
    int32_t heads, kv_heads, d_head, length, window;
};

/* A row of a sequence from position `start` on. */
struct Cut {
    int32_t start, length;
};

class Sequence {
  public:
    explicit Sequence(const Shape &s)
        : shape(s), q_(random_floats(size(s.heads), 41, 2.0f)), k_(random_floats(size(s.kv_heads), 42, 2.0f)),
          v_(random_floats(size(s.kv_heads), 43)), scale_(1.0f / std::sqrt(static_cast<float>(s.d_head))) {}

    const Shape shape;
    /* What the keys of every cut received in the last run: [span of a cut][heads], one cut behind another. */
    mutable floats received;
    int32_t most_capacity = 1 << 20; /* keys whose scores may stay in shared memory: fewer are computed again */

    /* z of the tokens of all cuts, one after another; keys before a cut's start come from the base. */
    floats run(const std::vector<Cut> &cuts) const {
        std::vector<pb_attention_row> captures;
        int64_t captured = 0;
        std::vector<pb_row> rows;
        std::vector<pb_cuda_attention_block> blocks;
        floats q, k, v;
        std::vector<int32_t> received_begin;
        int32_t tokens = 0, span = 0, lines = 0;
        for (const Cut &cut : cuts) {
            received_begin.push_back(lines);
            lines += cut.start + cut.length;
            for (int32_t first = 0; first < cut.length; first += pb::kAttentionQueries) {
                blocks.push_back({static_cast<int32_t>(rows.size()), first});
            }
            rows.push_back({tokens, cut.length, cut.start, 0});
            for (int32_t i = 0; i < cut.length * shape.heads; ++i) {
                captures.push_back({tokens + i / shape.heads, i % shape.heads, captured});
                captured += cut.start + i / shape.heads + 1;
            }
            append(q, q_, shape.heads, cut);
            append(k, k_, shape.kv_heads, cut);
            append(v, v_, shape.kv_heads, cut);
            tokens += cut.length;
            span = std::max(span, cut.start + cut.length);
        }
        const int64_t width = int64_t{shape.heads} * shape.d_head, kv_width = int64_t{shape.kv_heads} * shape.d_head;
        const Buffer<float> q_memory(q), k_memory(k), v_memory(v), base_k(k_), base_v(v_);
        const Buffer<float> z(static_cast<size_t>(tokens * width)), lse(static_cast<size_t>(tokens * shape.heads));
        const Buffer<pb_row> row_memory(rows);
        const Buffer<pb_cuda_attention_block> block_memory(blocks);
        const Buffer<pb_attention_row> capture_memory(captures);
        const Buffer<float> scores(static_cast<size_t>(captured));
        const Buffer<float> received_memory(floats(static_cast<size_t>(lines * shape.heads), kNaN));
        const Buffer<int32_t> received_begins(received_begin);
        const Buffer<int32_t> status(std::vector<int32_t>{0});
        pb_cuda_attention p{};
        pb_attention &a = p.attention;
        a.q = q_memory.pointer();
        a.k = k_memory.pointer();
        a.v = v_memory.pointer();
        a.base_k = base_k.pointer();
        a.base_v = base_v.pointer();
        a.z = z.pointer();
        a.lse = lse.pointer();
        a.rows = row_memory.pointer();
        a.score_rows = capture_memory.pointer();
        a.score_row_count = static_cast<int64_t>(captures.size());
        a.scores = scores.pointer();
        a.received = received_memory.pointer();
        a.received_begin = received_begins.pointer();
        a.row_count = static_cast<int64_t>(rows.size());
        a.q_stride = a.z_stride = width;
        a.k_stride = a.v_stride = a.base_k_stride = a.base_v_stride = kv_width;
        a.heads = shape.heads;
        a.kv_heads = shape.kv_heads;
        a.d_head = shape.d_head;
        a.window = shape.window;
        a.scale = scale_;
        p.blocks = block_memory.pointer();
        p.block_count = static_cast<int64_t>(blocks.size());
        p.status = status.pointer();
        p.span = span;
        p.score_capacity =
            std::min(most_capacity, static_cast<int32_t>(pb::attention_score_capacity(span, shape.window)));
        const pb::launch grid =
            pb::launch_attention(p.block_count, shape.heads, shape.d_head, pb::kAttentionStateFields, p.score_capacity);
        void *params[] = {&p};
        ok(cuLaunchKernel(kernel("pb_attention_f32"), static_cast<unsigned>(grid.grid_x),
                          static_cast<unsigned>(grid.grid_y), 1, pb::kAttentionThreads, 1, 1,
                          static_cast<unsigned>(grid.shared_bytes), nullptr, params, nullptr),
           "launch");
        const pb::launch second = pb::launch_attention_received(a.row_count, span, shape.heads, shape.d_head);
        ok(cuLaunchKernel(kernel("pb_attention_received_f32"), static_cast<unsigned>(second.grid_x),
                          static_cast<unsigned>(second.grid_y), 1, pb::kAttentionThreads, 1, 1,
                          static_cast<unsigned>(second.shared_bytes), nullptr, params, nullptr),
           "second launch");
        received = received_memory.values();
        floats out = z.values();
        that(status.values()[0] == 0, "status");
        check_scores(cuts, scores.values());
        return out;
    }

    std::vector<double> reference(const std::vector<Cut> &cuts) const {
        std::vector<double> out;
        for (const Cut &cut : cuts) {
            for (int32_t i = cut.start; i < cut.start + cut.length; ++i) {
                for (int32_t head = 0; head < shape.heads; ++head) {
                    const std::vector<double> z = one_query(i, head);
                    out.insert(out.end(), z.begin(), z.end());
                }
            }
        }
        return out;
    }

    /* Makes a query's q NaN. */
    void spoil(int32_t i) {
        std::fill_n(q_.begin() + i * shape.heads * shape.d_head, shape.heads * shape.d_head, kNaN);
    }

    /* What `received` should be. */
    std::vector<double> reference_received(const std::vector<Cut> &cuts) const {
        std::vector<double> out;
        for (const Cut &cut : cuts) {
            const size_t begin = out.size();
            out.resize(begin + static_cast<size_t>((cut.start + cut.length) * shape.heads));
            for (int32_t i = cut.start; i < cut.start + cut.length; ++i) {
                for (int32_t head = 0; head < shape.heads; ++head) {
                    const std::vector<double> pattern = pattern_of(i, head);
                    for (size_t j = 0; j < pattern.size(); ++j) {
                        out[begin + j * static_cast<size_t>(shape.heads) + static_cast<size_t>(head)] += pattern[j];
                    }
                }
            }
        }
        return out;
    }

  private:
    size_t size(int32_t heads) const { return static_cast<size_t>(heads) * static_cast<size_t>(shape.d_head * shape.length); }

    void append(floats &to, const floats &from, int32_t heads, const Cut &cut) const {
        const int32_t width = heads * shape.d_head;
        to.insert(to.end(), from.begin() + cut.start * width, from.begin() + (cut.start + cut.length) * width);
    }

    double score(int32_t i, int32_t j, int32_t head) const {
        const int32_t kv_head = head / (shape.heads / shape.kv_heads);
        const float *q = &q_[static_cast<size_t>((i * shape.heads + head) * shape.d_head)];
        const float *k = &k_[static_cast<size_t>((j * shape.kv_heads + kv_head) * shape.d_head)];
        double sum = 0;
        for (int32_t d = 0; d < shape.d_head; ++d) {
            sum += static_cast<double>(q[d]) * static_cast<double>(k[d]);
        }
        return sum * static_cast<double>(scale_);
    }

    /* The captured scores: all of every query, -inf before its window. */
    void check_scores(const std::vector<Cut> &cuts, const floats &got) const {
        size_t at = 0;
        for (const Cut &cut : cuts) {
            for (int32_t i = cut.start; i < cut.start + cut.length; ++i) {
                for (int32_t head = 0; head < shape.heads; ++head) {
                    for (int32_t j = 0; j <= i; ++j, ++at) {
                        const bool hidden = shape.window > 0 && j <= i - shape.window;
                        that(std::isnan(q_[static_cast<size_t>(i * shape.heads * shape.d_head)]) ? std::isnan(got[at])
                             : hidden ? got[at] == -INFINITY
                                    : std::fabs(static_cast<double>(got[at]) - score(i, j, head)) < 5e-6,
                             "score of query " + std::to_string(i) + " and key " + std::to_string(j));
                    }
                }
            }
        }
    }

    std::vector<double> pattern_of(int32_t i, int32_t head) const {
        std::vector<double> pattern(static_cast<size_t>(i + 1), 0.0);
        double total = 0;
        for (int32_t j = shape.window > 0 ? std::max(0, i - shape.window + 1) : 0; j <= i; ++j) {
            pattern[static_cast<size_t>(j)] = std::exp(score(i, j, head));
            total += pattern[static_cast<size_t>(j)];
        }
        for (double &x : pattern) {
            x /= total;
        }
        return pattern;
    }

    std::vector<double> one_query(int32_t i, int32_t head) const {
        const int32_t d_head = shape.d_head, kv_head = head / (shape.heads / shape.kv_heads);
        std::vector<double> z(static_cast<size_t>(d_head), 0.0);
        const std::vector<double> pattern = pattern_of(i, head);
        for (int32_t j = 0; j <= i; ++j) {
            const auto at = static_cast<size_t>((j * shape.kv_heads + kv_head) * d_head);
            for (size_t d = 0; d < z.size(); ++d) {
                z[d] += pattern[static_cast<size_t>(j)] * static_cast<double>(v_[at + d]);
            }
        }
        return z;
    }

    floats q_, k_, v_;
    float scale_;
};

void follows_float64(const Shape &s, const std::vector<Cut> &cuts) {
    const Sequence sequence(s);
    const std::string what = "d " + std::to_string(s.d_head) + ", heads " + std::to_string(s.heads) + "/" +
                             std::to_string(s.kv_heads) + ", length " + std::to_string(s.length) + ", window " +
                             std::to_string(s.window);
    that(distance(sequence.run(cuts), sequence.reference(cuts)) < 5e-6, what);
    that(distance(sequence.received, sequence.reference_received(cuts)) < 2e-5, what + ": what keys receive");
}

} // namespace

void attention_stories() {
    story("attentionFollowsFloat64", [] {
        for (const int32_t length : {1, 15, 17, 63, 64, 65, 97}) {
            follows_float64({2, 2, 16, length, 0}, {{0, length}, {length - 1, 1}, {length / 2, length - length / 2}});
        }
        for (const int32_t d_head : {8, 12, 64, 80, 128}) {
            follows_float64({2, 1, d_head, 33, 0}, {{0, 33}, {32, 1}});
        }
    });
    story("attentionOfGroupedQueriesAndWindows", [] {
        for (const int32_t group : {1, 4, 8}) {
            for (const int32_t window : {0, 1, 7, 16}) {
                follows_float64({8, 8 / group, 16, 41, window}, {{0, 41}, {20, 21}});
            }
        }
        for (const int32_t window : {1, 7, 64, 66, 70}) {
            follows_float64({2, 1, 16, 150, window}, {{0, 150}, {140, 10}});
        }
    });
    story("aSpoiltQueryReachesOnlyTheKeysItSees", [] {
        Sequence sequence({1, 1, 8, 40, 0});
        const std::vector<double> want = sequence.reference_received({{0, 40}});
        sequence.spoil(20);
        sequence.run({{0, 40}});
        for (size_t key = 0; key < 40; ++key) {
            const auto got = static_cast<double>(sequence.received[key]);
            that(key <= 20 ? std::isnan(got) : std::fabs(got - want[key]) < 2e-5, "key " + std::to_string(key));
        }
    });
    story("attentionHasTheSameBitsUnderEveryScheduleAndCut", [] {
        Sequence sequence({4, 2, 32, 97, 0});
        const floats whole = sequence.run({{0, 97}}), received = sequence.received;
        for (const uint64_t seed : {0, 2, 3, 7}) {
            cuEmulatorSetSeed(seed);
            that(same_bits(whole, sequence.run({{0, 97}})), "other bits with seed " + std::to_string(seed));
            that(same_bits(received, sequence.received), "other bits received with seed " + std::to_string(seed));
        }
        const floats cuts = sequence.run({{0, 1}, {1, 62}, {63, 1}, {64, 32}, {96, 1}});
        that(same_bits(whole, cuts), "other bits where keys come from the base");
        sequence.most_capacity = pb::kAttentionKeys;
        for (const uint64_t seed : {0, 2, 3, 7}) {
            cuEmulatorSetSeed(seed);
            that(same_bits(whole, sequence.run({{0, 97}})), "other bits where scores are computed again");
        }
    });
}
