package dev.patchbay.analysis;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.patchbay.model.InputException;
import java.util.Objects;

/** The one line with which bad input is refused. */
public final class Refused {
    private Refused() {}

    public static String line(Runnable attempt) {
        String message = Objects.requireNonNull(
                assertThrows(InputException.class, attempt::run).getMessage());
        assertFalse(message.contains("\n"), message);
        return message;
    }
}
