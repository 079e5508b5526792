package dev.patchbay.model.checkpoint;

import dev.patchbay.model.InputCode;
import dev.patchbay.model.checkpoint.WeightMap.Source;
import dev.patchbay.model.input.Names;
import java.util.ArrayList;
import java.util.List;

/**
 * Weights in blocks of 32 elements of 4 bits with a scale: MXFP4 of the OCP Microscaling Formats (MX) Specification 1.0, §5.3.
 * An element is E2M1, sign in its highest bit; the scale is E8M0, {@code 2^(byte − 127)}. As GPT-OSS stores them: U8
 * {@code [experts, outputs, blocks, 16]}, the lower half of a byte being the earlier element, and U8 scales
 * {@code [experts, outputs, blocks]}.
 */
public final class Mxfp4 {
    /** Bytes of a block. */
    public static final int BLOCK_BYTES = 16;

    private static final int BLOCK_VALUES = 2 * BLOCK_BYTES;
    private static final int SCALE_BIAS = 127;
    private static final int SCALE_OF_NO_NUMBER = 0xff;
    private static final float[] VALUES = {0, 0.5f, 1, 1.5f, 2, 3, 4, 6, -0f, -0.5f, -1, -1.5f, -2, -3, -4, -6};

    private Mxfp4() {}

    /** The shape of the values of blocks: the last two axes become one. */
    static List<Long> valueShape(List<Long> blocks) {
        var shape = new ArrayList<>(blocks.subList(0, blocks.size() - 2));
        shape.add(Math.multiplyExact(blocks.get(blocks.size() - 2), (long) BLOCK_VALUES));
        return shape;
    }

    /**
     * Expands blocks.
     *
     * @param blocks 16 bytes a block
     * @param scales a byte a block
     * @param values where the 32 values of every block go, from the start
     * @return the first block that has no finite values, −1 where all have
     */
    public static int expand(byte[] blocks, byte[] scales, float[] values) {
        for (int block = 0; block < scales.length; block++) {
            int scale = scales[block] & 0xff;
            int begin = block * BLOCK_BYTES;
            for (int i = begin; i < begin + BLOCK_BYTES; i++) {
                values[2 * i] = Math.scalb(VALUES[blocks[i] & 0xf], scale - SCALE_BIAS);
                values[2 * i + 1] = Math.scalb(VALUES[blocks[i] >> 4 & 0xf], scale - SCALE_BIAS);
                if (scale == SCALE_OF_NO_NUMBER
                        || !Float.isFinite(values[2 * i])
                        || !Float.isFinite(values[2 * i + 1])) {
                    return block;
                }
            }
        }
        return -1;
    }

    /** The values of a source that is stored in blocks, or of its member. */
    static float[] read(TensorStore store, Source source, String scales) {
        long count = source.valueShape().stream().reduce(1L, Math::multiplyExact);
        long first = source.member() == Source.WHOLE ? 0 : source.member() * count;
        var values = new float[Math.toIntExact(count)];
        long blocks = count / BLOCK_VALUES;
        int bad = expand(
                store.bytes(source.tensor(), first / 2, count / 2),
                store.bytes(scales, first / BLOCK_VALUES, blocks),
                values);
        if (bad >= 0) {
            throw InputCode.W_NAN.refusal("tensor " + Names.quote(scales) + ": element " + (first / BLOCK_VALUES + bad)
                    + ": expected a scale that leaves its block's values finite float32 numbers, found another:"
                    + " the checkpoint is damaged");
        }
        return values;
    }
}
