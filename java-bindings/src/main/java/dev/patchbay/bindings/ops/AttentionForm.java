package dev.patchbay.bindings.ops;

import dev.patchbay.bindings.StructWriter;
import dev.patchbay.device.Attention;
import dev.patchbay.device.Attention.Statistics;
import dev.patchbay.device.TableEntry.RowSpan;
import java.util.List;

/** What a device's attention takes beyond {@code pb_attention}. */
public interface AttentionForm {
    /** Bytes of the plan of work that follows the rows of a table. */
    long planBytes(List<RowSpan> rows);

    /** Writes that plan. */
    void writePlan(StructWriter writer, List<RowSpan> rows);

    /** Where the device finds the {@code count} labels that were written at {@code address} of the slab. */
    long labels(long address, int count);

    /** Goes on with the struct of a pass over the table of rows at {@code address} of the device. */
    void extend(StructWriter writer, Attention.Shape shape, List<RowSpan> rows, long address, Statistics statistics);

    /** Nothing: native code reads the slab and divides the work itself. */
    enum Plain implements AttentionForm {
        INSTANCE;

        @Override
        public long planBytes(List<RowSpan> rows) {
            return 0;
        }

        @Override
        public void writePlan(StructWriter writer, List<RowSpan> rows) {
            // There is none.
        }

        @Override
        public long labels(long address, int count) {
            return address;
        }

        @Override
        public void extend(
                StructWriter writer, Attention.Shape shape, List<RowSpan> rows, long address, Statistics statistics) {
            // The struct is pb_attention itself.
        }
    }
}
