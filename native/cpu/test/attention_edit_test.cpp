/* Edits of scores and patterns: identities, knock-outs, empty rows, every operation against float64. */
#include "attention_case.h"
#include "stories.h"

#include <algorithm>

namespace {

using check::attention_case;
using check::attention_result;
using check::attention_shape;
using check::cut;
using check::floats;

attention_shape shape_of(int32_t length, int32_t window, bool sinks) {
    attention_shape s;
    s.length = length;
    s.window = window;
    s.sinks = sinks;
    s.soft_cap = 5.0f;
    s.alibi = true;
    return s;
}

void rowsWrittenBackGiveTheSameBits() {
    for (const int32_t window : {0, 9}) {
        for (const bool sinks : {false, true}) {
            attention_case c(shape_of(65, window, sinks));
            const std::vector<cut> cuts = {{0, 7, 58}};
            c.capture_all(cuts);
            const attention_result plain = c.run_everywhere(cuts, "plain");
            for (const int32_t stage : {PB_STAGE_SCORES, PB_STAGE_PATTERN}) {
                c.edits.clear();
                c.edit_values = stage == PB_STAGE_SCORES ? plain.scores : plain.pattern;
                for (const pb_attention_row &row : c.pattern_rows) {
                    c.edits.push_back({row.token, row.head, 0, row.token + 8, stage, PB_EDIT_REPLACE, row.offset, 0, 0});
                }
                const attention_result again = c.run_everywhere(cuts, "again");
                check::that(check::same_bits(plain.z, again.z) && check::same_bits(plain.lse, again.lse) &&
                                check::same_bits(plain.pattern, again.pattern) &&
                                check::same_bits(plain.entropy, again.entropy),
                            "bits of stage " + std::to_string(stage));
                check::that(std::all_of(again.change.begin(), again.change.end(), [](float x) { return x == 0.0f; }),
                            "the change is 0");
            }
        }
    }
}

void everyEditFollowsFloat64() {
    attention_case c(shape_of(50, 0, true));
    const std::vector<cut> cuts = {{0, 20, 30}};
    c.capture_all(cuts);
    c.edit_values = check::random_floats(60, 60);
    const auto edit_of = [](int32_t token, int32_t head) {
        const int32_t stage = (token + head) % 2;
        const int32_t ops = 6;
        const int32_t choice = token % ops;
        const int32_t op = choice < 5 ? choice : stage == PB_STAGE_SCORES ? PB_EDIT_KNOCKOUT : PB_EDIT_UNIFORM;
        return pb_attention_edit{token, head, token % 17, token % 17 + 25, stage, op, token % 7, 0.25f, 0};
    };
    for (int32_t token = 0; token < 30; ++token) {
        for (int32_t head = 0; head < 2; ++head) {
            if (token % 4 != 3) { /* some queries stay as they are */
                c.edits.push_back(edit_of(token, head));
            }
        }
    }
    const attention_result r = c.run_everywhere(cuts, "edited");
    size_t e = 0;
    for (int32_t token = 0; token < 30; ++token) {
        for (int32_t head = 0; head < 2; ++head) {
            std::vector<double> row = c.reference_scores(0, token + 20, head);
            double change = 0;
            const auto apply = [&](const pb_attention_edit &edit) {
                for (int32_t j = edit.key_begin; j < std::min(edit.key_end, token + 21); ++j) {
                    double &x = row[static_cast<size_t>(j)];
                    const double before = x, f = static_cast<double>(edit.factor);
                    const double v = static_cast<double>(
                        c.edit_values[static_cast<size_t>(edit.source + j - edit.key_begin)]);
                    x = edit.op == PB_EDIT_FILL          ? f
                        : edit.op == PB_EDIT_REPLACE     ? v
                        : edit.op == PB_EDIT_ADD         ? x + f * v
                        : edit.op == PB_EDIT_SCALE       ? x * f
                        : edit.op == PB_EDIT_INTERPOLATE ? x + f * (v - x)
                        : edit.op == PB_EDIT_UNIFORM     ? 1.0 / (token + 21)
                                                         : -std::numeric_limits<double>::infinity();
                    change = std::max(change, std::fabs(x - before));
                }
            };
            const bool edited = token % 4 != 3;
            if (edited && c.edits[e].stage == PB_STAGE_SCORES) {
                apply(c.edits[e]);
            }
            const auto offset = static_cast<size_t>(c.row_offset(token, head));
            for (size_t j = 0; j < row.size(); ++j) {
                check::near(r.scores[offset + j], row[j], 5e-6, "score");
            }
            double lse = 0;
            row = check::reference_softmax(row, &c.sink_scores[static_cast<size_t>(head)], &lse);
            check::near(r.lse[static_cast<size_t>(token * 2 + head)], lse, 5e-6, "lse");
            if (edited && c.edits[e].stage == PB_STAGE_PATTERN) {
                apply(c.edits[e]);
            }
            for (size_t j = 0; j < row.size(); ++j) {
                check::near(r.pattern[offset + j], row[j], 2e-6, "pattern");
            }
            if (edited) {
                check::near(r.change[e++], change, 1e-5, "change");
            }
            const std::vector<double> z = c.reference_z(0, token + 20, head, row);
            for (size_t d = 0; d < z.size(); ++d) {
                check::near(r.z[static_cast<size_t>(token * 2 + head) * z.size() + d], z[d], 1e-5, "z");
            }
        }
    }
}

void anEditedRowsBitsDoNotDependOnItsNeighbours() {
    attention_case c(shape_of(40, 0, false));
    const attention_result plain = c.run_everywhere({{0, 0, 40}}, "plain");
    c.edits = {{13, 1, 0, 5, PB_STAGE_SCORES, PB_EDIT_KNOCKOUT, 0, 0, 0},
               {13, 1, 3, 9, PB_STAGE_PATTERN, PB_EDIT_SCALE, 0, 0.5f, 0}};
    const attention_result edited = c.run_everywhere({{0, 0, 40}}, "edited");
    for (int64_t place = 0; place < 80; ++place) {
        check::that(check::same_bits(plain.z.data() + place * 16, edited.z.data() + place * 16, 16) == (place != 27),
                    "only the edited query changes");
    }
    c.edits[0].token = c.edits[1].token = 1;
    const attention_result alone = c.run_everywhere({{0, 12, 3}}, "alone");
    check::that(check::same_bits(alone.z.data() + 3 * 16, edited.z.data() + 27 * 16, 16), "bits of the edited query");
}

void aRowWithoutKeysIsAnError() {
    for (pb_cpu_device *device : check::devices()) {
        attention_case c(shape_of(20, 6, false));
        c.edits = {{9, 0, 0, 20, PB_STAGE_SCORES, PB_EDIT_KNOCKOUT, 0, 0, 0}};
        check::that(c.run(device, {{0, 0, 20}}).status == PB_EMPTY_ROW, "empty row");
        attention_case sink(shape_of(20, 6, true));
        sink.edits = c.edits;
        const attention_result r = sink.run(device, {{0, 0, 20}});
        check::ok(r.status, "a sink fills the row");
        check::that(r.z[9 * 32] == 0.0f && r.z[9 * 32 + 15] == 0.0f, "z is 0");
        check::that(r.lse[18] == sink.sink_scores[0], "the sink alone");
        check::that(r.change[0] == check::kInfinity, "the change is infinite");
    }
}

} // namespace

void attention_edit_stories() {
    check::story("rowsWrittenBackGiveTheSameBits", rowsWrittenBackGiveTheSameBits);
    check::story("everyAttentionEditFollowsFloat64", everyEditFollowsFloat64);
    check::story("anEditedRowsBitsDoNotDependOnItsNeighbours", anEditedRowsBitsDoNotDependOnItsNeighbours);
    check::story("aRowWithoutKeysIsAnError", aRowWithoutKeysIsAnError);
}
