package dev.patchbay.model.checkpoint;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Element types of a safetensors file, named as the file names them. */
public enum StoredType {
    BOOL(8, Values.BOOLEAN),
    F4(4, Values.OPAQUE),
    F6_E2M3(6, Values.OPAQUE),
    F6_E3M2(6, Values.OPAQUE),
    U8(8, Values.INTEGER),
    I8(8, Values.INTEGER),
    F8_E5M2(8, Values.OPAQUE),
    F8_E4M3(8, Values.OPAQUE),
    F8_E8M0(8, Values.OPAQUE),
    F8_E4M3FNUZ(8, Values.OPAQUE),
    F8_E5M2FNUZ(8, Values.OPAQUE),
    I16(16, Values.INTEGER),
    U16(16, Values.INTEGER),
    F16(16, Values.WEIGHT),
    BF16(16, Values.WEIGHT),
    I32(32, Values.INTEGER),
    U32(32, Values.INTEGER),
    F32(32, Values.WEIGHT),
    C64(64, Values.OPAQUE),
    F64(64, Values.WEIGHT),
    I64(64, Values.INTEGER),
    U64(64, Values.INTEGER);

    private static final Map<String, StoredType> BY_NAME =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(StoredType::name, Function.identity()));

    private enum Values {
        WEIGHT,
        INTEGER,
        BOOLEAN,
        OPAQUE
    }

    private final int bits;
    private final Values values;

    StoredType(int bits, Values values) {
        this.bits = bits;
        this.values = values;
    }

    /** Bits of an element. */
    public int bits() {
        return bits;
    }

    /** Whether the elements can be read as float32: F32, F16, BF16, and F64 rounded to nearest. */
    public boolean isWeight() {
        return values == Values.WEIGHT;
    }

    /** Whether the elements are integers or truth values. */
    public boolean isInteger() {
        return values == Values.INTEGER || values == Values.BOOLEAN;
    }

    /** The nearest number that this type can hold, ties to even; the number itself for types of 32 bits and more. */
    public float rounded(float value) {
        return switch (this) {
            case F16 -> Float.float16ToFloat(Float.floatToFloat16(value));
            case BF16 -> {
                int bits = Float.floatToRawIntBits(value);
                yield Float.intBitsToFloat((bits + 0x7fff + (bits >>> 16 & 1)) & 0xffff0000);
            }
            default -> value;
        };
    }

    /** The type of that name, which is case-sensitive. */
    static Optional<StoredType> named(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }
}
