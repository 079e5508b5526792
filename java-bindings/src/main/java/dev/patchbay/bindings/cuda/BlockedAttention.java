package dev.patchbay.bindings.cuda;

import dev.patchbay.bindings.NativeStructs;
import dev.patchbay.bindings.StructWriter;
import dev.patchbay.bindings.ops.AttentionForm;
import dev.patchbay.device.Attention;
import dev.patchbay.device.DeviceException;
import dev.patchbay.device.TableEntry.RowSpan;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Attention by {@code pb_cuda_attention}: blocks of queries, labels in device memory, a word for failures. */
record BlockedAttention(CudaDevice device, int sharedMemory) implements AttentionForm {
    private static final int UNSUPPORTED = 3;

    private record Block(int row, int query, int keys) {}

    @Override
    public long planBytes(List<RowSpan> rows) {
        return Math.multiplyExact(blocks(rows), NativeStructs.CUDA_ATTENTION_BLOCK.size());
    }

    private static long blocks(List<RowSpan> rows) {
        long count = 0;
        for (RowSpan row : rows) {
            count += Math.ceilDiv(row.length(), CudaLaunches.ATTENTION_QUERIES);
        }
        return count;
    }

    /** Those with the most keys first, so that the last to run are short. */
    @Override
    public void writePlan(StructWriter writer, List<RowSpan> rows) {
        List<Block> blocks = new ArrayList<>();
        for (int row = 0; row < rows.size(); row++) {
            RowSpan span = rows.get(row);
            for (int query = 0; query < span.length(); query += CudaLaunches.ATTENTION_QUERIES) {
                blocks.add(new Block(row, query, span.start() + query));
            }
        }
        blocks.sort(Comparator.comparingInt(Block::keys).reversed());
        for (Block block : blocks) {
            writer.begin(NativeStructs.CUDA_ATTENTION_BLOCK)
                    .int32("row", block.row())
                    .int32("query", block.query())
                    .end();
        }
    }

    @Override
    public long labels(long address, int count) {
        return device.uploadLabels(address, count);
    }

    @Override
    public void extend(StructWriter writer, Attention.Shape shape, List<RowSpan> rows, long address, int labels) {
        int span =
                rows.stream().mapToInt(row -> row.start() + row.length()).max().orElse(0);
        int capacity = CudaLaunches.scoreCapacity(span, shape.window(), shape.headSize(), labels, sharedMemory);
        long needed =
                CudaLaunches.attention(1, 1, shape.headSize(), labels, capacity).sharedBytes();
        if (needed > sharedMemory) {
            throw new DeviceException(
                    "attention",
                    UNSUPPORTED,
                    "heads of %s need %s bytes of shared memory, %s has %s a block"
                            .formatted(shape.headSize(), needed, device.name(), sharedMemory));
        }
        writer.extend(NativeStructs.CUDA_ATTENTION)
                .pointer("blocks", address + rows.size() * NativeStructs.ROW.size())
                .pointer("status", device.statusAddress())
                .int64("block_count", blocks(rows))
                .int32("score_capacity", capacity);
    }
}
