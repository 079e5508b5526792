#include "attention_case.h"

#include <algorithm>

namespace check {

namespace {
constexpr int64_t kGap = 5;       /* poisoned floats behind every row */
constexpr int32_t kBaseFirst = 2; /* poisoned base rows before a row's base */
} // namespace

floats attention_result::all() const {
    floats out;
    for (const floats *part : {&z, &lse, &top_value, &entropy, &mass, &change, &scores, &pattern}) {
        out.insert(out.end(), part->begin(), part->end());
    }
    for (const int32_t index : top_index) {
        out.push_back(static_cast<float>(index));
    }
    return out;
}

attention_case::attention_case(const attention_shape &s, uint64_t seed)
    : shape(s), scale(1.0f / std::sqrt(static_cast<float>(s.d_head))) {
    const int64_t tokens = static_cast<int64_t>(s.sequences) * s.length;
    q_ = random_floats(tokens * s.heads * s.d_head, seed, 2.0f);
    k_ = random_floats(tokens * s.kv_heads * s.d_head, seed + 1, 2.0f);
    v_ = random_floats(tokens * s.kv_heads * s.d_head, seed + 2);
    slopes = random_floats(s.heads, seed + 3, 0.3f);
    sink_scores = random_floats(s.heads, seed + 4, 2.0f);
}

attention_result attention_case::run(pb_cpu_device *device, const std::vector<cut> &cuts) const {
    const int64_t q_width = static_cast<int64_t>(shape.heads) * shape.d_head;
    const int64_t kv_width = static_cast<int64_t>(shape.kv_heads) * shape.d_head;
    const int64_t q_stride = q_width + kGap, kv_stride = kv_width + kGap;
    std::vector<pb_row> rows;
    floats q, k, v, base_k, base_v;
    const auto append = [](floats &to, const float *from, int64_t width) {
        to.insert(to.end(), from, from + width);
        to.insert(to.end(), kGap, kNaN);
    };
    const floats nothing = poisoned(kv_width);
    int32_t tokens = 0;
    for (const cut &c : cuts) {
        for (int32_t i = 0; i < kBaseFirst; ++i) {
            append(base_k, nothing.data(), kv_width);
            append(base_v, nothing.data(), kv_width);
        }
        rows.push_back({tokens, c.length, c.start, static_cast<int32_t>(static_cast<int64_t>(base_k.size()) / kv_stride)});
        for (int32_t i = 0; i < c.start + c.length; ++i) {
            const float *key = at(k_, static_cast<int32_t>(kv_width), c.sequence, i);
            const float *value = at(v_, static_cast<int32_t>(kv_width), c.sequence, i);
            if (i < c.start) {
                const bool hidden = shape.window > 0 && i <= c.start - shape.window;
                append(base_k, hidden ? nothing.data() : key, kv_width);
                append(base_v, hidden ? nothing.data() : value, kv_width);
            } else {
                append(q, at(q_, static_cast<int32_t>(q_width), c.sequence, i), q_width);
                append(k, key, kv_width);
                append(v, value, kv_width);
            }
        }
        tokens += c.length;
    }
    const int64_t queries = static_cast<int64_t>(tokens) * shape.heads;
    const auto label_count = static_cast<int32_t>(labels.size());
    attention_result r;
    r.z = poisoned(tokens * q_stride);
    r.lse = poisoned(queries);
    r.top_value = poisoned(2 * queries);
    r.top_index.assign(static_cast<size_t>(2 * queries), -7);
    r.entropy = poisoned(queries);
    r.mass = poisoned(queries * label_count);
    r.change = poisoned(static_cast<int64_t>(edits.size()));
    r.scores = poisoned(captured);
    r.pattern = poisoned(captured);
    pb_attention p{};
    p.q = q.data();
    p.k = k.data();
    p.v = v.data();
    p.base_k = base_k.data();
    p.base_v = base_v.data();
    p.z = r.z.data();
    p.lse = r.lse.data();
    p.rows = rows.data();
    p.alibi_slopes = shape.alibi ? slopes.data() : nullptr;
    p.sinks = shape.sinks ? sink_scores.data() : nullptr;
    p.edits = edits.data();
    p.edit_values = edit_values.data();
    p.edit_change = r.change.data();
    p.score_rows = score_rows.data();
    p.scores = r.scores.data();
    p.pattern_rows = pattern_rows.data();
    p.pattern = r.pattern.data();
    p.top_value = statistics ? r.top_value.data() : nullptr;
    p.top_index = statistics ? r.top_index.data() : nullptr;
    p.entropy = statistics ? r.entropy.data() : nullptr;
    p.mass = label_count > 0 ? r.mass.data() : nullptr;
    p.labels = labels.data();
    p.row_count = static_cast<int64_t>(rows.size());
    p.edit_count = static_cast<int64_t>(edits.size());
    p.score_row_count = static_cast<int64_t>(score_rows.size());
    p.pattern_row_count = static_cast<int64_t>(pattern_rows.size());
    p.q_stride = q_stride;
    p.k_stride = p.v_stride = p.base_k_stride = p.base_v_stride = kv_stride;
    p.z_stride = q_stride;
    p.heads = shape.heads;
    p.kv_heads = shape.kv_heads;
    p.d_head = shape.d_head;
    p.window = shape.window;
    p.label_count = label_count;
    p.scale = scale;
    p.soft_cap = shape.soft_cap;
    r.status = pb_cpu_attention(device, &p);
    /* Tests read z without the gap, which must have stayed untouched. */
    floats z;
    for (int64_t t = 0; t < tokens; ++t) {
        z.insert(z.end(), r.z.begin() + t * q_stride, r.z.begin() + t * q_stride + q_width);
        that(std::all_of(r.z.begin() + t * q_stride + q_width, r.z.begin() + (t + 1) * q_stride,
                         [](float x) { return std::isnan(x); }),
             "attention wrote behind z");
    }
    r.z = z;
    return r;
}

attention_result attention_case::run_everywhere(const std::vector<cut> &cuts, const std::string &what) const {
    attention_result result;
    same_on_all(what, [&](pb_cpu_device *device) {
        result = run(device, cuts);
        ok(result.status, what);
        return result.all();
    });
    return result;
}

void attention_case::capture_all(const std::vector<cut> &cuts) {
    score_rows.clear();
    pattern_rows.clear();
    captured = 0;
    int32_t token = 0;
    for (const cut &c : cuts) {
        for (int32_t i = 0; i < c.length; ++i, ++token) {
            for (int32_t head = 0; head < shape.heads; ++head) {
                score_rows.push_back({token, head, captured});
                captured += c.start + i + 1;
            }
        }
    }
    pattern_rows = score_rows;
}

int64_t attention_case::row_offset(int64_t token, int32_t head) const {
    return pattern_rows[static_cast<size_t>(token * shape.heads + head)].offset;
}

std::vector<double> attention_case::reference_scores(int32_t sequence, int32_t position, int32_t head) const {
    const int32_t d = shape.d_head, kv_head = head / (shape.heads / shape.kv_heads);
    const float *q = at(q_, shape.heads * d, sequence, position) + head * d;
    std::vector<double> scores;
    for (int32_t j = 0; j <= position; ++j) {
        if (shape.window > 0 && j <= position - shape.window) {
            scores.push_back(-std::numeric_limits<double>::infinity());
            continue;
        }
        const float *k = at(k_, shape.kv_heads * d, sequence, j) + kv_head * d;
        double dot = 0;
        for (int32_t i = 0; i < d; ++i) {
            dot += static_cast<double>(q[i]) * static_cast<double>(k[i]);
        }
        dot *= static_cast<double>(scale);
        const double cap = static_cast<double>(shape.soft_cap);
        dot = cap > 0 ? cap * std::tanh(dot / cap) : dot;
        scores.push_back(shape.alibi ? dot + static_cast<double>(slopes[static_cast<size_t>(head)]) * (j - position)
                                     : dot);
    }
    return scores;
}

std::vector<double> attention_case::reference_z(int32_t sequence, int32_t position, int32_t head,
                                                const std::vector<double> &pattern) const {
    const int32_t d = shape.d_head, kv_head = head / (shape.heads / shape.kv_heads);
    std::vector<double> z(static_cast<size_t>(d));
    for (int32_t j = 0; j <= position; ++j) {
        const float *v = at(v_, shape.kv_heads * d, sequence, j) + kv_head * d;
        for (int32_t i = 0; i < d; ++i) {
            z[static_cast<size_t>(i)] += pattern[static_cast<size_t>(j)] * static_cast<double>(v[i]);
        }
    }
    return z;
}

std::vector<double> reference_softmax(const std::vector<double> &scores, const float *sink, double *log_sum_exp) {
    double most = *std::max_element(scores.begin(), scores.end());
    most = sink != nullptr ? std::fmax(most, static_cast<double>(*sink)) : most;
    double sum = sink != nullptr ? std::exp(static_cast<double>(*sink) - most) : 0;
    for (const double s : scores) {
        sum += std::exp(s - most);
    }
    std::vector<double> pattern;
    for (const double s : scores) {
        pattern.push_back(std::exp(s - most) / sum);
    }
    *log_sum_exp = most + std::log(sum);
    return pattern;
}

} // namespace check
