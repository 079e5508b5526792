package dev.patchbay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.model.checkpoint.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/** What a command did when it was run in this process. */
record CommandRun(int code, String out, String err) {
    /** Golden fixtures, shared with the model module. */
    static final Path GOLDEN = Path.of("../model/src/test/resources/golden");

    static final String TINY = "../examples/checkpoints/gpt2-tiny";
    static final String TINY_PAIRS = "../examples/pairs/gpt2-tiny.jsonl";

    static CommandRun of(Object... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        var texts = new String[arguments.length];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = arguments[i].toString();
        }
        int code = Main.commandLine(Terminal.NONE)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(texts);
        return new CommandRun(code, out.toString(), err.toString());
    }

    /** Expects success. */
    CommandRun succeeds() {
        assertEquals(0, code, this::toString);
        return this;
    }

    /** Expects one line on standard error that holds these words, nothing on standard output, and this exit code. */
    void failsWith(int expected, String... words) {
        assertEquals(expected, code, this::toString);
        assertEquals(1, err.lines().count(), this::toString);
        assertEquals("", out, this::toString);
        for (String word : words) {
            assertTrue(err.contains(word), () -> "no '" + word + "' in: " + err);
        }
    }

    /** Expects bad input. */
    void isRefused(String... words) {
        failsWith(2, words);
    }

    /** The object on the last line of standard output. */
    Map<String, Json> json() {
        succeeds();
        var last = out.lines().reduce("", (_, line) -> line);
        if (Json.parse(last.getBytes(StandardCharsets.UTF_8), "last line") instanceof Json.Members members) {
            return members.members();
        }
        throw new AssertionError("no object: " + last);
    }
}
