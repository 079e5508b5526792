package dev.patchbay.bindings.cuda;

import dev.patchbay.bindings.NativeStructs;
import dev.patchbay.bindings.StructWriter;
import dev.patchbay.bindings.ops.AttentionForm;
import dev.patchbay.device.Attention;
import dev.patchbay.device.Attention.KeyWeights;
import dev.patchbay.device.Attention.Statistics;
import dev.patchbay.device.DeviceException;
import dev.patchbay.device.TableEntry.RowSpan;
import java.util.List;

/**
 * Attention by {@code pb_cuda_attention}: a plan of who does what, labels in device memory, a word for failures. Used by
 * one thread at a time, as its device is.
 */
final class BlockedAttention implements AttentionForm {
    private static final int UNSUPPORTED = 3;

    private final CudaDevice device;
    private final int sharedMemory;
    private List<RowSpan> planned = List.of();
    private AttentionPlan plan = AttentionPlan.of(planned);

    BlockedAttention(CudaDevice device, int sharedMemory) {
        this.device = device;
        this.sharedMemory = sharedMemory;
    }

    /** The plan of a batch: the layers of a pass ask for the same one again and again. */
    @SuppressWarnings("ReferenceEquality") // the very list of a table, which does not change
    private AttentionPlan plan(List<RowSpan> rows) {
        if (planned != rows) {
            plan = AttentionPlan.of(rows);
            planned = rows;
        }
        return plan;
    }

    @Override
    public long planBytes(List<RowSpan> rows) {
        return plan(rows).bytes();
    }

    /** Those with the most keys first, so that the last to run are short. */
    @Override
    public void writePlan(StructWriter writer, List<RowSpan> rows) {
        plan(rows).write(writer);
    }

    @Override
    public long labels(long address, int count) {
        return device.uploadLabels(address, count);
    }

    @Override
    public void extend(
            StructWriter writer, Attention.Shape shape, List<RowSpan> rows, long address, Statistics statistics) {
        KeyWeights weights = statistics.weights();
        int fields = CudaLaunches.attentionStateFields(
                statistics.labels().size(), weights == null ? 0 : weights.count(), statistics.chosen() != null);
        int span =
                rows.stream().mapToInt(row -> row.start() + row.length()).max().orElse(0);
        int capacity = CudaLaunches.scoreCapacity(span, shape.window(), shape.headSize(), fields, sharedMemory);
        long needed =
                CudaLaunches.attention(1, 1, shape.headSize(), fields, capacity).sharedBytes();
        if (needed > sharedMemory) {
            throw new DeviceException(
                    "attention",
                    UNSUPPORTED,
                    "heads of %s need %s bytes of shared memory, %s has %s a block"
                            .formatted(shape.headSize(), needed, device.name(), sharedMemory));
        }
        boolean general =
                CudaLaunches.attentionTiny(1, 1, shape.headSize(), fields).sharedBytes() > sharedMemory;
        writer.extend(NativeStructs.CUDA_ATTENTION);
        plan(rows).refer(writer, address + rows.size() * NativeStructs.ROW.size(), general);
        writer.pointer("status", device.statusAddress())
                .int32("score_capacity", capacity)
                .int32("span", span);
    }
}
