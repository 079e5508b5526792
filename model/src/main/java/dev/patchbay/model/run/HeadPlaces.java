package dev.patchbay.model.run;

import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/**
 * The tokens and heads at which a site of single heads is edited, by head and then by token: row i of the values that are
 * worked out for them is {@code heads[i]} of {@code tokens[i]}.
 */
record HeadPlaces(int[] tokens, int[] heads) {
    /** The places of entries whose columns are those of all heads side by side, {@code width} each. */
    static HeadPlaces of(List<EditPlan.PlannedEntry> entries, int width) {
        var keys = new TreeSet<Long>();
        entries.forEach(planned ->
                keys.add(key(planned.entry().column() / width, planned.entry().token())));
        int[] tokens = keys.stream().mapToInt(Long::intValue).toArray();
        int[] heads = keys.stream().mapToInt(key -> (int) (key >> Integer.SIZE)).toArray();
        return new HeadPlaces(tokens, heads);
    }

    private static long key(int head, int token) {
        return (long) head << Integer.SIZE | token;
    }

    int size() {
        return tokens.length;
    }

    /** The row of a place, negative where it is none. */
    int row(int head, int token) {
        int begin = begin(head);
        return Arrays.binarySearch(tokens, begin, begin(head + 1), token);
    }

    /** The first row of a head or a later one. */
    int begin(int head) {
        int row = 0;
        while (row < heads.length && heads[row] < head) {
            row++;
        }
        return row;
    }

    /** Rows of a matrix {@code [tokens × heads, …]}: one for every token's head. */
    int[] flat(int headCount) {
        int[] rows = new int[size()];
        Arrays.setAll(rows, i -> tokens[i] * headCount + heads[i]);
        return rows;
    }
}
