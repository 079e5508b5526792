package dev.patchbay.model.run;

import dev.patchbay.device.TableEntry.RowSpan;
import dev.patchbay.model.InputException;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.config.Rope;
import dev.patchbay.model.program.Positions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** The rows of a run laid out as one list of tokens, checked against the model. */
final class Batch {
    private final List<Row> rows;
    private final int[] firstToken;
    private final int[] tokenIds;
    private final int[] positions;
    private final List<Integer> order;
    private final boolean growing;

    /**
     * Lays rows out.
     *
     * @param growing whether the rows are steps of a generation, whose later steps may reach positions that these do not
     */
    Batch(List<Row> rows, Architecture architecture, Optional<KeyValues> base, boolean growing) {
        this.rows = rows;
        this.growing = growing;
        if (rows.isEmpty()) {
            throw new InputException("run: no rows; expected at least one prompt");
        }
        firstToken = new int[rows.size()];
        order = IntStream.range(0, rows.size())
                .boxed()
                .sorted(Comparator.comparingInt(row -> rows.get(row).joinStep()))
                .toList();
        int count = 0;
        for (int row : order) {
            check(rows.get(row), row, architecture, base);
            firstToken[row] = count;
            count = Math.addExact(count, rows.get(row).length());
        }
        tokenIds = new int[count];
        positions = new int[tokenIds.length];
        for (int row = 0; row < rows.size(); row++) {
            int[] own = rows.get(row).tokens();
            for (int i = 0; i < own.length; i++) {
                tokenIds[firstToken[row] + i] = own[i];
                positions[firstToken[row] + i] = rows.get(row).start() + i;
            }
        }
    }

    private static void check(Row row, int index, Architecture architecture, Optional<KeyValues> base) {
        if (row.length() == 0) {
            throw new InputException("row " + index + ": no tokens; expected at least one");
        }
        for (int id : row.tokens()) {
            if (id < 0 || id >= architecture.vocabulary()) {
                throw new InputException("row " + index + ": token id " + id
                        + " is out of range; the model's vocabulary has ids 0 to " + (architecture.vocabulary() - 1));
            }
        }
        if (architecture.embedding().learnedPositions() && row.end() > architecture.maxPositions()) {
            throw new InputException("row " + index + ": " + row.end() + " positions; the model has learned only "
                    + architecture.maxPositions() + ": shorten the prompt");
        }
        if (row.start() < 0 || (row.start() > 0 && !covers(base, row))) {
            throw new InputException("row " + index + ": starts at position " + row.start()
                    + ", but no base run supplies the positions before it");
        }
        if (row.start() > 0 || row.joinStep() != Row.FROM_THE_START) {
            base.ifPresent(supply -> checkRotation(row, index, architecture, supply));
        }
    }

    /** Keys of a base turn with the frequencies of its length: they fit only rows of the same kind. */
    private static void checkRotation(Row row, int index, Architecture architecture, KeyValues base) {
        int length = base.filled(row.base());
        architecture.attention().stream()
                .flatMap(layer -> layer.rope().stream())
                .filter(rope -> rope.isLong(length) != rope.isLong(row.end()))
                .findFirst()
                .flatMap(Rope::longer)
                .ifPresent(longer -> {
                    throw new InputException("row " + index + ": " + row.end() + " positions over a base run of "
                            + length + "; this model turns sequences of more than " + longer.beyond()
                            + " positions with other frequencies, so both must be longer or neither");
                });
    }

    private static boolean covers(Optional<KeyValues> base, Row row) {
        return base.isPresent()
                && row.base() >= 0
                && row.base() < base.get().rows()
                && base.get().filled(row.base()) >= row.start();
    }

    List<Row> rows() {
        return rows;
    }

    Row row(int index) {
        return rows.get(index);
    }

    /** Number of tokens of all rows. */
    int tokens() {
        return tokenIds.length;
    }

    int[] tokenIds() {
        return tokenIds;
    }

