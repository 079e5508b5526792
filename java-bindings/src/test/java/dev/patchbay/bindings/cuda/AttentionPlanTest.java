package dev.patchbay.bindings.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.bindings.cuda.AttentionPlan.Block;
import dev.patchbay.bindings.cuda.AttentionPlan.Stack;
import dev.patchbay.device.TableEntry.RowSpan;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AttentionPlanTest {
    @Test
    void rowsGoToTheKernelOfTheirShape() {
        List<RowSpan> rows = List.of(
                new RowSpan(0, 100, 0, 0),
                new RowSpan(100, 15, 0, 0),
                new RowSpan(115, 1, 99, 0),
                new RowSpan(116, 2, 99, 0),
                new RowSpan(118, 1, 99, 0),
                new RowSpan(119, 1, 99, 100));
        AttentionPlan plan = AttentionPlan.of(rows);
        assertEquals(7 + 1, plan.blocks().size());
        assertEquals(List.of(new Block(1, 0)), plan.tiny());
        assertEquals(List.of(new Block(2, 0), new Block(3, 0), new Block(4, 0), new Block(3, 1)), plan.items());
        assertEquals(List.of(new Stack(0, 4)), plan.stacks());
    }

    @Test
    void everyQueryOfEveryRowIsDoneOnce() {
        Random random = new Random(5);
        for (int trial = 0; trial < 200; trial++) {
            List<RowSpan> rows = new ArrayList<>();
            int token = 0;
            for (int row = random.nextInt(60); row >= 0; row--) {
                int length = random.nextInt(random.nextBoolean() ? 5 : 90);
                int start = random.nextBoolean() ? 0 : 60 + random.nextInt(3);
                rows.add(new RowSpan(token, length, start, random.nextInt(2)));
                token += length;
            }
            AttentionPlan plan = AttentionPlan.of(rows);
            Set<Block> done = new HashSet<>();
            int count = 0;
            for (Block block : plan.blocks()) {
                for (int query = block.query(); query < block.query() + 16; query++) {
                    count += query < rows.get(block.row()).length() ? 1 : 0;
                    done.add(new Block(block.row(), query));
                }
            }
            for (Block block : plan.tiny()) {
                RowSpan row = rows.get(block.row());
                assertTrue(row.start() + row.length() <= 64);
                for (int query = 0; query < row.length(); query++, count++) {
                    done.add(new Block(block.row(), query));
                }
            }
            for (Stack stack : plan.stacks()) {
                List<Block> items = plan.items().subList(stack.first(), stack.first() + stack.count());
                RowSpan first = rows.get(items.getFirst().row());
                int before = 0;
                for (Block item : items) {
                    RowSpan row = rows.get(item.row());
                    assertTrue(row.start() == first.start() && row.base() == first.base() && item.query() >= before);
                    before = item.query();
                }
                done.addAll(items);
                count += items.size();
            }
            for (int row = 0; row < rows.size(); row++) {
                for (int query = 0; query < rows.get(row).length(); query++) {
                    assertTrue(done.contains(new Block(row, query)), row + ", " + query);
                }
            }
            assertEquals(token, count);
        }
    }
}
