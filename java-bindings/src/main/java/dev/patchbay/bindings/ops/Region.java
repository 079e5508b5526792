package dev.patchbay.bindings.ops;

import dev.patchbay.device.Tensor;

/**
 * A part of a buffer, in bytes: piece {@code i} of {@code count} begins at {@code offset + i · stride} and has {@code
 * length} bytes. On the host the pieces follow each other without a gap.
 */
public record Region(long offset, long count, long length, long stride) {
    /** The rows of a view, or all of it at once where they follow each other. */
    static Region of(Tensor view) {
        long width = view.type().bytes();
        if (view.size() == 0) {
            return new Region(0, 0, 0, 0);
        }
        return view.isContiguous()
                ? whole(view.offset() * width, view.size() * width)
                : new Region(view.offset() * width, view.rows(), view.columns() * width, view.stride() * width);
    }

    /** Bytes that follow each other. */
    public static Region whole(long offset, long length) {
        return new Region(offset, 1, length, length);
    }

    /** Where a piece begins. */
    public long begin(long piece) {
        return offset + piece * stride;
    }
}
