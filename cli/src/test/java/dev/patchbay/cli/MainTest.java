package dev.patchbay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class MainTest {
    private final StringWriter errors = new StringWriter();

    @Test
    void badArgumentsAreOneLineAndExitCodeTwo() {
        assertEquals(2, run("--no-such-option"));
        assertTrue(errors.toString().contains("--no-such-option"), errors.toString());
        assertEquals(1, errors.toString().lines().count(), errors.toString());
    }

    @Test
    void noCommandIsBadInput() {
        assertEquals(2, run());
        assertEquals(1, errors.toString().lines().count(), errors.toString());
    }

    private int run(String... arguments) {
        return Main.commandLine().setErr(new PrintWriter(errors, true)).execute(arguments);
    }
}
