package dev.patchbay.bindings.cuda;

import dev.patchbay.bindings.NativeStructs;
import dev.patchbay.bindings.StructWriter;
import dev.patchbay.device.TableEntry.RowSpan;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which of the three float32 kernels of attention does which queries of a batch: short rows that start at one place over
 * one base are stacked, rows that end within the first tile are tiny, the others are blocks. All three give the same bits.
 *
 * @param blocks of 16 queries of a row, for the general kernel
 * @param spare blocks of the rows that are tiny or stacked, for a device without the shared memory for those kernels
 * @param tiny rows, for the tiny kernel
 * @param items stacked queries
 * @param stacks stretches of {@code items}, for the stacked kernel
 */
record AttentionPlan(List<Block> blocks, List<Block> spare, List<Block> tiny, List<Block> items, List<Stack> stacks) {
    /** Longest row that is stacked. */
    static final int STACKED_LENGTH = 4;
    /** Fewest queries of a stack: fewer gain nothing by sharing their base's keys. */
    static final int STACKED_QUERIES = 4;
    /** Positions of a tiny row. */
    static final int TINY_POSITIONS = 64;

    /** A query of a row; of several, the first. */
    record Block(int row, int query) {}

    /** Items {@code [first, first + count)}. */
    record Stack(int first, int count) {}

    private record Base(int start, int row) {}

    /** The plan of a batch. */
    static AttentionPlan of(List<RowSpan> rows) {
        Map<Base, List<Block>> byBase = new LinkedHashMap<>();
        for (int row = 0; row < rows.size(); row++) {
            RowSpan span = rows.get(row);
            if (span.start() > 0 && span.length() <= STACKED_LENGTH) {
                List<Block> queries =
                        byBase.computeIfAbsent(new Base(span.start(), span.base()), _ -> new ArrayList<>());
                for (int query = 0; query < span.length(); query++) {
                    queries.add(new Block(row, query));
                }
            }
        }
        boolean[] stacked = new boolean[rows.size()];
        List<Block> items = new ArrayList<>();
        List<Stack> stacks = new ArrayList<>();
        for (List<Block> queries : byBase.values()) {
            if (queries.size() < STACKED_QUERIES) {
                continue;
            }
            queries.sort(Comparator.comparingInt(Block::query));
            for (int first = 0; first < queries.size(); first += CudaLaunches.ATTENTION_QUERIES) {
                int count = Math.min(CudaLaunches.ATTENTION_QUERIES, queries.size() - first);
                stacks.add(new Stack(items.size() + first, count));
            }
            items.addAll(queries);
            queries.forEach(query -> stacked[query.row()] = true);
        }
        List<Block> blocks = new ArrayList<>();
        List<Block> spare = new ArrayList<>();
        List<Block> tiny = new ArrayList<>();
        for (int row = 0; row < rows.size(); row++) {
            RowSpan span = rows.get(row);
            boolean small = span.start() + span.length() <= TINY_POSITIONS;
            if (small && !stacked[row] && span.length() > 0) {
                tiny.add(new Block(row, 0));
            }
            for (int query = 0; query < span.length(); query += CudaLaunches.ATTENTION_QUERIES) {
                (small || stacked[row] ? spare : blocks).add(new Block(row, query));
            }
        }
        blocks.sort(byKeys(rows).reversed());
        tiny.sort(Comparator.comparingInt((Block block) -> rows.get(block.row()).length())
                .reversed());
        return new AttentionPlan(blocks, spare, tiny, items, stacks);
    }

    /** Bytes it takes. */
    long bytes() {
        long entries = (long) blocks.size() + spare.size() + tiny.size() + items.size() + stacks.size();
        return Math.multiplyExact(entries, NativeStructs.CUDA_ATTENTION_BLOCK.size());
    }

    /** Blocks of so many queries that rows fall into. */
    static long blocks(List<RowSpan> rows, int queries) {
        long count = 0;
        for (RowSpan row : rows) {
            count += Math.ceilDiv(row.length(), queries);
        }
        return count;
    }

    /** Writes those {@link #blocks(List, int)}, the ones with the most keys first, so that the last to run are short. */
    static void writeBlocks(StructWriter writer, List<RowSpan> rows, int queries) {
        List<Block> blocks = new ArrayList<>();
        for (int row = 0; row < rows.size(); row++) {
            for (int query = 0; query < rows.get(row).length(); query += queries) {
                blocks.add(new Block(row, query));
            }
        }
        blocks.sort(byKeys(rows).reversed());
        write(writer, blocks);
    }

    private static Comparator<Block> byKeys(List<RowSpan> rows) {
        return Comparator.comparingInt(block -> rows.get(block.row()).start() + block.query());
    }

    private static void write(StructWriter writer, List<Block> blocks) {
        for (Block block : blocks) {
            writer.begin(NativeStructs.CUDA_ATTENTION_BLOCK)
                    .int32("row", block.row())
                    .int32("query", block.query())
                    .end();
        }
    }

    /** Writes it: blocks, spare ones, tiny rows, items, stacks. */
    void write(StructWriter writer) {
        List.of(blocks, spare, tiny, items).forEach(part -> write(writer, part));
        for (Stack stack : stacks) {
            writer.begin(NativeStructs.CUDA_ATTENTION_STACK)
                    .int32("first_item", stack.first())
                    .int32("count", stack.count())
                    .end();
        }
    }

    /** Goes on with the struct of a pass whose plan lies at {@code address}; {@code general}: by the general kernel alone. */
    void refer(StructWriter writer, long address, boolean general) {
        long size = NativeStructs.CUDA_ATTENTION_BLOCK.size();
        long tinyAt = address + size * (blocks.size() + spare.size());
        long itemsAt = tinyAt + size * tiny.size();
        writer.pointer("blocks", address)
                .pointer("tiny", tinyAt)
                .pointer("items", itemsAt)
                .pointer("stacks", itemsAt + size * items.size())
                .int64("block_count", blocks.size() + (general ? (long) spare.size() : 0))
                .int64("tiny_count", general ? 0 : tiny.size())
                .int64("stack_count", general ? 0 : stacks.size());
    }
}
