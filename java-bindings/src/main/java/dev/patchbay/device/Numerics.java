package dev.patchbay.device;

import java.util.Locale;

/** Numerics profiles, see the class documentation of {@link Ops} for what {@link #EXACT} promises. */
public enum Numerics {
    /** float32; a row's bits depend only on its own tokens and edits. Every device has it. */
    EXACT,
    /** Three bf16 products with float32 accumulation, about 5e-6 relative. */
    FAST32,
    /** TF32 tensor cores. */
    TF32,
    /** bf16 inputs, float32 accumulation. */
    BF16;

    /** The name used on the command line and in files: lower case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
