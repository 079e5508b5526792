/*
 * A set of sequences with their q, k, v, from which batches are cut: any sequence, any start, any order. Keys before a
 * row's start go to the base tensors; all memory a row may not read is NaN.
 */
#ifndef PATCHBAY_CPU_ATTENTION_CASE_H
#define PATCHBAY_CPU_ATTENTION_CASE_H

#include "check.h"

namespace check {

struct attention_shape {
    int32_t heads = 2;
    int32_t kv_heads = 2;
    int32_t d_head = 16;
    int32_t length = 17; /* of every sequence */
    int32_t sequences = 1;
    int32_t window = 0;
    float soft_cap = 0.0f;
    bool alibi = false;
    bool sinks = false;
};

/* Tokens [start, start + length) of a sequence. */
struct cut {
    int32_t sequence;
    int32_t start;
    int32_t length;
};

struct attention_result {
    int32_t status = -1;
    floats z, lse, top_value, entropy, mass, change, scores, pattern;
    std::vector<int32_t> top_index;
    /* Everything as one vector, for bit comparisons. */
    floats all() const;
};

class attention_case {
  public:
    explicit attention_case(const attention_shape &shape, uint64_t seed = 50);

    attention_result run(pb_cpu_device *device, const std::vector<cut> &cuts) const;
    /* The same bits on every device. */
    attention_result run_everywhere(const std::vector<cut> &cuts, const std::string &what) const;

    /* All score and pattern rows of `cuts`, in order. */
    void capture_all(const std::vector<cut> &cuts);
    /* Offset in `scores` and `pattern` of capture_all. */
    int64_t row_offset(int64_t token, int32_t head) const;

    /* float64: scores before edits (-inf where hidden) and z of a pattern. */
    std::vector<double> reference_scores(int32_t sequence, int32_t position, int32_t head) const;
    std::vector<double> reference_z(int32_t sequence, int32_t position, int32_t head,
                                    const std::vector<double> &pattern) const;

    const attention_shape shape;
    std::vector<pb_attention_edit> edits;
    floats edit_values;
    std::vector<pb_mass_label> labels;
    std::vector<pb_attention_row> score_rows, pattern_rows;
    int64_t captured = 0;
    bool statistics = true;
    floats slopes, sink_scores;
    float scale;

  private:
    const float *at(const floats &matrix, int32_t width, int32_t sequence, int32_t position) const {
        return matrix.data() + (static_cast<int64_t>(sequence) * shape.length + position) * width;
    }
    floats q_, k_, v_;
};

/* Softmax in float64; the sink, where there is one, takes its share. */
std::vector<double> reference_softmax(const std::vector<double> &scores, const float *sink, double *log_sum_exp);

} // namespace check

#endif
