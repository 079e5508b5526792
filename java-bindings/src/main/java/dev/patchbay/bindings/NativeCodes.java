package dev.patchbay.bindings;

/** Java enums and the C enums they mirror: constants stand in the same order, so a C value is an ordinal. */
@SuppressWarnings("EnumOrdinal")
public final class NativeCodes {
    private NativeCodes() {}

    /** The C value of a constant. */
    public static int code(Enum<?> constant) {
        return constant.ordinal();
    }

    /** The constant of a C value. */
    public static <E extends Enum<E>> E constant(Class<E> type, int code) {
        return type.getEnumConstants()[code];
    }
}
