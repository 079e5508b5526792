package dev.patchbay.device;

import java.util.Locale;

/** Vector instructions of the CPU device; results have the same bits in each. Ordinals are the values of {@code pb_isa}. */
public enum InstructionSet {
    /** The widest this machine has, unless the system property {@value #PROPERTY} names another. */
    AUTO,
    /** 256-bit vectors with fused multiply-add. */
    AVX2,
    /** 512-bit vectors. */
    AVX512;

    /** System property that stands in for {@link #AUTO}: tests force every path with it. */
    public static final String PROPERTY = "patchbay.cpu.isa";

    /** The name a user types: lower case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The instruction set of a name.
     *
     * @throws IllegalArgumentException naming those there are
     */
    public static InstructionSet parse(String text) {
        for (InstructionSet candidate : values()) {
            if (candidate.label().equals(text)) {
                return candidate;
            }
        }
        throw new IllegalArgumentException("instruction set '" + text + "': expected auto, avx2 or avx512");
    }
}
