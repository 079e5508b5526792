package dev.patchbay.model.checkpoint;

import java.nio.ByteBuffer;

/** Conversions of stored elements. Buffers are little-endian and hold whole elements. */
final class Elements {
    private Elements() {}

    /**
     * Fills {@code out} from its start with the elements of {@code chunk} as float32; F64 is rounded to nearest.
     *
     * @return {@code out}, whose limit is the end of what was written
     */
    static ByteBuffer widen(StoredType type, ByteBuffer chunk, ByteBuffer out) {
        out.clear();
        var floats = out.asFloatBuffer();
        switch (type) {
            case F32 -> floats.put(chunk.asFloatBuffer());
            case F16 -> {
                var halves = chunk.asShortBuffer();
                while (halves.hasRemaining()) {
                    floats.put(Float.float16ToFloat(halves.get()));
                }
            }
            case BF16 -> {
                var halves = chunk.asShortBuffer();
                while (halves.hasRemaining()) {
                    floats.put(Float.intBitsToFloat(halves.get() << 16));
                }
            }
            case F64 -> {
                var doubles = chunk.asDoubleBuffer();
                while (doubles.hasRemaining()) {
                    floats.put((float) doubles.get());
                }
            }
            default -> throw new IllegalArgumentException(type + " is no weight");
        }
        return out.limit(floats.position() * Float.BYTES);
    }

    /** Appends the elements of {@code chunk} to {@code out}; U64 above 2^63−1 wraps, truth values are 0 and 1. */
    static void integers(StoredType type, ByteBuffer chunk, long[] out, int begin) {
        int size = type.bits() / 8;
        int count = chunk.remaining() / size;
        for (int at = 0; at < count; at++) {
            int place = at * size;
            out[begin + at] = switch (type) {
                case BOOL, U8 -> Byte.toUnsignedLong(chunk.get(place));
                case I8 -> chunk.get(place);
                case I16 -> chunk.getShort(place);
                case U16 -> Short.toUnsignedLong(chunk.getShort(place));
                case I32 -> chunk.getInt(place);
                case U32 -> Integer.toUnsignedLong(chunk.getInt(place));
                case I64, U64 -> chunk.getLong(place);
                default -> throw new IllegalArgumentException(type + " is no integer");
            };
        }
    }

    /** The first byte that is no truth value, or −1. */
    static int firstNotBoolean(ByteBuffer chunk) {
        for (int at = 0; at < chunk.limit(); at++) {
            if ((chunk.get(at) & 0xfe) != 0) {
                return at;
            }
        }
        return -1;
    }

    /** Counts NaN and infinity; a complex number counts as its two parts. */
    static ValueCounts count(StoredType type, ByteBuffer chunk) {
        var part = type == StoredType.C64 ? StoredType.F32 : type;
        int size = Math.max(1, part.bits() / 8);
        long notNumbers = 0;
        long infinities = 0;
        for (int at = 0; at + size <= chunk.limit(); at += size) {
            switch (part) {
                case F64 -> {
                    double value = chunk.getDouble(at);
                    notNumbers += Double.isNaN(value) ? 1 : 0;
                    infinities += Double.isInfinite(value) ? 1 : 0;
                }
                case F32, F16, BF16, F8_E5M2 -> {
                    float value = part(part, chunk, at);
                    notNumbers += Float.isNaN(value) ? 1 : 0;
                    infinities += Float.isInfinite(value) ? 1 : 0;
                }
                case F8_E4M3 -> notNumbers += (chunk.get(at) & 0x7f) == 0x7f ? 1 : 0;
                case F8_E8M0 -> notNumbers += (chunk.get(at) & 0xff) == 0xff ? 1 : 0;
                case F8_E4M3FNUZ, F8_E5M2FNUZ -> notNumbers += (chunk.get(at) & 0xff) == 0x80 ? 1 : 0;
                default -> {}
            }
        }
        return new ValueCounts(chunk.limit() * 8L / type.bits(), notNumbers, infinities);
    }

    private static float part(StoredType type, ByteBuffer chunk, int at) {
        return switch (type) {
            case F32 -> chunk.getFloat(at);
            case F16 -> Float.float16ToFloat(chunk.getShort(at));
            case BF16 -> Float.intBitsToFloat(chunk.getShort(at) << 16);
            // The upper half of a float16.
            default -> Float.float16ToFloat((short) (chunk.get(at) << 8));
        };
    }

    /** The first element of {@code floats} that is NaN or infinite, or −1. */
    static int firstNotFinite(ByteBuffer floats) {
        var values = floats.asFloatBuffer();
        for (int at = 0; at < values.limit(); at++) {
            if (!Float.isFinite(values.get(at))) {
                return at;
            }
        }
        return -1;
    }
}
