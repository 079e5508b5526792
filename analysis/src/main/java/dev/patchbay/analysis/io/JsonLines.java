package dev.patchbay.analysis.io;

import dev.patchbay.model.InputException;
import dev.patchbay.model.checkpoint.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A file of one JSON value a line. */
public final class JsonLines {
    private static final long LARGEST = 1L << 30;

    private JsonLines() {}

    /**
     * A line.
     *
     * @param where file and line number, counted from 1
     * @param value what it holds
     */
    public record Line(String where, Json value) {}

    /**
     * Reads every line; only the last one may be empty.
     *
     * @throws InputException where the file cannot be read, is larger than 1 GiB, or a line is no JSON value
     */
    public static List<Line> read(Path path) {
        return parse(bytes(path, LARGEST), path.toString());
    }

    /** The lines of a text. */
    public static List<Line> parse(byte[] utf8, String name) {
        var lines = new ArrayList<Line>();
        int begin = 0;
        for (int number = 1; begin < utf8.length; number++) {
            int end = begin;
            while (end < utf8.length && utf8[end] != '\n') {
                end++;
            }
            String where = name + " line " + number;
            byte[] line = Arrays.copyOfRange(utf8, begin, end);
            if (isBlank(line)) {
                throw new InputException(where + ": expected a JSON object, found an empty line; remove it");
            }
            lines.add(new Line(where, Json.parse(line, where)));
            begin = end + 1;
        }
        return List.copyOf(lines);
    }

    /**
     * All bytes of a file.
     *
     * @throws InputException where it is no readable file or larger than {@code most} bytes
     */
    public static byte[] bytes(Path path, long most) {
        try {
            if (!Files.isRegularFile(path)) {
                throw new InputException(path + ": expected a file, found "
                        + (Files.exists(path) ? "something else" : "nothing") + "; check the path");
            }
            long size = Files.size(path);
            if (size > most) {
                throw new InputException(path + ": expected at most " + most + " bytes, found " + size);
            }
            return Files.readAllBytes(path);
        } catch (IOException failed) {
            throw new InputException(path + ": cannot be read: " + failed, failed);
        }
    }

    private static boolean isBlank(byte[] line) {
        for (byte unit : line) {
            if (unit != ' ' && unit != '\t' && unit != '\r') {
                return false;
            }
        }
        return true;
    }
}
