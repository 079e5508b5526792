package dev.patchbay.model.run;

import java.util.List;

/**
 * Which tokens of which rows a batch holds while some steps run: one row's tokens lie together, at neighbouring positions.
 *
 * @param order the rows that are there, in the order of their tokens
 * @param begin by row, where its tokens begin; −1 for rows that are not there
 * @param first by row, the position of its first token
 * @param count by row, the number of its tokens
 * @param tokens of all rows
 */
record Layout(List<Integer> order, int[] begin, int[] first, int[] count, int tokens) {
    /** Where a row's position is, −1 where it is not there. */
    int slot(int row, int position) {
        int place = position - first[row];
        return begin[row] < 0 || place < 0 || place >= count[row] ? -1 : begin[row] + place;
    }

    /** Told of tokens, in their order. */
    interface Visitor {
        void token(int slot, int row, int position);
    }

    void forEach(Visitor visitor) {
        for (int row : order) {
            for (int i = 0; i < count[row]; i++) {
                visitor.token(begin[row] + i, row, first[row] + i);
            }
        }
    }
}
