package dev.patchbay.bindings.ops;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.patchbay.bindings.StructWriter;
import dev.patchbay.device.Attention.MassLabel;
import dev.patchbay.device.DType;
import dev.patchbay.device.TableEntry.RowSpan;
import dev.patchbay.device.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Checks labelled masses and writes them as {@code pb_mass_label}. */
final class MassLabels {
    private MassLabels() {}

    static void write(StructWriter writer, Arguments arguments, MassLabel label, List<RowSpan> rows, long tokens) {
        switch (label) {
            case MassLabel.Range(int from, int to, boolean self) -> plain(writer, 0, from, to, self);
            case MassLabel.Offset(int distance) -> plain(writer, 1, distance, 0, true);
            case MassLabel.SameCode same -> sameCode(writer, arguments, same, rows);
            case MassLabel.Listed listed -> listed(writer, arguments, listed, tokens);
            case MassLabel.Sink() -> plain(writer, 4, 0, 0, true);
        }
    }

    private static void plain(StructWriter writer, int predicate, int a, int b, boolean includeSelf) {
        pointers(numbers(writer, predicate, a, b, includeSelf), 0, 0, 0)
                .pointer("list", 0)
                .pointer("list_begin", 0);
    }

    private static void sameCode(
            StructWriter writer, Arguments arguments, MassLabel.SameCode label, List<RowSpan> rows) {
        Tensor keyCodes = label.keyCodes();
        Tensor queryCodes = label.queryCodes();
        long codeBase = arguments.integers("codeBase", label.codeBase(), rows.size());
        pointers(
                        numbers(writer, 2, 0, 0, label.includeSelf()),
                        arguments.dense("keyCodes", keyCodes, DType.I32),
                        arguments.dense("queryCodes", queryCodes, DType.I32),
                        codeBase)
                .pointer("list", 0)
                .pointer("list_begin", 0);
        MemorySegment begins = arguments.values(label.codeBase());
        long codes = Math.min(keyCodes.size(), queryCodes.size());
        for (int row = 0; begins != null && row < rows.size(); row++) {
            int begin = begins.getAtIndex(JAVA_INT, row);
            RowSpan span = rows.get(row);
            if (begin < 0 || (long) begin + span.start() + span.length() > codes) {
                throw new IllegalArgumentException(
                        "codeBase[%s] is %s: %s reaches outside the %s codes".formatted(row, begin, span, codes));
            }
        }
    }

    private static void listed(StructWriter writer, Arguments arguments, MassLabel.Listed label, long tokens) {
        long begins = arguments.integers("listBegin", label.listBegin(), tokens + 1);
        pointers(numbers(writer, 3, 0, 0, label.includeSelf()), 0, 0, 0)
                .pointer("list", arguments.dense("list", label.list(), DType.I32))
                .pointer("list_begin", begins);
        MemorySegment values = arguments.values(label.listBegin());
        long previous = 0;
        for (long token = 0; values != null && token <= tokens; token++) {
            int begin = values.getAtIndex(JAVA_INT, token);
            if (begin < previous || begin > label.list().size()) {
                throw new IllegalArgumentException("listBegin[%s] is %s, expected %s to %s"
                        .formatted(token, begin, previous, label.list().size()));
            }
            previous = begin;
        }
    }

    private static StructWriter numbers(StructWriter writer, int predicate, int a, int b, boolean includeSelf) {
        return writer.int32("predicate", predicate)
                .int32("a", a)
                .int32("b", b)
                .int32("without_self", includeSelf ? 0 : 1);
    }

    private static StructWriter pointers(StructWriter writer, long keyCodes, long queryCodes, long codeBase) {
        return writer.pointer("key_codes", keyCodes)
                .pointer("query_codes", queryCodes)
                .pointer("code_base", codeBase);
    }
}
