/*
 * The bfloat16 attention kernels against float64 over the same rounded inputs: ragged rows that start anywhere, whose own
 * keys differ from the base's, grouped queries, windows, caps, slopes, sinks, every instance, and the statistics.
 */
#include "../../cuda-kernels/common/swizzle.cuh"
#include "../../cuda-kernels/launch.h"
#include "check.h"
#include "patchbay/cuda.h"
#include "stories.h"

#include <algorithm>
#include <patchbay/emulated/bfloat16.h>

using namespace check;

namespace {

using halves = std::vector<uint16_t>;

constexpr int32_t kPad = 8;      /* elements behind every row, which nobody may read or write */
constexpr int32_t kBaseRow = 3;  /* of position 0 */
constexpr uint16_t kNaNHalf = 0x7fff;

struct Shape {
    int32_t heads = 2, kv_heads = 2, d_head = 64, window = 0;
    float soft_cap = 0;
    bool alibi = false, sinks = false, same_keys = false;
    int32_t z_type = PB_CUDA_FLOAT32;
};

struct Cut {
    int32_t start, length;
};

double value(uint16_t bits) { return static_cast<double>(__bfloat162float({bits})); }

/* Rows of `width` random numbers and a pad of NaN; `same`: all rows alike. */
halves random_rows(int64_t rows, int32_t width, uint64_t seed, float scale, bool same = false) {
    const floats values = random_floats(static_cast<size_t>(rows * width), seed, scale);
    halves out;
    for (int64_t row = 0; row < rows; ++row) {
        for (int32_t i = 0; i < width; ++i) {
            out.push_back(__float2bfloat16_rn(values[static_cast<size_t>((same ? 0 : row * width) + i)]).bits);
        }
        out.insert(out.end(), kPad, kNaNHalf);
    }
    return out;
}

/* What the kernel writes, by token and head. */
struct Results {
    std::vector<double> z;
    floats lse, entropy, top_value;
    std::vector<int32_t> top_index;
};

class Batch {
  public:
    Batch(const Shape &shape, const std::vector<Cut> &cuts) : s(shape), cuts_(cuts) {
        for (const Cut &cut : cuts) {
            rows_.push_back({tokens_, cut.length, cut.start, kBaseRow});
            for (int32_t first = 0; first < cut.length; first += pb::kAttentionBf16Queries) {
                blocks_.push_back({static_cast<int32_t>(rows_.size()) - 1, first});
            }
            tokens_ += cut.length;
            base_rows_ = std::max(base_rows_, kBaseRow + cut.start);
        }
        q_ = random_rows(tokens_, s.heads * s.d_head, 51, 2.5f);
        k_ = random_rows(tokens_, s.kv_heads * s.d_head, 52, 2.0f, s.same_keys);
        v_ = random_rows(tokens_, s.kv_heads * s.d_head, 53, 1.0f);
        base_k_ = random_rows(base_rows_, s.kv_heads * s.d_head, s.same_keys ? 52 : 54, 2.0f, s.same_keys);
        base_v_ = random_rows(base_rows_, s.kv_heads * s.d_head, 55, 1.0f);
        slopes_ = random_floats(static_cast<size_t>(s.heads), 56, 0.3f);
        sinks_ = random_floats(static_cast<size_t>(s.heads), 57, 3.0f);
        sinks_[0] = 7.0f; /* above all scores of many queries */
    }

