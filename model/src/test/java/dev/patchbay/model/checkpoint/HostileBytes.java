package dev.patchbay.model.checkpoint;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

/** Bytes as somebody would send who means harm. */
final class HostileBytes {
    private static final List<String> PIECES = List.of(
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\\",
            "null",
            "true",
            "-",
            "0",
            "9999999999999999999",
            "1e400",
            "\"a\"",
            "\0",
            "\u20ac",
            "[0,0]",
            "\"F4\"",
            "{}",
            "\"shape\":",
            "\\ud83d");

    private HostileBytes() {}

    /** Some bytes changed, cut out, doubled, or replaced by a piece of JSON. */
    static byte[] changed(byte[] original, Random random) {
        var bytes = original.clone();
        for (int change = 1 + random.nextInt(3); change > 0 && bytes.length > 0; change--) {
            int begin = random.nextInt(bytes.length);
            int end = Math.min(bytes.length, begin + random.nextInt(6));
            var piece = switch (random.nextInt(3)) {
                case 0 -> new byte[] {(byte) random.nextInt(256)};
                case 1 -> PIECES.get(random.nextInt(PIECES.size())).getBytes(StandardCharsets.UTF_8);
                default -> new byte[0];
            };
            var next = new byte[begin + piece.length + bytes.length - end];
            System.arraycopy(bytes, 0, next, 0, begin);
            System.arraycopy(piece, 0, next, begin, piece.length);
            System.arraycopy(bytes, end, next, begin + piece.length, bytes.length - end);
            bytes = next;
        }
        return bytes;
    }
}
