package dev.patchbay.device;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.function.Executable;

/** What a test expects of an argument that must not pass. */
final class Refusal {
    private Refusal() {}

    /** Throws {@link IllegalArgumentException} with a message that begins with the argument's name. */
    static void assertRefused(String argument, Executable call) {
        String message =
                assertThrows(IllegalArgumentException.class, call, argument).toString();
        assertTrue(message.contains(": " + argument), message);
    }

    /** Throws that type with a message that holds {@code part}. */
    static void assertThrowsSaying(Class<? extends Throwable> type, String part, Executable call) {
        String message = assertThrows(type, call).toString();
        assertTrue(message.contains(part), message);
    }
}