    Results run(bool statistics = true) const {
        const int64_t width = int64_t{s.heads} * s.d_head, kv_width = int64_t{s.kv_heads} * s.d_head;
        const auto queries = static_cast<size_t>(tokens_ * s.heads);
        const Buffer<uint16_t> q(q_), k(k_), v(v_), base_k(base_k_), base_v(base_v_);
        const auto z_size = static_cast<size_t>(tokens_ * (width + kPad));
        const Buffer<float> z_floats(floats(z_size, kNaN));
        const Buffer<uint16_t> z_halves(halves(z_size, kNaNHalf));
        const Buffer<float> lse(floats(queries, kNaN)), entropy(floats(queries, kNaN)), top(floats(2 * queries, kNaN));
        const Buffer<int32_t> top_index(std::vector<int32_t>(2 * queries, -7));
        const Buffer<float> slopes(slopes_), sinks(sinks_);
        const Buffer<pb_row> rows(rows_);
        const Buffer<pb_cuda_attention_block> blocks(blocks_);
        const bool whole = s.z_type == PB_CUDA_FLOAT32;
        pb_cuda_attention_bf16 p{};
        p.q = q.pointer();
        p.k = k.pointer();
        p.v = v.pointer();
        p.base_k = base_k.pointer();
        p.base_v = base_v.pointer();
        p.z = whole ? static_cast<void *>(z_floats.pointer()) : z_halves.pointer();
        p.lse = lse.pointer();
        p.rows = rows.pointer();
        p.blocks = blocks.pointer();
        p.alibi_slopes = s.alibi ? slopes.pointer() : nullptr;
        p.sinks = s.sinks ? sinks.pointer() : nullptr;
        if (statistics) {
            p.top_value = top.pointer();
            p.top_index = top_index.pointer();
            p.entropy = entropy.pointer();
        }
        p.block_count = static_cast<int64_t>(blocks_.size());
        p.q_stride = p.z_stride = width + kPad;
        p.k_stride = p.v_stride = p.base_k_stride = p.base_v_stride = kv_width + kPad;
        p.heads = s.heads;
        p.kv_heads = s.kv_heads;
        p.d_head = s.d_head;
        p.window = s.window;
        p.scale = scale();
        p.soft_cap = s.soft_cap;
        p.z_type = s.z_type;
        const std::string name = "pb_attention_bf16_d" + std::to_string(pb::attention_bf16_instance(s.d_head));
        const pb::launch grid = pb::launch_attention_bf16(p.block_count, s.heads, s.d_head);
        CUfunction function = kernel(name.c_str());
        size_t size = sizeof(p);
        void *extra[] = {reinterpret_cast<void *>(kLaunchParamBufferPointer), &p,
                         reinterpret_cast<void *>(kLaunchParamBufferSize), &size,
                         reinterpret_cast<void *>(kLaunchParamEnd)};
        ok(cuFuncSetAttribute(function, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
                              static_cast<int>(grid.shared_bytes)),
           "cuFuncSetAttribute");
        ok(cuLaunchKernel(function, static_cast<unsigned>(grid.grid_x), static_cast<unsigned>(grid.grid_y), 1,
                          pb::kAttentionBf16Threads, 1, 1, static_cast<unsigned>(grid.shared_bytes), nullptr, nullptr,
                          extra),
           "launch");
        ok(cuCtxSynchronize(), name);
        Results out{{}, lse.values(), entropy.values(), top.values(), top_index.values()};
        const floats got = z_floats.values();
        const halves got_halves = z_halves.values();
        for (size_t i = 0; i < z_size; ++i) {
            const double x = whole ? static_cast<double>(got[i]) : value(got_halves[i]);
            if (i % static_cast<size_t>(width + kPad) < static_cast<size_t>(width)) {
                out.z.push_back(x);
            } else {
                that(std::isnan(x), "z is written beside its rows");
            }
        }
        return out;
    }

    /* Compares all results of a run with float64. */
    void follows_float64() const {
        const Results got = run();
        double error = 0, size = 0;
        size_t at = 0;
        for (size_t row = 0; row < cuts_.size(); ++row) {
            for (int32_t i = 0; i < cuts_[row].length; ++i) {
                for (int32_t head = 0; head < s.heads; ++head, ++at) {
                    const std::string who = what() + ": row " + std::to_string(row) + ", query " + std::to_string(i) +
                                            ", head " + std::to_string(head);
                    const int32_t position = cuts_[row].start + i;
                    const int32_t first = s.window > 0 ? std::max(0, position - s.window + 1) : 0;
                    std::vector<double> weights;
                    const double lse = pattern(row, i, head, first, &weights);
                    const std::vector<double> z = sum_of_values(row, head, first, weights);
                    for (size_t d = 0; d < z.size(); ++d) {
                        const double x = got.z[at * z.size() + d];
                        error += (x - z[d]) * (x - z[d]);
                        size += z[d] * z[d];
                        that(std::fabs(x - z[d]) < 1.5e-2, who + ": z");
                    }
                    double entropy = 0;
                    for (const double weight : weights) {
                        entropy -= weight > 0 ? weight * std::log(weight) : 0;
                    }
                    near(got.lse[at], lse, 1e-5 * std::max(1.0, std::fabs(lse)), who + ": lse");
                    near(got.entropy[at], entropy, 3e-5, who + ": entropy");
                    check_top(got, at, first, weights, who);
                }
            }
        }
        that(std::sqrt(error / size) < 3e-3, what() + ": z, relative " + std::to_string(std::sqrt(error / size)));
    }

  private:
    float scale() const { return 1.0f / std::sqrt(static_cast<float>(s.d_head)); }

    static void near(float got, double want, double tolerance, const std::string &who) {
        that(std::fabs(static_cast<double>(got) - want) <= tolerance,
             who + " " + std::to_string(got) + ", want " + std::to_string(want));
    }

