package dev.patchbay.analysis.results;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
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
                var file = file("<f4", shape, Math.multiplyExact(values.length, Float.BYTES));
                file.asFloatBuffer().put(values);
                yield file.array();
            }
            case RunArrays.Integers(String _, List<Long> shape, int[] values) -> {
                var file = file("<i4", shape, Math.multiplyExact(values.length, Integer.BYTES));
                file.asIntBuffer().put(values);
                yield file.array();
            }
        };
    }

    /** A text, as an array without axes. */
    static byte[] of(String text) {
        int[] points = text.codePoints().toArray();
        var file = file("<U" + points.length, List.of(), Math.multiplyExact(points.length, Integer.BYTES));
        file.asIntBuffer().put(points);
        return file.array();
    }

    /** A file with its header, positioned at its data. */
    private static ByteBuffer file(String type, List<Long> shape, int bytes) {
        String sizes = shape.stream().map(size -> size + ",").collect(Collectors.joining(" "));
        String header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + sizes + "), }";
        int begin = MAGIC.length + Short.BYTES;
        int padded = Math.ceilDiv(begin + header.length() + 1, ALIGNMENT) * ALIGNMENT;
        String line = header + " ".repeat(padded - begin - header.length() - 1) + "\n";
        var file = ByteBuffer.allocate(Math.addExact(padded, bytes)).order(ByteOrder.LITTLE_ENDIAN);
        file.put(MAGIC).putShort((short) (padded - begin)).put(line.getBytes(StandardCharsets.US_ASCII));
        return file;
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
