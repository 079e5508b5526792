package dev.patchbay.analysis.sweep;

import java.util.List;

/**
 * One axis of a grid and what its entries are.
 *
 * @param name {@code site}, {@code set}, {@code layer}, {@code head}, {@code pos}, {@code span} or {@code unit}
 * @param labels one an entry: layer, position and unit numbers, heads as {@code 6} or, where a head axis stands for its
 *     layer too, {@code 9.6}, sets as {@code 9.6,9.9}, sites and spans by name
 */
public record GridAxis(String name, List<String> labels) {
    /** Copies the list. */
    public GridAxis {
        labels = List.copyOf(labels);
    }

    /** Number of entries. */
    public int size() {
        return labels.size();
    }

    /** Whether the labels are numbers. */
    public boolean isNumeric() {
        return labels.stream().allMatch(label -> label.matches("\\d+"))
                && (name.equals("layer") || name.equals("head") || name.equals("pos") || name.equals("unit"));
    }
}