    std::string what() const {
        return "d " + std::to_string(s.d_head) + ", heads " + std::to_string(s.heads) + "/" +
               std::to_string(s.kv_heads) + ", window " + std::to_string(s.window);
    }

    const uint16_t *key(const halves &base, const halves &own, size_t row, int32_t j, int32_t head) const {
        const int32_t start = cuts_[row].start, kv_head = head / (s.heads / s.kv_heads);
        const int64_t at = j < start ? kBaseRow + j : rows_[row].token + j - start;
        return (j < start ? base : own).data() + at * (s.kv_heads * s.d_head + kPad) + kv_head * s.d_head;
    }

    /* Weights of the keys from `first` on, and the log-sum-exp. */
    double pattern(size_t row, int32_t i, int32_t head, int32_t first, std::vector<double> *weights) const {
        const uint16_t *q = q_.data() + (rows_[row].token + i) * (s.heads * s.d_head + kPad) + head * s.d_head;
        const int32_t position = cuts_[row].start + i;
        double total = s.sinks ? std::exp(static_cast<double>(sinks_[static_cast<size_t>(head)])) : 0;
        for (int32_t j = first; j <= position; ++j) {
            const uint16_t *k = key(base_k_, k_, row, j, head);
            double score = 0;
            for (int32_t d = 0; d < s.d_head; ++d) {
                score += value(q[d]) * value(k[d]);
            }
            score *= static_cast<double>(scale());
            const auto cap = static_cast<double>(s.soft_cap);
            score = cap > 0 ? cap * std::tanh(score / cap) : score;
            score += s.alibi ? static_cast<double>(slopes_[static_cast<size_t>(head)]) * (j - position) : 0;
            weights->push_back(std::exp(score));
            total += weights->back();
        }
        for (double &weight : *weights) {
            weight /= total;
        }
        return std::log(total);
    }

    std::vector<double> sum_of_values(size_t row, int32_t head, int32_t first, const std::vector<double> &weights) const {
        std::vector<double> z(static_cast<size_t>(s.d_head), 0.0);
        for (size_t j = 0; j < weights.size(); ++j) {
            const uint16_t *v = key(base_v_, v_, row, first + static_cast<int32_t>(j), head);
            for (size_t d = 0; d < z.size(); ++d) {
                z[d] += weights[j] * value(v[d]);
            }
        }
        return z;
    }

    /* The two largest weights; of equal scores the lowest key. Where float64 sees almost a tie, either will do. */
    void check_top(const Results &got, size_t at, int32_t first, const std::vector<double> &weights,
                   const std::string &who) const {
        std::vector<int32_t> order(weights.size());
        for (size_t j = 0; j < order.size(); ++j) {
            order[j] = static_cast<int32_t>(j);
        }
        std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
            return weights[static_cast<size_t>(a)] > weights[static_cast<size_t>(b)];
        });
        that(got.top_index[2 * at] != got.top_index[2 * at + 1], who + ": a key comes twice");
        for (size_t i = 0; i < 2; ++i) {
            const int32_t index = got.top_index[2 * at + i];
            const float weight = got.top_value[2 * at + i];
            if (i >= order.size()) {
                that(index == -1 && weight == 0.0f, who + ": there is no second key");
                continue;
            }
            const double want = weights[static_cast<size_t>(order[i])];
            near(weight, want, 2e-5 * want, who + ": weight " + std::to_string(i));
            const bool exists = index >= first && static_cast<size_t>(index - first) < weights.size();
            const bool close =
                exists && !s.same_keys && std::fabs(weights[static_cast<size_t>(index - first)] - want) <= 1e-5 * want;
            that(close || index == first + order[i], who + ": key " + std::to_string(index) + ", want " +
                                                         std::to_string(first + order[i]));
        }
    }

    const Shape s;
    std::vector<Cut> cuts_;
    std::vector<pb_row> rows_;
    std::vector<pb_cuda_attention_block> blocks_;
    int32_t tokens_ = 0, base_rows_ = kBaseRow + 1;
    halves q_, k_, v_, base_k_, base_v_;
    floats slopes_, sinks_;
};

void follows_float64(const Shape &shape, const std::vector<Cut> &cuts) { Batch(shape, cuts).follows_float64(); }

