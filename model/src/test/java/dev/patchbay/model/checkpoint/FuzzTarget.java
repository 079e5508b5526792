package dev.patchbay.model.checkpoint;

import dev.patchbay.model.InputException;

/** What every fuzz target holds: whatever the bytes are, they are read, or refused with one harmless line. */
public final class FuzzTarget {
    private static final int LONGEST_LINE = 4000;

    private FuzzTarget() {}

    /** Reads something. */
    public interface Reader {
        void read();
    }

    /** Runs {@code reader}; says whether it refused. Anything but a proper refusal is a finding. */
    public static boolean refused(Reader reader) {
        try {
            reader.read();
            return false;
        } catch (InputException refused) {
            var line = String.valueOf(refused.getMessage());
            if (line.isEmpty() || line.length() > LONGEST_LINE) {
                throw new AssertionError("a refusal of " + line.length() + " characters", refused);
            }
            if (line.chars().anyMatch(unit -> unit < 0x20 || unit == 0x7f)) {
                throw new AssertionError("a refusal with control characters", refused);
            }
            return true;
        }
    }

    /** Insists that something holds of what was accepted. */
    public static void holds(boolean fact, String what) {
        if (!fact) {
            throw new AssertionError("accepted, though " + what);
        }
    }
}
