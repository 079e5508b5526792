package dev.patchbay.bindings.ops;

import dev.patchbay.bindings.NativeStruct;
import dev.patchbay.bindings.StructWriter;
import dev.patchbay.device.DeviceTable;
import dev.patchbay.device.TableEntry;
import dev.patchbay.device.TableEntry.RowSpan;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** A table on a device, and its entries for the checks of the operations that read it. */
public record NativeTable<T extends TableEntry>(Class<T> type, List<T> entries, NativeBuffer buffer)
        implements DeviceTable<T> {

    /** Checks the entries and copies them to the device. */
    public static <T extends TableEntry> NativeTable<T> create(
            NativeDevice device, Class<T> type, List<T> entries, String label) {
        TableLayout<T> layout = TableLayout.of(type);
        List<T> copy = List.copyOf(entries);
        TableChecks.check(copy, label);
        NativeStruct struct = layout.struct();
        AttentionForm form = device.attentionForm();
        List<RowSpan> rows =
                type == RowSpan.class ? copy.stream().map(RowSpan.class::cast).toList() : List.of();
        long bytes = Math.addExact(Math.multiplyExact(copy.size(), struct.size()), form.planBytes(rows));
        NativeBuffer buffer = device.allocate(Math.max(bytes, struct.size()), label);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment staging = arena.allocate(Math.max(bytes, 1), Long.BYTES);
            StructWriter writer = new StructWriter(staging);
            for (T entry : copy) {
                layout.write(writer.begin(struct), entry);
                writer.end();
            }
            form.writePlan(writer, rows);
            buffer.write(0, staging.asSlice(0, bytes).asByteBuffer());
        }
        return new NativeTable<>(type, copy, buffer);
    }

    @Override
    public int size() {
        return entries.size();
    }

    @Override
    public void close() {
        buffer.close();
    }
}