template <int Chunks> void meets_every_bank() {
    for (uint32_t row = 0; row < 64; row += 8) {
        for (uint32_t chunk = 0; chunk < Chunks; ++chunk) {
            unsigned banks = 0;
            for (uint32_t i = 0; i < 8; ++i) {
                banks |= 1u << pb::swizzled<Chunks>(row + i, chunk) / 16 % 8;
            }
            that(banks == 0xff, "two of eight rows share banks, " + std::to_string(Chunks) + " chunks");
        }
    }
    std::vector<bool> taken(64 * Chunks);
    for (uint32_t i = 0; i < 64 * Chunks; ++i) {
        const uint32_t at = pb::swizzled<Chunks>(i / Chunks, i % Chunks) / 16;
        that(at < taken.size() && !taken[at], "two chunks in one place, " + std::to_string(Chunks) + " chunks");
        taken[at] = true;
    }
}

} // namespace

void attention_bf16_stories() {
    story("swizzledChunksOfEightRowsMeetEveryBankOnce", [] {
        meets_every_bank<4>();
        meets_every_bank<8>();
        meets_every_bank<12>();
        meets_every_bank<16>();
        meets_every_bank<32>();
    });
    story("bfloat16AttentionFollowsFloat64OverRaggedRows", [] {
        for (const int32_t length : {1, 15, 17, 63, 64, 65, 97}) {
            follows_float64({}, {{0, length}, {length - 1, 1}, {length / 2, length - length / 2}});
        }
        follows_float64({}, {{0, 1}, {130, 70}, {1, 16}, {63, 66}, {64, 1}, {199, 1}, {77, 130}});
    });
    story("bfloat16AttentionOfEveryHeadDimension", [] {
        for (const int32_t d_head : {8, 16, 32, 40, 64, 80, 96, 120, 128, 160, 256}) {
            Shape shape{};
            shape.d_head = d_head;
            follows_float64(shape, {{0, 65}, {37, 33}, {96, 1}});
        }
    });
    story("bfloat16AttentionOfGroupedQueriesAndWindows", [] {
        for (const int32_t group : {1, 4, 8}) {
            for (const int32_t window : {0, 1, 7, 64, 70}) {
                Shape shape{};
                shape.heads = 8;
                shape.kv_heads = 8 / group;
                shape.d_head = 32;
                shape.window = window;
                follows_float64(shape, {{0, 41}, {70, 100}, {140, 10}});
            }
        }
    });
    story("bfloat16AttentionOfRowsAndWindowsThatMeetTilesEverywhere", [] {
        /* A warp's first or last query, or the edge of its window, lies at every place of a tile. */
        for (const int32_t window : {0, 20, 90}) {
            Shape shape{};
            shape.heads = shape.kv_heads = 1;
            shape.d_head = 32;
            shape.window = window;
            std::vector<Cut> cuts;
            for (int32_t start = 100; start < 100 + 64; ++start) {
                cuts.push_back({start, 17});
            }
            follows_float64(shape, cuts);
        }
    });
    story("bfloat16AttentionWithCapsSlopesAndSinks", [] {
        for (int choice = 1; choice < 8; ++choice) {
            Shape shape{};
            shape.soft_cap = (choice & 1) != 0 ? 1.5f : 0.0f;
            shape.alibi = (choice & 2) != 0;
            shape.sinks = (choice & 4) != 0;
            shape.window = choice == 7 ? 30 : 0;
            follows_float64(shape, {{0, 70}, {50, 33}});
        }
    });
    story("bfloat16AttentionRoundsZWhereAsked", [] {
        for (const int32_t d_head : {64, 80, 256}) {
            Shape shape{};
            shape.d_head = d_head;
            shape.z_type = PB_CUDA_BFLOAT16;
            follows_float64(shape, {{0, 65}, {20, 17}});
        }
    });
    story("bfloat16AttentionPrefersTheLowestOfEqualKeys", [] {
        for (const int32_t window : {0, 5, 66}) {
            Shape shape{};
            shape.same_keys = true;
            shape.window = window;
            follows_float64(shape, {{0, 3}, {60, 90}});
        }
    });
    story("bfloat16AttentionHasTheSameBitsUnderEveryScheduleAndWithoutStatistics", [] {
        for (const int32_t d_head : {64, 256}) {
            Shape shape{};
            shape.d_head = d_head;
            const Batch batch(shape, {{0, 97}, {100, 65}});
            cuEmulatorSetSeed(0);
            const Results first = batch.run();
            for (const uint64_t seed : {2, 3, 4, 5}) {
                cuEmulatorSetSeed(seed);
                const Results other = batch.run(seed != 5);
                that(first.z == other.z && same_bits(first.lse, other.lse), "other bits, seed " + std::to_string(seed));
                that(seed == 5 || (same_bits(first.entropy, other.entropy) && first.top_index == other.top_index),
                     "other statistics, seed " + std::to_string(seed));
            }
        }
    });
}
