package dev.patchbay.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A matrix as text: coloured cells on a terminal with colours, red above and blue below zero, elsewhere numbers. Wide
 * matrices get narrow cells: colour alone, or tenths of the largest magnitude.
 *
 * @param title above the map
 * @param rowName what the rows are
 * @param rows labels of the rows
 * @param columnName what the columns are
 * @param columns labels of the columns
 * @param values {@code [rows][columns]}; NaN where there is none
 */
record HeatMap(
        String title, String rowName, List<String> rows, String columnName, List<String> columns, double[][] values) {
    private static final int WIDE = 14;
    private static final String RESET = "\u001b[0m";
    private static final int[] POSITIVE = {196, 54, 40};
    private static final int[] NEGATIVE = {40, 96, 200};
    private static final int DARK = 40;

    /** The map as lines. */
    List<String> lines(boolean colour) {
        int cell = cellWidth();
        int label = Math.max(
                rowName.length() + 1,
                rows.stream().mapToInt(String::length).max().orElse(0) + 1);
        var lines = new ArrayList<String>();
        lines.add(title);
        var head = new StringBuilder(pad(rowName, label));
        for (String column : columns) {
            head.append(flushRight(column, cell - 1)).append(' ');
        }
        lines.add(head + " " + columnName);
        double most = largest();
        for (int row = 0; row < rows.size(); row++) {
            var line = new StringBuilder(flushRight(rows.get(row), label - 1)).append(' ');
            for (double value : values[row]) {
                line.append(cell(value, most, cell, colour));
            }
            lines.add(line.toString().stripTrailing());
        }
        if (columns.size() > WIDE && !colour) {
            lines.add(String.format(Locale.ROOT, "%stenths of the largest magnitude, %.3f", " ".repeat(label), most));
        }
        return lines;
    }

    private int cellWidth() {
        int longest = columns.stream().mapToInt(String::length).max().orElse(0);
        return Math.max(columns.size() > WIDE ? 3 : 6, longest + 1);
    }

    private double largest() {
        double most = 0;
        for (double[] row : values) {
            for (double value : row) {
                most = Double.isNaN(value) ? most : Math.max(most, Math.abs(value));
            }
        }
        return most;
    }

    private String cell(double value, double most, int width, boolean colour) {
        double share = most == 0 || Double.isNaN(value) ? 0 : value / most;
        String text = flushRight(text(value, share, colour), width - 1) + " ";
        if (!colour || Math.abs(share) < 0.02) {
            return text;
        }
        // Weak effects stay visible beside strong ones.
        double strength = Math.pow(Math.abs(share), 0.7);
        int[] end = share > 0 ? POSITIVE : NEGATIVE;
        var code = new StringBuilder("\u001b[97;48;2");
        for (int channel : end) {
            code.append(';').append(DARK + Math.round((channel - DARK) * strength));
        }
        return code.append('m').append(text).append(RESET).toString();
    }

    private String text(double value, double share, boolean colour) {
        if (Double.isNaN(value)) {
            return "?";
        }
        if (columns.size() > WIDE) {
            long tenths = Math.round(share * 10);
            return colour ? "" : tenths == 0 ? "·" : String.valueOf(tenths);
        }
        String number = String.format(Locale.ROOT, "%.2f", value);
        return number.equals("0.00") || number.equals("-0.00") ? "·" : number;
    }

    /** Two maps beside each other, as high as the higher one. */
    static List<String> beside(HeatMap left, HeatMap right, boolean colour) {
        var first = left.lines(colour);
        var second = right.lines(colour);
        int width = first.stream().mapToInt(HeatMap::visible).max().orElse(0) + 4;
        var lines = new ArrayList<String>();
        for (int line = 0; line < Math.max(first.size(), second.size()); line++) {
            String a = line < first.size() ? first.get(line) : "";
            String b = line < second.size() ? second.get(line) : "";
            lines.add((a + " ".repeat(width - visible(a)) + b).stripTrailing());
        }
        return lines;
    }

    private static int visible(String line) {
        return line.replaceAll("\u001b\\[[0-9;]*m", "").length();
    }

    private static String pad(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }

    private static String flushRight(String text, int width) {
        return " ".repeat(Math.max(0, width - text.length())) + text;
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
