package dev.patchbay.analysis.results;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** NumPy's file formats: NPY 1.0, and NPZ without compression and with one fixed time, so that the same run gives the same bytes. */
final class NumpyFile {
    private static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);
    private static final int ALIGNMENT = 64;
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};

    private NumpyFile() {}

    /** An array. */
    static byte[] of(RunArrays.Array array) {
        return switch (array) {
            case RunArrays.Floats(String _, List<Long> shape, float[] values) -> {
                byte[] header = header("<f4", shape);
                byte[] file = room(header, values.length);
                data(file, header).asFloatBuffer().put(values);
                yield file;
            }
            case RunArrays.Integers(String _, List<Long> shape, int[] values) -> {
                byte[] header = header("<i4", shape);
                byte[] file = room(header, values.length);
                data(file, header).asIntBuffer().put(values);
                yield file;
            }
        };
    }

    /** A text, as an array without axes. */
    static byte[] of(String text) {
        int[] points = text.codePoints().toArray();
        byte[] header = header("<U" + points.length, List.of());
        byte[] file = room(header, points.length);
        data(file, header).asIntBuffer().put(points);
        return file;
    }

    private static byte[] header(String type, List<Long> shape) {
        String sizes = shape.stream().map(size -> size + ",").collect(Collectors.joining(" "));
        String header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + sizes + "), }";
        int begin = MAGIC.length + Short.BYTES;
        int padded = Math.ceilDiv(begin + header.length() + 1, ALIGNMENT) * ALIGNMENT;
        String line = header + " ".repeat(padded - begin - header.length() - 1) + "\n";
        byte[] bytes = new byte[padded];
        ByteBuffer.wrap(bytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(MAGIC)
                .putShort((short) (padded - begin))
                .put(line.getBytes(StandardCharsets.US_ASCII));
        return bytes;
    }

    /** A file of elements of four bytes after a header. */
    private static byte[] room(byte[] header, int elements) {
        return Arrays.copyOf(header, Math.addExact(header.length, Math.multiplyExact(elements, Integer.BYTES)));
    }

    private static ByteBuffer data(byte[] file, byte[] header) {
        return ByteBuffer.wrap(file, header.length, file.length - header.length).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** An archive of files, by name. */
    static byte[] archive(Map<String, byte[]> files) {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            zip.setMethod(ZipOutputStream.STORED);
            for (var file : files.entrySet()) {
                var check = new CRC32();
                check.update(file.getValue());
                var entry = new ZipEntry(file.getKey() + ".npy");
                entry.setTimeLocal(NO_TIME);
                entry.setSize(file.getValue().length);
                entry.setCrc(check.getValue());
                zip.putNextEntry(entry);
                zip.write(file.getValue());
                zip.closeEntry();
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }
}