    int[] positions() {
        return positions;
    }

    /** The row of a rotary table for every token: each sequence turns by its own whole length. */
    int[] rotation(Rope rope, RotaryTable table) {
        int[] index = new int[tokenIds.length];
        for (int row = 0; row < rows.size(); row++) {
            int length = rows.get(row).end();
            for (int i = firstToken[row]; i <= lastToken(row); i++) {
                index[i] = table.row(rope, positions[i], length);
            }
        }
        return index;
    }

    /** One past the largest position. */
    int positionBound() {
        return Arrays.stream(positions).max().orElse(0) + 1;
    }

    /** Index in the batch of a row's position. */
    int token(int row, int position) {
        return firstToken[row] + position - rows.get(row).start();
    }

    /** Index in the batch of a row's last position. */
    int lastToken(int row) {
        return firstToken[row] + rows.get(row).length() - 1;
    }

    /** Rows in the order of their tokens: by the step after which they join. */
    List<Integer> order() {
        return order;
    }

    /** Number of rows that have joined before or after {@code step}. */
    int rowsAfter(int step) {
        return (int) rows.stream().filter(row -> row.joinStep() <= step).count();
    }

    /** Number of tokens of the first rows of {@link #order}. */
    int tokensOf(int rowCount) {
        return order.stream()
                .limit(rowCount)
                .mapToInt(row -> rows.get(row).length())
                .sum();
    }

    /** Whether any row joins late. */
    boolean joins() {
        return rows.stream().anyMatch(row -> row.joinStep() != Row.FROM_THE_START);
    }

    List<RowSpan> spans(Optional<KeyValues> base) {
        var spans = new ArrayList<RowSpan>(rows.size());
        for (int index : order) {
            Row row = rows.get(index);
            int begin =
                    row.start() == 0 ? 0 : Math.toIntExact(base.orElseThrow().begin(row.base()));
            spans.add(new RowSpan(firstToken[index], row.length(), row.start(), begin));
        }
        return spans;
    }

    /**
     * The positions of a row that are meant, ascending, whether the row computes them or its base did.
     *
     * @throws InputException for a position out of range or a span that the row does not have
     */
    int[] resolve(Positions chosen, int row, String where) {
        Row run = rows.get(row);
        int end = run.end();
        return switch (chosen) {
            case Positions.Every ignored -> range(0, end);
            case Positions.End ignored -> range(run.promptLength() - 1, Math.min(run.promptLength(), end));
            case Positions.Prompt ignored -> range(0, Math.min(run.promptLength(), end));
            case Positions.Generated ignored -> range(Math.min(run.promptLength(), end), end);
            case Positions.Last ignored -> range(end - 1, end);
            case Positions.Listed(var positions) -> listed(positions, run, row, where);
            case Positions.Span(var name) -> {
                var span = run.spans().get(name);
                if (span == null) {
                    throw new InputException(where + ": row " + row + " has no span '" + name + "'; it has "
                            + (run.spans().isEmpty()
                                    ? "none"
                                    : String.join(
                                            ", ",
                                            run.spans().keySet().stream()
                                                    .sorted()
                                                    .toList())));
                }
                yield listed(span, run, row, where);
            }
        };
    }

    private static int[] range(int from, int to) {
        int[] every = new int[Math.max(to - from, 0)];
        Arrays.setAll(every, i -> from + i);
        return every;
    }

    private int[] listed(List<Integer> positions, Row run, int row, String where) {
        int[] resolved = new int[positions.size()];
        int count = 0;
        for (int position : positions) {
            int absolute = position < 0 ? run.promptLength() + position : position;
            if (absolute < 0 || (absolute >= run.end() && !growing)) {
                throw new InputException(where + ": position " + position + " is out of range; row " + row + " has "
                        + run.end() + " positions");
            }
            if (absolute < run.end()) {
                resolved[count++] = absolute;
            }
        }
        return Arrays.stream(resolved, 0, count).sorted().distinct().toArray();
    }
}
