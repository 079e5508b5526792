/*
 * Attention of one head over up to kQueryBlock queries of a row: scores, score edits and captures, softmax, pattern edits
 * and captures, statistics, z. 4 d_head FLOPs a visible pair. A query's numbers never meet another query's: blocking only
 * shares the loads of keys and values. Keys before the window are not visited.
 */
#include "attention_edits.h"
#include "attention_scores.h"
#include "attention_softmax.h"
#include "attention_statistics.h"
#include "attention_values.h"

namespace PB_KERNEL_NAMESPACE {

pb_status attention(const attention_task &task) {
    const attention_view view(task);
    const pb_attention &params = view.params;
    const bool edits = params.edit_count > 0;
    score_block(view);
    for (int64_t query = task.query_begin; query < task.query_end; ++query) {
        if (edits) {
            apply_edits(view, query, PB_STAGE_SCORES);
        }
        if (params.score_row_count > 0) {
            capture_rows(view, query, params.score_rows, params.score_row_count, params.scores, -__builtin_inff());
        }
        const softmax_result result = softmax(view, query);
        if (result.empty) {
            return PB_EMPTY_ROW;
        }
        params.lse[view.token(query) * params.heads + view.head] = result.log_sum_exp;
        if (edits) {
            apply_edits(view, query, PB_STAGE_PATTERN);
        }
        if (params.pattern_row_count > 0) {
            capture_rows(view, query, params.pattern_rows, params.pattern_row_count, params.pattern, 0.0f);
        }
        write_statistics(view, query, result.sink);
    }
    value_rows(view);
    return PB_OK;
}

} // namespace PB_KERNEL_NAMESPACE
