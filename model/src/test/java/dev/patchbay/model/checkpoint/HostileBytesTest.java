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

    private interface Reader {
        void read(byte[] bytes);
    }

    private static void onlyInputExceptionsEscape(byte[] original, Reader reader) {
        var random = new Random(20_260_101);
        int refused = 0;
        for (int round = 0; round < ROUNDS; round++) {
            try {
                reader.read(HostileBytes.changed(original, random));
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
