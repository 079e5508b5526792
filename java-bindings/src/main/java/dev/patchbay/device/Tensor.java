package dev.patchbay.device;

/**
 * A view of a device buffer as a row-major matrix. Views share the buffer and never own it: whoever allocated the buffer
 * closes it.
 *
 * @param buffer where the elements live
 * @param type of the elements
 * @param offset of the first element, in elements
 * @param rows number of rows
 * @param columns elements of a row
 * @param stride elements between the starts of two rows, at least {@code columns} where there is more than one row
 */
public record Tensor(DeviceBuffer buffer, DType type, long offset, long rows, long columns, long stride) {
    /** Checks that the view lies within its buffer. */
    public Tensor {
        if (offset < 0 || rows < 0 || columns < 0 || (rows > 1 && stride < columns)) {
            throw new IllegalArgumentException("no matrix: offset " + offset + ", " + rows + " x " + columns
                    + ", stride " + stride + " in " + buffer.label());
        }
        long end = rows == 0 || columns == 0
                ? 0
                : Math.addExact(offset, Math.addExact(Math.multiplyExact(rows - 1, stride), columns));
        if (Math.multiplyExact(end, type.bytes()) > buffer.bytes()) {
            throw new IllegalArgumentException("matrix " + rows + " x " + columns + " (stride " + stride + ", offset "
                    + offset + ") ends after the " + buffer.bytes() + " bytes of " + buffer.label());
        }
    }

    /** Rows {@code [from, from + count)} of this view. */
    public Tensor rows(long from, long count) {
        if (from < 0 || count < 0 || count > rows - from) {
            throw new IllegalArgumentException("rows " + from + " + " + count + " of " + rows);
        }
        return new Tensor(buffer, type, offset + from * stride, count, columns, stride);
    }

    /** Columns {@code [from, from + count)} of this view. */
    public Tensor columns(long from, long count) {
        if (from < 0 || count < 0 || count > columns - from) {
            throw new IllegalArgumentException("columns " + from + " + " + count + " of " + columns);
        }
        return new Tensor(buffer, type, offset + from, rows, count, stride);
    }

    /** The same elements as {@code [rows, columns]}; this view must be contiguous. */
    public Tensor reshape(long newRows, long newColumns) {
        if (!isContiguous() || Math.multiplyExact(newRows, newColumns) != rows * columns) {
            throw new IllegalArgumentException(
                    rows + " x " + columns + " (stride " + stride + ") as " + newRows + " x " + newColumns);
        }
        return new Tensor(buffer, type, offset, newRows, newColumns, newColumns);
    }

    /** Whether rows follow each other without a gap. */
    public boolean isContiguous() {
        return stride == columns || rows <= 1;
    }

    /** Number of elements. */
    public long size() {
        return rows * columns;
    }

    /** Copies the elements to Java, row by row; waits for the device. */
    public float[] toFloats() {
        return buffer.downloadFloats(this);
    }

    /** Copies the elements to Java, row by row; waits for the device. */
    public int[] toInts() {
        return buffer.downloadInts(this);
    }

    /** Overwrites the elements, row by row. */
    public void set(float[] values) {
        buffer.upload(this, values);
    }

    /** Overwrites the elements, row by row. */
    public void set(int[] values) {
        buffer.upload(this, values);
    }
}
