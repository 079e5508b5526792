package dev.patchbay.bindings.ops;

import dev.patchbay.device.Tensor;
import org.jspecify.annotations.Nullable;

/** Checks that what an operation writes does not lie in what it reads. */
final class Aliasing {
    private Aliasing() {}

    /** {@code out} shares no element with {@code other}. */
    static void requireDisjoint(String outName, Tensor out, String otherName, @Nullable Tensor other) {
        if (other != null && overlap(out, other)) {
            throw new IllegalArgumentException(outName + " overlaps " + otherName);
        }
    }

    /** {@code out} is {@code other}, element for element, or shares none with it. */
    static void requireSameOrDisjoint(String outName, Tensor out, String otherName, @Nullable Tensor other) {
        if (other != null && !same(out, other)) {
            requireDisjoint(outName, out, otherName, other);
        }
    }

    private static boolean same(Tensor a, Tensor b) {
        return a.buffer().equals(b.buffer())
                && a.offset() == b.offset()
                && a.rows() == b.rows()
                && a.columns() == b.columns()
                && (a.stride() == b.stride() || a.rows() <= 1);
    }

    /** Exact for views of equal stride (columns of one matrix), cautious for others. */
    static boolean overlap(Tensor a, Tensor b) {
        if (!a.buffer().equals(b.buffer())
                || a.size() == 0
                || b.size() == 0
                || end(a) <= b.offset()
                || end(b) <= a.offset()) {
            return false;
        }
        long stride = a.rows() > 1 ? a.stride() : b.stride();
        boolean comparable = (a.rows() <= 1 || a.stride() == stride) && (b.rows() <= 1 || b.stride() == stride);
        if (!comparable || a.columns() > stride || b.columns() > stride) {
            return true;
        }
        long shift = Math.floorMod(b.offset() - a.offset(), stride);
        return shift < a.columns() || shift + b.columns() > stride;
    }

    private static long end(Tensor tensor) {
        return tensor.offset() + (tensor.rows() - 1) * tensor.stride() + tensor.columns();
    }
}
