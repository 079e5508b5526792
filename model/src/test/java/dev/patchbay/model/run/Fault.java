package dev.patchbay.model.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * One line of the engine's source made wrong: an entry of {@code mutants.txt}.
 *
 * @param file below the sources of this module, or of the CPU device
 * @param line what stands there exactly once, white space aside
 * @param becomes what stands there instead
 * @param families the golden families that run on it
 * @param reason why no number shows it, empty for a real fault
 */
record Fault(String name, String file, String line, String becomes, List<String> families, String reason) {
    private static final Path LIST = Path.of("src", "test", "resources", "mutants.txt");
    private static final Path SOURCES = Path.of("src", "main", "java", "dev", "patchbay", "model");
    private static final Pattern WORD = Pattern.compile("\\w+|[^\\w\\s]");

    /** Every entry of the list, in its order. */
    static List<Fault> all() {
        try {
            return Arrays.stream(Files.readString(LIST).split("\n\n"))
                    .map(block -> block.lines()
                            .filter(text -> !text.startsWith("#"))
                            .map(text -> text.split(":", 2))
                            .collect(Collectors.toMap(
                                    pair -> pair[0], pair -> pair[1].strip(), (a, _) -> a, LinkedHashMap::new)))
                    .filter(fields -> !fields.isEmpty())
                    .map(Fault::of)
                    .toList();
        } catch (IOException failed) {
            throw new java.io.UncheckedIOException(failed);
        }
    }

    private static Fault of(Map<String, String> fields) {
        var seen = fields.containsKey("reason") ? "not seen by" : "seen by";
        return new Fault(
                field(fields, "fault"),
                field(fields, "file"),
                field(fields, "line"),
                field(fields, "becomes"),
                List.of(field(fields, seen).split(", ")),
                fields.getOrDefault("reason", ""));
    }

    private static String field(Map<String, String> fields, String name) {
        return Objects.requireNonNull(fields.get(name), () -> name + " of " + fields);
    }

    boolean isNative() {
        return file.startsWith("native/");
    }

    /** Where the file lies in the checkout. */
    Path path() {
        return isNative() ? Path.of("..").resolve(file) : SOURCES.resolve(file);
    }

    /** The file with the fault in it. */
    String source() throws IOException {
        var original = Files.readString(path());
        var words = WORD.matcher(line).results().map(word -> Pattern.quote(word.group()));
        var place = Pattern.compile(words.collect(Collectors.joining("\\s*"))).matcher(original);
        if (!place.find()) {
            throw new IllegalStateException(this + ": " + file + " has no such line: " + line);
        }
        var faulty = new StringBuilder(original)
                .replace(place.start(), place.end(), becomes)
                .toString();
        if (place.find()) {
            throw new IllegalStateException(this + ": " + file + " has this twice: " + line);
        }
        return faulty;
    }

    /** What the engine with the fault is off by in each family: the error and the array that has it. */
    List<String> run(Path scratch) throws IOException, InterruptedException {
        return FaultyEngine.run(this, scratch);
    }

    @Override
    public String toString() {
        return name;
    }
}
