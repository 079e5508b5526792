package dev.patchbay.model.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsFileTest {
    private static final int ALL_HALVES = 1 << 16;

    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("x.safetensors");
    }

    /** sign · 2^(exponent − bias) · 1.mantissa, computed from the bits with exact powers of two. */
    private static double decoded(int bits, int exponentBits, int mantissaBits) {
        int bias = (1 << (exponentBits - 1)) - 1;
        int exponent = (bits >> mantissaBits) & ((1 << exponentBits) - 1);
        int mantissa = bits & ((1 << mantissaBits) - 1);
        double sign = bits >> (exponentBits + mantissaBits) == 0 ? 1 : -1;
        if (exponent == (1 << exponentBits) - 1) {
            return mantissa == 0 ? sign / 0.0 : Double.NaN;
        }
        double significand = mantissa * Math.pow(2, -mantissaBits) + (exponent == 0 ? 0 : 1);
        return sign * significand * Math.pow(2, Math.max(exponent, 1) - bias);
    }

    @ParameterizedTest
    @CsvSource({"F16, 5, 10", "BF16, 8, 7"})
    void everyHalfIsWidenedExactly(String type, int exponentBits, int mantissaBits) {
        var data = Scratch.littleEndian(2 * ALL_HALVES);
        IntStream.range(0, ALL_HALVES).forEach(bits -> data.putShort((short) bits));
        try (var file = SafetensorsFile.open(Scratch.one(file(), type, ALL_HALVES, data))) {
            var values = file.floats("x");
            for (int bits = 0; bits < ALL_HALVES; bits++) {
                assertEquals((float) decoded(bits, exponentBits, mantissaBits), values[bits], type + " " + bits);
            }
            var counts = file.count("x");
            assertEquals(ALL_HALVES, counts.elements());
            assertEquals(2, counts.infinities());
            assertEquals(2L * ((1 << mantissaBits) - 1), counts.notNumbers());
        }
    }

    @Test
    void doublesAreRoundedToTheNearestFloat() {
        var data = Scratch.littleEndian(32);
        data.putDouble(1 + 0x1p-24).putDouble(1 + 0x1.8p-24).putDouble(-0.0).putDouble(1e300);
        try (var file = SafetensorsFile.open(Scratch.one(file(), "F64", 4, data))) {
            assertArrayEquals(new float[] {1, 1 + 0x1p-23f, -0f, Float.POSITIVE_INFINITY}, file.floats("x"));
            assertEquals(new ValueCounts(4, 0, 0), file.count("x"));
        }
    }

    @Test
    void largeTensorsArriveInOrderAcrossPieces() {
        int elements = (3 << 20) / 4 + 5;
        var data = Scratch.littleEndian(elements * 4);
        IntStream.range(0, elements).forEach(data::putFloat);
        try (var file = SafetensorsFile.open(Scratch.one(file(), "F32", elements, data))) {
            var values = file.floats("x");
            for (int at = 0; at < elements; at++) {
                assertEquals(at, values[at]);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "I8, 1, -1",
        "U8, 1, 255",
        "I16, 2, -1",
        "U16, 2, 65535",
        "I32, 4, -1",
        "U32, 4, 4294967295",
        "I64, 8, -1"
    })
    void integersKeepTheirSign(String type, int size, long expected) {
        var data = Scratch.littleEndian(2 * size);
        IntStream.range(0, size).forEach(at -> data.put(at, (byte) 0xff));
        try (var file = SafetensorsFile.open(Scratch.one(file(), type, 2, data))) {
            assertArrayEquals(new long[] {expected, 0}, file.integers("x"));
            assertTrue(Golden.refusal(() -> file.floats("x")).contains("found " + type));
        }
    }

    @ParameterizedTest
    @CsvSource({"F8_E5M2, 6, 2", "F8_E4M3, 2, 0", "F8_E8M0, 1, 0", "F8_E4M3FNUZ, 1, 0", "F8_E5M2FNUZ, 1, 0", "U8, 0, 0"
    })
    void notNumbersOfEightBitsAreCounted(String type, long notNumbers, long infinities) {
        var data = Scratch.littleEndian(256);
        IntStream.range(0, 256).forEach(bits -> data.put((byte) bits));
        try (var file = SafetensorsFile.open(Scratch.one(file(), type, 256, data))) {
            assertEquals(new ValueCounts(256, notNumbers, infinities), file.count("x"));
        }
    }

    @Test
    void truncationWhileOpenIsAnErrorAndNoCrash() throws IOException {
        var data = Scratch.littleEndian(4 << 20);
        try (var file = SafetensorsFile.open(Scratch.one(file(), "F32", 1 << 20, data))) {
            try (var channel = FileChannel.open(file(), StandardOpenOption.WRITE)) {
                channel.truncate(1 << 20);
            }
            assertTrue(Golden.refusal(() -> file.floats("x")).contains("changed while it was read"));
        }
    }

    @Test
    void replacementWhileOpenIsAnError() throws IOException {
        try (var file = SafetensorsFile.open(Scratch.one(file(), "F32", 2, Scratch.littleEndian(8)))) {
            var other = Scratch.one(folder.resolve("other"), "F32", 2, Scratch.littleEndian(8));
            Files.setLastModifiedTime(other, Files.getLastModifiedTime(file()));
            Files.move(other, file(), StandardCopyOption.REPLACE_EXISTING);
            assertTrue(Golden.refusal(() -> file.floats("x")).contains("changed while it was read"));
        }
    }

    @Test
    void everyTruncationIsRefused() throws IOException {
        var whole = Files.readAllBytes(Golden.path("bad", "ok-basic.safetensors"));
        for (int length = 0; length < whole.length; length++) {
            Scratch.write(file(), Arrays.copyOf(whole, length));
            Golden.refusal(() -> SafetensorsFile.open(file()).close());
        }
    }

    @Test
    void headerFilledWithEntriesOnOneRangeIsRefusedWithoutReadingItAll() {
        // Nobody who had read to the end would speak of an overlap.
        var entries = header(100_000, "[4],\"data_offsets\":[0,16]") + "no JSON";
        var path = Scratch.safetensors(file(), entries, new byte[16]);
        var message = Golden.refusal(() -> SafetensorsFile.open(path).close());
        assertTrue(message.contains("overlaps"), message);
    }

    private static String header(int tensors, String shapeAndOffsets) {
        var header = new StringBuilder("{");
        for (int index = 0; index < tensors; index++) {
            header.append(index == 0 ? "\"" : ",\"")
                    .append(index)
                    .append("\":{\"dtype\":\"F32\",\"shape\":")
                    .append(shapeAndOffsets)
                    .append('}');
        }
        return header.append('}').toString();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "4294967296,4294967296,4|0|more elements than 64 bits",
                "4294967296,4294967296,0|0|more elements than 64 bits",
                "1073741824,1073741824,8|0|more elements than 64 bits",
                "281474976710655,0|0|",
                "281474976710656,0|0|above 281474976710655",
                "2|16|needs 8 bytes, data_offsets give 16",
                "2|4|needs 8 bytes, data_offsets give 4",
                "2|8|"
            })
    void shapeAndRangeAgree(String shape, int bytes, @Nullable String refusal) {
        var header = "{\"x\":{\"dtype\":\"F32\",\"shape\":[" + shape + "],\"data_offsets\":[0," + bytes + "]}}";
        var path = Scratch.safetensors(file(), header, new byte[bytes]);
        if (refusal == null) {
            SafetensorsFile.open(path).close();
        } else {
            var message = Golden.refusal(() -> SafetensorsFile.open(path).close());
            assertTrue(message.contains(refusal), message);
        }
    }

    @Test
    void moreThanAMillionTensorsAreRefused() {
        var entries = header(1_000_001, "[0],\"data_offsets\":[0,0]");
        var path = Scratch.safetensors(file(), entries, new byte[0]);
        assertTrue(Golden.refusal(() -> SafetensorsFile.open(path).close()).contains("more than 1000000 tensors"));
    }

    @Test
    void headerOfAHundredMegabytesIsRead() {
        var padding = " ".repeat(100_000_000 - 2);
        try (var file = SafetensorsFile.open(Scratch.safetensors(file(), "{}" + padding, new byte[0]))) {
            assertTrue(file.tensors().isEmpty());
        }
        var path = Scratch.safetensors(file(), "{}" + padding + " ", new byte[0]);
        assertTrue(Golden.refusal(() -> SafetensorsFile.open(path).close()).contains("at most 100000000"));
    }

    @Test
    void unknownFieldIsToldAndPassedOver() {
        try (var file = SafetensorsFile.open(Golden.path("bad", "ok-extra-field.safetensors"))) {
            assertEquals(1, file.warnings().size());
            assertTrue(file.warnings().getFirst().contains("unknown field"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"absent", "folder", "pipe"})
    void onlyRegularFilesAreOpened(String kind) throws IOException, InterruptedException {
        var path = folder.resolve(kind);
        switch (kind) {
            case "folder" -> Files.createDirectory(path);
            case "pipe" ->
                assertEquals(
                        0, new ProcessBuilder("mkfifo", path.toString()).start().waitFor());
            default -> {}
        }
        assertTimeoutPreemptively(
                Duration.ofSeconds(5),
                () -> Golden.refusal(() -> SafetensorsFile.open(path).close()));
    }

    @Test
    void unknownNameIsEscapedAndCut() {
        try (var file = SafetensorsFile.open(Golden.path("bad", "ok-basic.safetensors"))) {
            var message = Golden.refusal(() -> file.floats("\u001b[31m" + "y".repeat(100_000)));
            assertTrue(message.contains("\\u001b[31myyy"), message);
            assertTrue(message.length() < 1000);
        }
    }

    @Test
    void useAfterCloseIsAnError() {
        var file = SafetensorsFile.open(Golden.path("bad", "ok-basic.safetensors"));
        file.close();
        file.close();
        assertThrows(IllegalStateException.class, () -> file.floats("a"));
    }
}
