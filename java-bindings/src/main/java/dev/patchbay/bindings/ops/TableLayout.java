package dev.patchbay.bindings.ops;

import dev.patchbay.bindings.NativeCodes;
import dev.patchbay.bindings.NativeStruct;
import dev.patchbay.bindings.NativeStructs;
import dev.patchbay.bindings.StructWriter;
import dev.patchbay.device.TableEntry;
import dev.patchbay.device.TableEntry.AttentionEdit;
import dev.patchbay.device.TableEntry.AttentionRow;
import dev.patchbay.device.TableEntry.EditEntry;
import dev.patchbay.device.TableEntry.RowSpan;

/** How entries of one type become structs. */
record TableLayout<T extends TableEntry>(NativeStruct struct) {

    static <T extends TableEntry> TableLayout<T> of(Class<T> type) {
        if (type == RowSpan.class) {
            return new TableLayout<>(NativeStructs.ROW);
        }
        if (type == EditEntry.class) {
            return new TableLayout<>(NativeStructs.EDIT_ENTRY);
        }
        if (type == AttentionEdit.class) {
            return new TableLayout<>(NativeStructs.ATTENTION_EDIT);
        }
        if (type == AttentionRow.class) {
            return new TableLayout<>(NativeStructs.ATTENTION_ROW);
        }
        throw new IllegalArgumentException("tables hold one type of entry, not " + type);
    }

    void write(StructWriter writer, T entry) {
        switch ((TableEntry) entry) {
            case RowSpan row ->
                writer.int32("token", row.token())
                        .int32("length", row.length())
                        .int32("start", row.start())
                        .int32("base", row.base());
            case EditEntry edit ->
                writer.int32("token", edit.token())
                        .int32("column", edit.column())
                        .int32("count", edit.count())
                        .int32("op", NativeCodes.code(edit.operation()))
                        .int64("source", edit.source())
                        .int64("basis", edit.basis())
                        .int32("rank", edit.rank())
                        .float32("factor", edit.factor());
            case AttentionEdit edit ->
                writer.int32("token", edit.token())
                        .int32("head", edit.head())
                        .int32("key_begin", edit.keyBegin())
                        .int32("key_end", edit.keyEnd())
                        .int32("stage", NativeCodes.code(edit.stage()))
                        .int32("op", NativeCodes.code(edit.operation()))
                        .int64("source", edit.source())
                        .float32("factor", edit.factor());
            case AttentionRow row ->
                writer.int32("token", row.token()).int32("head", row.head()).int64("offset", row.offset());
        }
    }
}
