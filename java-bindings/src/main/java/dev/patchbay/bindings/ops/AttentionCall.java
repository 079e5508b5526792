package dev.patchbay.bindings.ops;

import dev.patchbay.bindings.NativeStructs;
import dev.patchbay.bindings.StructWriter;
import dev.patchbay.bindings.ops.NativeDevice.Operation;
import dev.patchbay.device.Attention;
import dev.patchbay.device.Attention.Capture;
import dev.patchbay.device.Attention.Edits;
import dev.patchbay.device.Attention.MassLabel;
import dev.patchbay.device.Attention.Statistics;
import dev.patchbay.device.DType;
import dev.patchbay.device.DeviceTable;
import dev.patchbay.device.TableEntry.AttentionEdit;
import dev.patchbay.device.TableEntry.AttentionRow;
import dev.patchbay.device.TableEntry.RowSpan;
import dev.patchbay.device.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks one attention pass and hands it to the device; callers have entered it. */
record AttentionCall(NativeDevice device, Arguments arguments) {
    private static final Capture NO_CAPTURE = new Capture(null, null, null, null);

    void run(Attention call) {
        Attention.Shape shape = call.shape();
        AttentionChecks.checkShape(shape);
        NativeTable<RowSpan> rows = arguments.table("rows", call.rows());
        AttentionChecks.checkRows(rows.entries(), call);
        Statistics statistics = call.statistics() == null ? Statistics.NONE : call.statistics();
        AttentionChecks.checkStatistics(statistics, rows.entries());
        long tokens = call.q().rows();
        long queryColumns = (long) shape.heads() * shape.headSize();
        long keyColumns = (long) shape.keyValueHeads() * shape.headSize();

        int alibiPositions = AttentionChecks.alibiPositions(call, rows.entries());
        StructWriter writer = device.parameters();
        long labels = writeLabels(writer, statistics.labels(), rows.entries(), tokens);
        writer.begin(NativeStructs.ATTENTION)
                .pointer("q", arguments.floats("q", call.q(), tokens, queryColumns))
                .pointer("k", arguments.floats("k", call.k(), tokens, keyColumns))
                .pointer("v", arguments.floats("v", call.v(), tokens, keyColumns))
                .pointer("z", arguments.floats("z", call.z(), tokens, queryColumns))
                .pointer("lse", arguments.dense("logSumExp", call.logSumExp(), tokens, shape.heads()))
                .pointer("rows", rows.buffer().address())
                .pointer(
                        "alibi_slopes",
                        alibiPositions == 0
                                ? arguments.denseOrNull("alibiSlopes", call.alibiSlopes(), 1, shape.heads())
                                : arguments.denseOrNull(
                                        "alibiSlopes", call.alibiSlopes(), shape.heads(), alibiPositions))
                .int32("alibi_positions", alibiPositions)
                .pointer("sinks", arguments.denseOrNull("sinks", call.sinks(), 1, shape.heads()))
                .int64("row_count", rows.size())
                .int64("q_stride", Arguments.stride(call.q()))
                .int64("k_stride", Arguments.stride(call.k()))
                .int64("v_stride", Arguments.stride(call.v()))
                .int64("z_stride", Arguments.stride(call.z()))
                .int32("heads", shape.heads())
                .int32("kv_heads", shape.keyValueHeads())
                .int32("d_head", shape.headSize())
                .int32("window", shape.window())
                .float32("scale", shape.scale())
                .float32("soft_cap", shape.softCap());
        writeBase(writer, "base_k", "base_k_stride", call.baseK(), keyColumns);
        writeBase(writer, "base_v", "base_v_stride", call.baseV(), keyColumns);
        writeEdits(writer, call);
        Capture capture = call.capture() == null ? NO_CAPTURE : call.capture();
        long scoreTarget = checkCapture("scores", capture.scoreRows(), capture.scores(), rows.entries(), shape);
        writer.pointer("score_rows", address(capture.scoreRows()))
                .pointer("scores", scoreTarget)
                .int64("score_row_count", size(capture.scoreRows()));
        long patternTarget = checkCapture("pattern", capture.patternRows(), capture.pattern(), rows.entries(), shape);
        writer.pointer("pattern_rows", address(capture.patternRows()))
                .pointer("pattern", patternTarget)
                .int64("pattern_row_count", size(capture.patternRows()));
        new StatisticsCall(arguments, writer, tokens, shape.heads(), rows.entries()).write(statistics, labels);
        AttentionChecks.checkAliasing(call);
        device.attentionForm()
                .extend(writer, shape, rows.entries(), rows.buffer().address(), statistics);
        long parameters = writer.end();
        if (rows.size() > 0) {
            device.run(Operation.ATTENTION, parameters, 1);
        }
    }

    private void writeBase(StructWriter writer, String name, String stride, @Nullable Tensor base, long columns) {
        writer.pointer(name, base == null ? 0 : arguments.floats(name, base, base.rows(), columns))
                .int64(stride, base == null ? 0 : Arguments.stride(base));
    }

    private void writeEdits(StructWriter writer, Attention call) {
        Edits edits = call.edits();
        if (edits == null) {
            writer.pointer("edits", 0)
                    .pointer("edit_values", 0)
                    .pointer("edit_change", 0)
                    .int64("edit_count", 0);
            return;
        }
        NativeTable<AttentionEdit> table = arguments.table("edits", edits.table());
        Tensor values = edits.values();
        AttentionChecks.checkEdits(
                table.entries(), call.q().rows(), call.shape().heads(), values == null ? 0 : values.size());
        writer.pointer("edits", table.buffer().address())
                .pointer("edit_values", values == null ? 0 : arguments.dense("edit values", values, DType.F32))
                .pointer("edit_change", arguments.dense("edit change", edits.change(), 1, table.size()))
                .int64("edit_count", table.size());
    }

    /** Returns the address that captured rows are written to, 0 where none are wanted. */
    private long checkCapture(
            String name,
            @Nullable DeviceTable<AttentionRow> wanted,
            @Nullable Tensor out,
            List<RowSpan> rows,
            Attention.Shape shape) {
        if ((wanted == null) != (out == null)) {
            throw new IllegalArgumentException("capture: " + name + " and its rows come together or not at all");
        }
        if (wanted == null || out == null) {
            return 0;
        }
        NativeTable<AttentionRow> table = arguments.table("capture of " + name, wanted);
        AttentionChecks.checkCapture(name, table.entries(), rows, shape.heads(), out.size());
        return arguments.dense(name, out, DType.F32);
    }

    private static long address(@Nullable DeviceTable<AttentionRow> table) {
        return table instanceof NativeTable<AttentionRow> own ? own.buffer().address() : 0;
    }

    private static long size(@Nullable DeviceTable<AttentionRow> table) {
        return table == null ? 0 : table.size();
    }

    /** Writes the labels one after another and returns the address of the first, for the device. */
    private long writeLabels(StructWriter writer, List<MassLabel> labels, List<RowSpan> rows, long tokens) {
        long first = 0;
        for (MassLabel label : labels) {
            writer.begin(NativeStructs.MASS_LABEL);
            MassLabels.write(writer, arguments, label, rows, tokens);
            long address = writer.end();
            first = first == 0 ? address : first;
        }
        return labels.isEmpty() ? 0 : device.attentionForm().labels(first, labels.size());
    }
}
