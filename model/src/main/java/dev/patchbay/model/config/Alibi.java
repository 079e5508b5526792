package dev.patchbay.model.config;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Slopes of attention with linear biases (Press et al. 2021, arXiv:2108.12409): a score gains slope · (key − query). What a
 * library adds instead, slope · key or slope · (key − last), differs from it by the same number in a whole row.
 */
public final class Alibi {
    private Alibi() {}

    /** BLOOM: powers of 2^(−8/p) for the largest power of two p, then odd powers of its square root. */
    static List<Float> bloom(int heads) {
        int power = Integer.highestOneBit(heads);
        var regular = IntStream.rangeClosed(1, power).mapToObj(index -> slope(8.0 * index / power));
        var rest = IntStream.range(0, heads - power).mapToObj(index -> slope(8.0 * (2 * index + 1) / (2 * power)));
        return Stream.concat(regular, rest).toList();
    }

    /** MPT: those of the next power of two; where it is not the number of heads, every second first. */
    static List<Float> mpt(int heads) {
        int power = heads == 1 ? 1 : 2 * Integer.highestOneBit(heads - 1);
        var all = IntStream.rangeClosed(1, power)
                .mapToObj(index -> slope(8.0 * index / power))
                .toList();
        if (power == heads) {
            return all;
        }
        var odd = IntStream.range(0, power / 2).mapToObj(index -> all.get(2 * index + 1));
        var even = IntStream.range(0, power / 2).mapToObj(index -> all.get(2 * index));
        return Stream.concat(odd, even).limit(heads).toList();
    }

    /** What a score gains for each position of a key, before scaling: bfloat16(slope · bfloat16(position)). */
    public static float rounded(float slope, int position) {
        return bfloat16(bfloat16(slope) * bfloat16(position));
    }

    /** The nearest bfloat16, the even one of two. */
    private static float bfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        return Float.intBitsToFloat(bits + 0x7fff + (bits >> 16 & 1) & 0xffff_0000);
    }

    private static float slope(double exponent) {
        return (float) Math.pow(2, -exponent);
    }
}
