package dev.patchbay.model.checkpoint;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.patchbay.model.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The golden files of the tests. */
public final class Golden {
    private static final Path ROOT =
            Path.of("src", "test", "resources", "golden").toAbsolutePath();

    private Golden() {}

    /** A file or folder below the golden folder. */
    public static Path path(String first, String... more) {
        return ROOT.resolve(Path.of(first, more));
    }

    private static Json.Members manifest() {
        try {
            return (Json.Members) Json.parse(Files.readAllBytes(path("bad", "manifest.json")), "manifest");
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** An entry of the manifest. */
    record Case(String name, Json.Members expected) {
        boolean isRefused() {
            return text(expected, "expect").equals("reject");
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /** The entries of the manifest whose name begins and ends so; both are cut off. */
    static List<Case> cases(String begin, String end) {
        return manifest().members().entrySet().stream()
                .filter(entry ->
                        entry.getKey().startsWith(begin) && entry.getKey().endsWith(end))
                .map(entry -> new Case(
                        entry.getKey().substring(begin.length(), entry.getKey().length() - end.length()),
                        (Json.Members) entry.getValue()))
                .toList();
    }

    /** The one line with which something is refused. */
    public static String refusal(Runnable attempt) {
        var message =
                String.valueOf(assertThrows(InputException.class, attempt::run).getMessage());
        assertFalse(message.isEmpty() || message.contains("\n"), message);
        return message;
    }

    /** The text of a member. */
    static String text(Json.Members members, String name) {
        return ((Json.Text) members.find(name).orElseThrow()).value();
    }

    /** The member that is an object. */
    static Json.Members members(Json.Members members, String name) {
        return (Json.Members) members.find(name).orElseThrow();
    }
}
