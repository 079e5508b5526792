package dev.patchbay.model.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.device.DeviceOptions;
import dev.patchbay.device.Devices;
import dev.patchbay.model.InputException;
import dev.patchbay.model.run.Logits;
import dev.patchbay.model.run.Model;
import dev.patchbay.model.run.Row;
import dev.patchbay.model.run.RunRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights in blocks of 4-bit numbers, against the closed form of the format. */
class Mxfp4Test {
    private static final int BLOCK = 32;
    private static final int EXPERTS = 4;
    private static final int WIDTH = 32;
    private static final int HIDDEN = 64;

    @TempDir
    private Path folder;

    /** E2M1: sign, two bits of exponent with bias 1, a bit of mantissa; no exponent is a subnormal. */
    private static double element(int code) {
        int exponent = code >> 1 & 3;
        double mantissa = (code & 1) / 2.0;
        double size = exponent == 0 ? mantissa : (1 + mantissa) * Math.pow(2, exponent - 1);
        return (code & 8) == 0 ? size : -size;
    }

    @Test
    void everyCodeUnderEveryScaleHasItsClosedForm() {
        var blocks = new byte[Mxfp4.BLOCK_BYTES];
        for (int i = 0; i < blocks.length; i++) {
            blocks[i] = (byte) (i | (15 - i) << 4);
        }
        for (int scale = 0; scale <= 255; scale++) {
            var values = new float[BLOCK];
            int bad = Mxfp4.expand(blocks, new byte[] {(byte) scale}, values);
            // 6 · 2^126 is above the greatest float32, and 255 stands for no number.
            assertEquals(scale > 252 ? 0 : -1, bad, "scale " + scale);
            for (int i = 0; i < BLOCK && bad < 0; i++) {
                int code = i % 2 == 0 ? i / 2 : 15 - i / 2;
                assertEquals((float) (element(code) * Math.pow(2, scale - 127)), values[i], "scale " + scale);
            }
        }
    }

    private record Blocks(byte[] blocks, byte[] scales, float[] values) {
        /** Random codes; values by the closed form. */
        static Blocks random(int outputs, int inputs, long seed) {
            var random = new Random(seed);
            int count = EXPERTS * outputs * inputs;
            var made = new Blocks(new byte[count / 2], new byte[count / BLOCK], new float[count]);
            random.nextBytes(made.blocks);
            for (int block = 0; block < made.scales.length; block++) {
                made.scales[block] = (byte) (122 + random.nextInt(4));
            }
            for (int i = 0; i < count; i++) {
                int code = made.blocks[i / 2] >> (i % 2 * 4) & 15;
                made.values[i] = (float) (element(code) * Math.pow(2, made.scales[i / BLOCK] - 127));
            }
            return made;
        }

        /** {@code [experts, outputs, inputs]} as {@code [experts, inputs, outputs]}. */
        float[] transposed(int outputs, int inputs) {
            var swapped = new float[values.length];
            for (int i = 0; i < values.length; i++) {
                int expert = i / (outputs * inputs);
                swapped[(expert * inputs + i % inputs) * outputs + i / inputs % outputs] = values[i];
            }
            return swapped;
        }
    }

    private Path model(String name, boolean packed, int lastScale) {
        var golden = Golden.path("families", "gpt_oss");
        var path = folder.resolve(name);
        var tensors = Scratch.tensors(golden);
        var writer = new SafetensorsWriter();
        var replaced = Set.of("gate_up_proj", "gate_up_proj_bias", "down_proj");
        tensors.forEach((tensor, values) -> {
            if (!replaced.contains(tensor.substring(tensor.lastIndexOf('.') + 1))) {
                writer.add(tensor, values.shape(), values.floats());
            }
        });
        for (int layer = 0; layer < 3; layer++) {
            var prefix = "model.layers." + layer + ".mlp.experts.";
            add(writer, prefix + "gate_up_proj", 2 * HIDDEN, WIDTH, packed, 127, 7 + layer);
            add(writer, prefix + "down_proj", WIDTH, HIDDEN, packed, lastScale, 70 + layer);
            var bias = new float[EXPERTS * 2 * HIDDEN];
            for (int i = 0; i < bias.length; i++) {
                bias[i] = (i % 13 - 6) / 8f;
            }
            writer.add(prefix + "gate_up_proj_bias", List.of((long) EXPERTS, 2L * HIDDEN), bias);
        }
        Scratch.config(golden, path, text -> {
            var changed = text.replaceFirst("\"intermediate_size\": 20", "\"intermediate_size\": " + HIDDEN);
            return packed
                    ? changed.replaceFirst("\\{", "{\"quantization_config\": {\"quant_method\": \"mxfp4\"},")
                    : changed;
        });
        writer.write(path.resolve("model.safetensors"));
        return path;
    }

    private static void add(
            SafetensorsWriter writer, String name, int outputs, int inputs, boolean packed, int lastScale, long seed) {
        var blocks = Blocks.random(outputs, inputs, seed);
        if (!packed) {
            var shape = List.of((long) EXPERTS, (long) inputs, (long) outputs);
            writer.add(name, shape, blocks.transposed(outputs, inputs));
            return;
        }
        if (lastScale != 127) {
            blocks.scales[blocks.scales.length - 1] = (byte) lastScale;
        }
        long groups = inputs / BLOCK;
        writer.add(name + "_blocks", List.of((long) EXPERTS, (long) outputs, groups, 16L), blocks.blocks);
        writer.add(name + "_scales", List.of((long) EXPERTS, (long) outputs, groups), blocks.scales);
    }

    private static float[] logits(Path path) {
        try (var device = Devices.open(DeviceOptions.of("cpu"));
                var opened = ModelFolder.open(path);
                var model = Model.load(device, opened);
                var run = model.run(RunRequest.of(List.of(Row.of(5, 7, 11, 13, 17, 19)), Logits.ALL))) {
            opened.verify();
            return run.logits().toFloats();
        }
    }

    @Test
    void aPackedModelHasTheBitsOfTheSameModelInFloat32() {
        float[] packed = logits(model("packed", true, 127));
        assertTrue(packed[0] != 0);
        assertArrayEquals(logits(model("plain", false, 127)), packed);
    }

    @Test
    void aScaleThatIsNoNumberIsRefusedWithItsPlace() {
        var path = model("bad", true, 255);
        try (var opened = ModelFolder.open(path)) {
            var refusal = assertThrows(InputException.class, opened::verify);
            int last = EXPERTS * WIDTH * HIDDEN / BLOCK - 1;
            assertTrue(String.valueOf(refusal.getMessage()).contains("element " + last), refusal::getMessage);
        }
    }
}
