/* Attention against float64, its statistics, and the same bits in every batch, start and window. */
#include "attention_case.h"
#include "stories.h"

#include <algorithm>

namespace {

using check::attention_case;
using check::attention_result;
using check::attention_shape;
using check::cut;
using check::floats;

std::string describe(const attention_shape &s) {
    return "d " + std::to_string(s.d_head) + " heads " + std::to_string(s.heads) + "/" + std::to_string(s.kv_heads) +
           " n " + std::to_string(s.length) + " window " + std::to_string(s.window);
}

void compare_with_reference(attention_case &c, const std::vector<cut> &cuts) {
    const attention_shape &s = c.shape;
    const std::string what = describe(s);
    c.capture_all(cuts);
    const attention_result r = c.run_everywhere(cuts, what);
    int64_t token = 0;
    for (const cut &row : cuts) {
        for (int32_t i = row.start; i < row.start + row.length; ++i, ++token) {
            for (int32_t head = 0; head < s.heads; ++head) {
                const auto place = static_cast<size_t>(token * s.heads + head);
                const std::vector<double> scores = c.reference_scores(row.sequence, i, head);
                double lse = 0;
                const std::vector<double> pattern = check::reference_softmax(
                    scores, s.sinks ? &c.sink_scores[static_cast<size_t>(head)] : nullptr, &lse);
                check::near(r.lse[place], lse, 2e-6 * (std::fabs(lse) + 1), what + " lse");
                const auto offset = static_cast<size_t>(c.row_offset(token, head));
                double entropy = 0;
                for (size_t j = 0; j < scores.size(); ++j) {
                    check::near(r.scores[offset + j], scores[j], 5e-6, what + " score");
                    check::near(r.pattern[offset + j], pattern[j], 2e-6, what + " pattern");
                    entropy -= pattern[j] > 0 ? pattern[j] * std::log(pattern[j]) : 0;
                }
                check::near(r.entropy[place], entropy, 1e-5, what + " entropy");
                const std::vector<double> z = c.reference_z(row.sequence, i, head, pattern);
                for (int32_t d = 0; d < s.d_head; ++d) {
                    check::near(r.z[place * static_cast<size_t>(s.d_head) + static_cast<size_t>(d)],
                                z[static_cast<size_t>(d)], 5e-6, what + " z");
                }
            }
        }
    }
}

void attentionFollowsFloat64() {
    for (const int32_t d_head : {8, 12, 16, 64, 80, 128}) {
        for (const int32_t length : {1, 15, 17, 65}) {
            attention_shape s;
            s.d_head = d_head;
            s.length = length;
            attention_case c(s);
            compare_with_reference(c, {{0, 0, length}});
        }
    }
    for (const int32_t length : {63, 64, 97}) {
        attention_shape s;
        s.length = length;
        s.sequences = 3;
        attention_case c(s);
        compare_with_reference(c, {{2, 0, length}, {0, length - 1, 1}, {1, length / 2, length - length / 2}});
    }
}

void attentionVariantsFollowFloat64() {
    attention_shape s;
    s.heads = 4;
    s.length = 41;
    for (const int32_t group : {1, 2, 4}) {
        for (const int32_t window : {0, 1, 3, 16, 20}) {
            for (const int features : {0, 1, 2, 4, 7}) {
                s.kv_heads = s.heads / group;
                s.window = window;
                s.soft_cap = (features & 1) != 0 ? 1.5f : 0.0f;
                s.alibi = (features & 2) != 0;
                s.sinks = (features & 4) != 0;
                attention_case c(s);
                compare_with_reference(c, {{0, 0, s.length}, {0, 19, 13}});
            }
        }
    }
}

/* Also: base keys outside the window are NaN in these cases, and do not leak. */
void aRowsBitsDoNotDependOnStartOrBatch() {
    for (const int32_t window : {0, 7, 33}) {
        for (const int32_t d_head : {12, 64}) {
            attention_shape s;
            s.length = 97;
            s.sequences = 2;
            s.window = window;
            s.d_head = d_head;
            s.kv_heads = 1;
            const attention_case c(s);
            const int64_t width = s.heads * s.d_head;
            const attention_result whole = c.run_everywhere({{0, 0, 97}}, "whole");
            for (const int32_t start : {0, 1, 5, 16, 48, 50, 96}) {
                const std::vector<cut> batch = {{1, 3, 20}, {0, start, 97 - start}, {1, 0, 1}};
                const attention_result part = c.run_everywhere(batch, "part");
                check::that(check::same_bits(part.z.data() + 20 * width, whole.z.data() + start * width,
                                             (97 - start) * width),
                            "z from start " + std::to_string(start));
                check::that(check::same_bits(part.lse.data() + 20 * s.heads, whole.lse.data() + start * s.heads,
                                             (97 - start) * s.heads),
                            "lse from start " + std::to_string(start));
                check::that(check::same_bits(part.entropy.data() + 20 * s.heads, whole.entropy.data() + start * s.heads,
                                             (97 - start) * s.heads),
                            "entropy from start " + std::to_string(start));
                const attention_result alone = c.run_everywhere({{0, start, 1}}, "alone");
                check::that(check::same_bits(alone.z.data(), whole.z.data() + start * width, width), "z of one query");
            }
        }
    }
}

void capturesAndStatisticsDoNotChangeTheResult() {
    attention_shape s;
    s.length = 65;
    attention_case c(s);
    const std::vector<cut> cuts = {{0, 0, 65}};
    c.capture_all(cuts);
    const attention_result with = c.run_everywhere(cuts, "with");
    c.score_rows.clear();
    c.pattern_rows.clear();
    c.statistics = false;
    const attention_result without = c.run_everywhere(cuts, "without");
    check::that(check::same_bits(with.z, without.z) && check::same_bits(with.lse, without.lse), "bits");
}

void theTwoLargestWeightsAreFound() {
    attention_shape s;
    s.length = 65;
    s.window = 20;
    attention_case c(s);
    const std::vector<cut> cuts = {{0, 0, 65}};
    c.capture_all(cuts);
    /* Equal weights: the lowest two keys of the window win. */
    c.edits = {{50, 1, 0, 65, PB_STAGE_PATTERN, PB_EDIT_UNIFORM, 0, 0, 0}};
    const attention_result r = c.run_everywhere(cuts, "top");
    for (int32_t i = 0; i < 65; ++i) {
        for (int32_t head = 0; head < s.heads; ++head) {
            const auto offset = static_cast<size_t>(c.row_offset(i, head));
            const int32_t first = std::max(0, i - 19);
            int32_t best[2] = {-1, -1};
            for (int32_t j = first; j <= i; ++j) {
                const auto weight = [&](int32_t key) { return r.pattern[offset + static_cast<size_t>(key)]; };
                if (best[0] < 0 || weight(j) > weight(best[0])) {
                    best[1] = best[0];
                    best[0] = j;
                } else if (best[1] < 0 || weight(j) > weight(best[1])) {
                    best[1] = j;
                }
            }
            for (size_t place = 0; place < 2; ++place) {
                const size_t at = static_cast<size_t>(i * s.heads + head) * 2 + place;
                check::that(r.top_index[at] == best[place], "key of place " + std::to_string(place));
                check::that(r.top_value[at] ==
                                (best[place] < 0 ? 0.0f : r.pattern[offset + static_cast<size_t>(best[place])]),
                            "weight");
            }
        }
    }
    check::that(r.top_index[50 * 4 + 2] == 31 && r.top_index[50 * 4 + 3] == 32, "ties give the lowest keys");
    check::that(r.top_index[1] == -1, "the first query has no second key");
}

void labelledMassesSumThePattern() {
    attention_shape s;
    s.length = 40;
    s.window = 30;
    s.sinks = true;
    attention_case c(s);
    const std::vector<cut> cuts = {{0, 10, 30}, {0, 0, 25}};
    c.capture_all(cuts);
    std::vector<int32_t> codes;
    const std::vector<int32_t> code_base = {3, 43};
    for (int32_t i = 0; i < 43 + 25; ++i) {
        codes.push_back(i * i % 5);
    }
    std::vector<int32_t> list, list_begin = {0};
    for (int32_t token = 0; token < 55; ++token) {
        for (int32_t key = token % 3; key < 38; key += 1 + token % 4) {
            list.push_back(key);
        }
        list_begin.push_back(static_cast<int32_t>(list.size()));
    }
    const auto label = [&](int32_t predicate, int32_t a, int32_t b, int32_t without_self = 0) {
        return pb_mass_label{predicate,        a,          b,
                             without_self,     codes.data(), codes.data(),
                             code_base.data(), list.data(), list_begin.data()};
    };
    c.labels = {label(PB_MASS_RANGE, 5, 23),  label(PB_MASS_OFFSET, 1, 0), label(PB_MASS_CODE, 0, 0, 1),
                label(PB_MASS_CODE, 0, 0),    label(PB_MASS_LISTED, 0, 0), label(PB_MASS_SINK, 0, 0),
                label(PB_MASS_RANGE, -9, 99), label(PB_MASS_OFFSET, 35, 0)};
    const attention_result r = c.run_everywhere(cuts, "mass");
    int32_t token = 0;
    for (size_t row = 0; row < cuts.size(); ++row) {
        for (int32_t i = cuts[row].start; i < cuts[row].start + cuts[row].length; ++i, ++token) {
            for (int32_t head = 0; head < s.heads; ++head) {
                const auto offset = static_cast<size_t>(c.row_offset(token, head));
                double want[8] = {};
                for (int32_t j = 0; j <= i; ++j) {
                    const double p = static_cast<double>(r.pattern[offset + static_cast<size_t>(j)]);
                    const bool same = codes[static_cast<size_t>(code_base[row] + j)] ==
                                      codes[static_cast<size_t>(code_base[row] + i)];
                    const auto from = list.begin() + list_begin[static_cast<size_t>(token)];
                    const auto to = list.begin() + list_begin[static_cast<size_t>(token) + 1];
                    want[0] += j >= 5 && j < 23 ? p : 0;
                    want[1] += j == i - 1 ? p : 0;
                    want[2] += same && j != i ? p : 0;
                    want[3] += same ? p : 0;
                    want[4] += std::find(from, to, j) != to ? p : 0;
                    want[6] += p;
                    want[7] += j == i - 35 ? p : 0;
                }
                want[5] = 1 - want[6];
                for (size_t l = 0; l < 8; ++l) {
                    check::near(r.mass[static_cast<size_t>(token * s.heads + head) * 8 + l], want[l], 2e-6,
                                "label " + std::to_string(l));
                }
            }
        }
    }
}

} // namespace

void attention_stories() {
    check::story("attentionFollowsFloat64", attentionFollowsFloat64);
    check::story("attentionVariantsFollowFloat64", attentionVariantsFollowFloat64);
    check::story("aRowsBitsDoNotDependOnStartOrBatch", aRowsBitsDoNotDependOnStartOrBatch);
    check::story("capturesAndStatisticsDoNotChangeTheResult", capturesAndStatisticsDoNotChangeTheResult);
    check::story("theTwoLargestWeightsAreFound", theTwoLargestWeightsAreFound);
    check::story("labelledMassesSumThePattern", labelledMassesSumThePattern);
}
