package dev.patchbay.model.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Checkpoints of 16 bits: every value as it is stored, and Gemma's factor as a number of their type. */
class ShortTypesTest {
    @TempDir
    Path folder;

    /** A golden model with every tensor rounded to {@code type}. */
    private ModelFolder rounded(String family, StoredType type) {
        var golden = Golden.path("families", family);
        Scratch.config(golden, folder, text -> text);
        var header = new ArrayList<String>();
        var data = new ByteArrayOutputStream();
        Scratch.tensors(golden).forEach((name, values) -> {
            var bytes = ByteBuffer.allocate(values.floats().length * 2).order(ByteOrder.LITTLE_ENDIAN);
            for (float value : values.floats()) {
                bytes.putShort(
                        type == StoredType.F16
                                ? Float.floatToFloat16(value)
                                : (short) (Float.floatToRawIntBits(type.rounded(value)) >>> 16));
            }
            int begin = data.size();
            data.writeBytes(bytes.array());
            header.add("\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
                    .formatted(name, type, values.shape(), begin, data.size()));
        });
        Scratch.safetensors(
                folder.resolve("model.safetensors"), "{" + String.join(",", header) + "}", data.toByteArray());
        return ModelFolder.open(folder);
    }

    @ParameterizedTest
    @EnumSource(names = {"F16", "BF16"})
    void valuesAreThoseThatAreStored(StoredType type) {
        try (var whole = ModelFolder.open(Golden.path("families", "gemma2"));
                var model = rounded("gemma2", type)) {
            for (var name : whole.weights().sources().keySet()) {
                float[] exact = whole.assemble(name).values();
                float[] found = model.assemble(name).values();
                for (int at = 0; at < exact.length; at++) {
                    assertEquals(type.rounded(exact[at]), found[at], name);
                }
            }
            float factor = whole.architecture().embedding().multiplier();
            assertEquals((float) Math.sqrt(32), factor);
            assertEquals(type.rounded(factor), model.architecture().embedding().multiplier());
            assertTrue(model.notes().stream().anyMatch(note -> note.contains("the embedding is multiplied by")));
        }
    }

    @Test
    void otherFamiliesKeepTheirFactor() {
        try (var whole = ModelFolder.open(Golden.path("families", "granite"));
                var model = rounded("granite", StoredType.BF16)) {
            assertEquals(whole.architecture(), model.architecture());
        }
    }

    /** Published sizes of Gemma models and their factors in bfloat16. */
    @ParameterizedTest
    @CsvSource({
        "2048,45.25",
        "2304,48",
        "3072,55.5",
        "3584,59.75",
        "640,25.25",
        "1152,34",
        "2560,50.5",
        "3840,62",
        "5376,73.5"
    })
    void gemmasFactorInBfloat16(int width, float factor) {
        assertEquals(factor, StoredType.BF16.rounded((float) Math.sqrt(width)));
    }

    @Test
    void roundingIsToNearestWithTiesToEven() {
        assertEquals(1f, StoredType.BF16.rounded(1f + 0x1p-8f));
        assertEquals(1f + 0x1p-6f, StoredType.BF16.rounded(1f + 0x1p-7f + 0x1p-8f));
        assertEquals(-1f - 0x1p-7f, StoredType.BF16.rounded(-1f - 0x1p-8f - 0x1p-20f));
        assertEquals(0.1f, StoredType.F32.rounded(0.1f));
    }
}
