package dev.patchbay.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TensorTest {
    private final Device device = Devices.open(DeviceOptions.of("cpu").withThreads(1));
    private final Tensor matrix = device.upload(new float[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 3, 4, "matrix");

    @AfterEach
    void close() {
        matrix.buffer().close();
        device.close();
    }

    @Test
    void viewsOfRowsAndColumnsReadAndWriteTheSharedBuffer() {
        assertArrayEquals(new float[] {6, 10}, matrix.rows(1, 2).columns(2, 1).toFloats());
        matrix.columns(1, 2).rows(0, 2).set(new float[] {-1, -2, -3, -4});
        assertArrayEquals(new float[] {0, -1, -2, 3, 4, -3, -4, 7, 8, 9, 10, 11}, matrix.toFloats());
        assertArrayEquals(
                new float[] {3, 4},
                matrix.reshape(2, 6).columns(3, 2).rows(0, 1).toFloats());
    }

    @Test
    void emptyViewsAreAllowedAtEveryEdge() {
        assertEquals(0, matrix.rows(3, 0).size());
        assertEquals(0, matrix.columns(4, 0).rows(3, 0).toFloats().length);
        assertEquals(0, matrix.columns(2, 2).rows(3, 0).toFloats().length);
    }

    @Test
    void viewsOutsideAreRefused() {
        Class<IllegalArgumentException> refused = IllegalArgumentException.class;
        assertThrows(refused, () -> matrix.rows(2, 2));
        assertThrows(refused, () -> matrix.rows(-1, 1));
        assertThrows(refused, () -> matrix.rows(Long.MAX_VALUE, 1));
        assertThrows(refused, () -> matrix.rows(1, Long.MAX_VALUE));
        assertThrows(refused, () -> matrix.columns(4, 1));
        assertThrows(refused, () -> matrix.columns(1, Long.MAX_VALUE));
        assertThrows(refused, () -> matrix.reshape(5, 2));
        assertThrows(refused, () -> matrix.columns(0, 2).reshape(2, 3));
        assertThrows(refused, () -> new Tensor(matrix.buffer(), DType.F32, 1, 3, 4, 4));
        assertThrows(refused, () -> new Tensor(matrix.buffer(), DType.F32, 0, 3, 4, 3));
        assertThrows(
                ArithmeticException.class,
                () -> new Tensor(matrix.buffer(), DType.F32, 0, Long.MAX_VALUE, 1, Long.MAX_VALUE));
        assertThrows(refused, () -> matrix.set(new float[11]));
        assertThrows(refused, () -> matrix.set(new int[12]));
        assertThrows(refused, matrix::toInts);
    }

    @Test
    void bytesGoInAndOutWithinTheBuffer() {
        ByteBuffer source = ByteBuffer.allocate(8)
                .order(ByteOrder.nativeOrder())
                .putFloat(50)
                .putFloat(60)
                .flip();
        matrix.buffer().write(4, source);
        assertEquals(8, source.position());
        ByteBuffer target = ByteBuffer.allocateDirect(12).order(ByteOrder.nativeOrder());
        matrix.buffer().read(0, target);
        assertEquals(60, target.flip().getFloat(8));
        assertThrows(IndexOutOfBoundsException.class, () -> matrix.buffer().write(44, source.rewind()));
        assertThrows(IndexOutOfBoundsException.class, () -> matrix.buffer().read(-1, target.clear()));
        assertThrows(IndexOutOfBoundsException.class, () -> matrix.buffer().read(Long.MAX_VALUE, target.clear()));
    }
}
