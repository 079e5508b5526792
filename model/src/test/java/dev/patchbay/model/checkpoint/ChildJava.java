package dev.patchbay.model.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonFactory;
import dev.patchbay.device.Device;
import dev.patchbay.model.InputException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A Java process of its own for tests that measure one. */
public final class ChildJava {
    private ChildJava() {}

    /**
     * Runs a main class of the tests on the class path, to its end.
     *
     * @param heap as {@code -Xmx} takes it
     * @return the lines that it printed
     */
    public static List<String> run(String heap, Class<?> main, List<String> arguments)
            throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                Stream.of(main, InputException.class, Device.class, JsonFactory.class)
                        .map(ChildJava::place)
                        .collect(Collectors.joining(":")),
                main.getName()));
        command.addAll(arguments);
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output.lines().toList();
    }

    /** The folder or jar that a class was read from. */
    private static String place(Class<?> type) {
        var name = type.getName().replace('.', '/') + ".class";
        try {
            var url =
                    Objects.requireNonNull(type.getResource("/" + name)).toURI().toString();
            var whole = url.substring(0, url.length() - name.length());
            return whole.startsWith("jar:")
                    ? whole.substring("jar:file:".length(), whole.length() - "!/".length())
                    : whole.substring("file:".length());
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
