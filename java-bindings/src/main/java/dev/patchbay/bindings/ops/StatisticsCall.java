package dev.patchbay.bindings.ops;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.patchbay.bindings.StructWriter;
import dev.patchbay.device.Attention.ChosenTop;
import dev.patchbay.device.Attention.KeyWeights;
import dev.patchbay.device.Attention.Received;
import dev.patchbay.device.Attention.Statistics;
import dev.patchbay.device.TableEntry.RowSpan;
import dev.patchbay.device.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks the tensors of an attention pass's statistics and writes them into its struct. */
record StatisticsCall(Arguments arguments, StructWriter writer, long tokens, int heads, List<RowSpan> rows) {

    /** Goes on with the struct; {@code labels} is where the device finds them. */
    void write(Statistics wanted, long labels) {
        int labelCount = wanted.labels().size();
        top("top_value", "top_index", "topValue", wanted.topValue(), wanted.topIndex());
        writer.pointer("entropy", arguments.denseOrNull("entropy", wanted.entropy(), tokens, heads))
                .pointer("mass", arguments.denseOrNull("mass", wanted.mass(), tokens, (long) heads * labelCount))
                .pointer("labels", labels)
                .int32("label_count", labelCount);
        weights(wanted.weights(), labelCount);
        ChosenTop chosen = wanted.chosen();
        top(
                "chosen_value",
                "chosen_index",
                "chosen value",
                chosen == null ? null : chosen.value(),
                chosen == null ? null : chosen.index());
        writer.int32("chosen_label", chosen == null ? 0 : chosen.label());
        received(wanted.received());
    }

    private void top(
            String valueField, String indexField, String name, @Nullable Tensor value, @Nullable Tensor index) {
        if (index != null) {
            Arguments.requireShape("index of " + name, index, tokens, 2L * heads);
        }
        writer.pointer(valueField, arguments.denseOrNull(name, value, tokens, 2L * heads))
                .pointer(indexField, index == null ? 0 : arguments.integersWritten("index of " + name, index));
    }

    private void weights(@Nullable KeyWeights weights, int labelCount) {
        if (weights == null) {
            writer.pointer("key_weights", 0)
                    .pointer("base_key_weights", 0)
                    .pointer("weighted", 0)
                    .int64("key_weight_stride", 0)
                    .int64("base_key_weight_stride", 0)
                    .int32("weight_count", 0);
            return;
        }
        long columns = (long) heads * weights.count();
        Tensor base = weights.base();
        writer.pointer("key_weights", arguments.floats("key weights", weights.own(), tokens, columns))
                .pointer(
                        "base_key_weights",
                        base == null ? 0 : arguments.floats("base key weights", base, base.rows(), columns))
                .pointer("weighted", arguments.dense("weighted", weights.weighted(), tokens, columns * labelCount))
                .int64("key_weight_stride", Arguments.stride(weights.own()))
                .int64("base_key_weight_stride", base == null ? 0 : Arguments.stride(base))
                .int32("weight_count", weights.count());
    }

    private void received(@Nullable Received received) {
        if (received == null) {
            writer.pointer("received", 0).pointer("received_begin", 0);
            return;
        }
        Tensor mass = received.mass();
        writer.pointer("received", arguments.dense("received mass", mass, mass.rows(), heads))
                .pointer("received_begin", arguments.integers("received begin", received.begin(), rows.size()));
        MemorySegment begins = arguments.values(received.begin());
        for (int row = 0; begins != null && row < rows.size(); row++) {
            int begin = begins.getAtIndex(JAVA_INT, row);
            RowSpan span = rows.get(row);
            if (begin < 0 || (long) begin + span.start() + span.length() > mass.rows()) {
                throw new IllegalArgumentException("received begin[%s] is %s: %s reaches outside the %s lines"
                        .formatted(row, begin, span, mass.rows()));
            }
        }
    }
}
