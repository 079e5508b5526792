package dev.patchbay.model.input;

import dev.patchbay.model.InputException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Places in UTF-8 text, and its strict decoding. */
public final class Utf8 {
    private Utf8() {}

    /**
     * The text of {@code bytes}, every one of them valid UTF-8.
     *
     * @param where what they are, for messages
     * @throws InputException where they are not
     */
    public static String decode(byte[] bytes, String where) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException malformed) {
            throw new InputException(where + ": not UTF-8 text (at byte " + firstMalformed(bytes) + ")", malformed);
        }
    }

    /** The first byte that begins no character, or the number of bytes. */
    public static int firstMalformed(byte[] bytes) {
        var decoder = StandardCharsets.UTF_8.newDecoder();
        var from = ByteBuffer.wrap(bytes);
        var scratch = CharBuffer.allocate(1 << 12);
        while (decoder.decode(from, scratch, true).isOverflow()) {
            scratch.clear();
        }
        return from.position();
    }

    /** How many bytes of valid text make its first {@code units} UTF-16 units. */
    public static long bytesOf(byte[] bytes, long units) {
        int at = 0;
        for (long passed = 0; passed < units && at < bytes.length; ) {
            int lead = bytes[at] & 0xff;
            int length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
            at += length;
            passed += length == 4 ? 2 : 1;
        }
        return Math.min(at, bytes.length);
    }
}
