package dev.patchbay.analysis.results;

import dev.patchbay.model.InputException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Formats that the results of a run are exported to. */
public enum ExportFormat {
    /** A table with a line a cell. */
    CSV,
    /** A JSON object a cell, one a line; numbers that are not finite are {@code null}. */
    JSONL,
    /** A folder with a NumPy file an array, and {@code facts.json}. */
    NPY,
    /** One NumPy archive with every array, and {@code facts}, a text of JSON. */
    NPZ,
    /** The arrays with their facts as metadata. */
    SAFETENSORS;

    /** The name on the command line. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The format of a name.
     *
     * @throws InputException where there is none
     */
    public static ExportFormat named(String label) {
        return Arrays.stream(values())
                .filter(format -> format.label().equals(label))
                .findFirst()
                .orElseThrow(() -> new InputException("--format: expected one of "
                        + Arrays.stream(values()).map(ExportFormat::label).collect(Collectors.joining(", "))
                        + ", found '" + label + "'"));
    }
}
