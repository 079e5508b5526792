package dev.patchbay.analysis.sweep;

import java.util.Locale;

/** Which run is patched, and where the values come from. */
public enum Direction {
    /** Values of the clean run into the corrupted one. */
    DENOISE,
    /** Values of the corrupted run into the clean one. */
    NOISE;

    /** The name used on the command line and in files. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
