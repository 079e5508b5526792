package dev.patchbay.cli;

import dev.patchbay.model.InputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A table of aligned columns: a column whose name begins with {@code >} is flush right. For one thread. */
final class Table {
    private static final String GAP = "  ";
    private final List<String> names;
    private final boolean[] right;
    private final List<List<String>> rows = new ArrayList<>();

    Table(String... columns) {
        names = Arrays.stream(columns)
                .map(name -> name.startsWith(">") ? name.substring(1) : name)
                .toList();
        right = new boolean[columns.length];
        for (int column = 0; column < columns.length; column++) {
            right[column] = columns[column].startsWith(">");
        }
    }

    /** Adds a row; control characters are escaped. */
    Table row(Object... cells) {
        if (cells.length != names.size()) {
            throw new IllegalArgumentException(cells.length + " cells in a table of " + names.size() + " columns");
        }
        rows.add(Arrays.stream(cells)
                .map(cell -> InputException.oneLine(String.valueOf(cell)))
                .toList());
        return this;
    }

    /** The table as lines, its head first where any column has a name. */
    List<String> lines() {
        var all = new ArrayList<List<String>>();
        if (names.stream().anyMatch(name -> !name.isEmpty())) {
            all.add(names);
        }
        all.addAll(rows);
        int[] widths = new int[names.size()];
        for (var row : all) {
            for (int column = 0; column < widths.length; column++) {
                widths[column] = Math.max(widths[column], width(row.get(column)));
            }
        }
        return all.stream().map(row -> line(row, widths)).toList();
    }

    private String line(List<String> row, int[] widths) {
        var line = new StringBuilder();
        for (int column = 0; column < widths.length; column++) {
            String cell = row.get(column);
            String pad = " ".repeat(widths[column] - width(cell));
            line.append(column == 0 ? "" : GAP).append(right[column] ? pad + cell : cell + pad);
        }
        return line.toString().stripTrailing();
    }

    private static int width(String cell) {
        return cell.codePointCount(0, cell.length());
    }
}
