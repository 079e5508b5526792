package dev.patchbay.model.checkpoint;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.model.InputException;
import dev.patchbay.model.config.ModelConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Whatever the bytes are, they are read or refused with the one exception that says so. */
class HostileBytesTest {
    private static final int ROUNDS = 4_000;
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

    /** Some bytes changed, cut out, doubled, or replaced by a piece of JSON. */
    private static byte[] changed(byte[] original, Random random) {
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

    private interface Reader {
        void read(byte[] bytes);
    }

    private static void onlyInputExceptionsEscape(byte[] original, Reader reader) {
        var random = new Random(20_260_101);
        int refused = 0;
        for (int round = 0; round < ROUNDS; round++) {
            try {
                reader.read(changed(original, random));
            } catch (InputException expected) {
                refused++;
            }
        }
        assertTrue(refused > ROUNDS / 4, "refused only " + refused);
    }

    @Test
    void headers() throws IOException {
        var bytes = Files.readAllBytes(Golden.path("bad", "ok-all-dtypes.safetensors"));
        int length = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        onlyInputExceptionsEscape(
                Arrays.copyOfRange(bytes, 8, 8 + length),
                changed -> SafetensorsHeader.parse(changed, bytes.length - 8 - length, "a file"));
    }

    @Test
    void configurations() throws IOException {
        for (var family : List.of("gpt2", "gpt_neox-par", "llama3-rope-tied", "llama-yarn")) {
            onlyInputExceptionsEscape(
                    Files.readAllBytes(Golden.path("families", family, "config.json")),
                    changed -> ModelConfig.parse(changed, "a file").weights(Set.of()));
        }
    }

    @Test
    void moreValuesThanAnythingNeeds() {
        var text = "[" + "0,".repeat(1 << 21) + "0]";
        var message = Golden.refusal(() -> Json.parse(text.getBytes(StandardCharsets.UTF_8), "a file"));
        assertTrue(message.contains("more than 2097152 values"), message);
    }
}
