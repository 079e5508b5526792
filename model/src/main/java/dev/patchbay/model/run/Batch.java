package dev.patchbay.model.run;

import dev.patchbay.device.TableEntry.RowSpan;
import dev.patchbay.model.InputException;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.config.Rope;
import dev.patchbay.model.graph.Graph;
import dev.patchbay.model.program.Positions;
import dev.patchbay.model.site.SitePoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** The rows of a run laid out as one list of tokens, checked against the model. */
final class Batch {
    private final List<Row> rows;
    private final Graph graph;
    private final List<Integer> order;
    private final boolean growing;
    /** What the batch holds after a step and until the next one here. */
    private final NavigableMap<Integer, Layout> layouts = new TreeMap<>();

    private final int endsAfter;
    private final int tokens;

    /**
     * Lays rows out.
     *
     * @param growing whether the rows are steps of a generation, whose later steps may reach positions that these do not
     * @param endsOnly whether past the last attention only the last token of each row is there
     */
    Batch(List<Row> rows, Graph graph, Optional<KeyValues> base, boolean growing, boolean endsOnly) {
        this.rows = rows;
        this.graph = graph;
        this.growing = growing;
        if (rows.isEmpty()) {
            throw new InputException("run: no rows; expected at least one prompt");
        }
        endsAfter = endsOnly && graph.lastAttention() >= 0 ? graph.lastAttention() : Integer.MAX_VALUE;
        order = IntStream.range(0, rows.size())
                .boxed()
                .sorted(Comparator.comparingInt(row -> rows.get(row).joinStep()))
                .toList();
        var steps = new TreeSet<Integer>(List.of(Row.FROM_THE_START));
        if (endsAfter != Integer.MAX_VALUE) {
            steps.add(endsAfter);
        }
        for (int index : order) {
            Row row = rows.get(index);
            check(row, index, graph.architecture(), base);
            steps.add(row.joinStep());
            if (row.early() < row.length()) {
                steps.add(row.spreadStep());
            }
        }
        steps.forEach(step -> layouts.put(step, lay(step)));
        tokens = layouts.values().stream().mapToInt(Layout::tokens).max().orElseThrow();
    }

    private Layout lay(int step) {
        int[] begin = new int[rows.size()];
        int[] first = new int[rows.size()];
        int[] count = new int[rows.size()];
        Arrays.fill(begin, -1);
        var there = new ArrayList<Integer>();
        int all = 0;
        for (int index : order) {
            Row row = rows.get(index);
            if (row.joinStep() > step) {
                continue;
            }
            boolean end = step >= endsAfter;
            int its = step >= row.spreadStep() ? row.length() : row.early();
            if (end && its < row.length()) {
                throw new IllegalArgumentException("row " + index + " spreads past the last attention");
            }
            there.add(index);
            begin[index] = all;
            first[index] = end ? row.end() - 1 : row.start();
            count[index] = end ? 1 : its;
            all = Math.addExact(all, count[index]);
        }
        return new Layout(List.copyOf(there), begin, first, count, all);
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

    /** The most tokens it ever holds. */
    int tokens() {
        return tokens;
    }

    /** What it holds after a step; {@link Row#FROM_THE_START} for what it begins with. */
    Layout after(int step) {
        return layouts.floorEntry(step).getValue();
    }

    /** What it holds where a site's value is there to be edited and kept. */
    Layout at(SitePoint point) {
        var traits = point.site().traits();
        boolean withinAStep = traits.keys() || traits.singleHeads();
        return after(withinAStep ? graph.step(point) - 1 : graph.step(point));
    }

    /** What the head reads. */
    Layout atHead() {
        return layouts.lastEntry().getValue();
    }

    /** Where a row's position is at a site, −1 where it is not. */
    int token(SitePoint point, int row, int position) {
        return at(point).slot(row, position);
    }

    /** That a position which is not there at a site is one that nothing reads: past the last attention, not a row's last. */
    void checkUnread(SitePoint point, int row, int position, String where) {
        if (graph.definition(graph.value(point)) < endsAfter) {
            throw new InputException(
                    where + ": position " + position + " of row " + row + " joins only after " + point.label());
        }
    }

    /** The token of every place of a layout. */
    int[] tokenIds(Layout layout) {
        int[] ids = new int[layout.tokens()];
        layout.forEach((slot, row, position) -> {
            Row run = rows.get(row);
            ids[slot] = run.tokens()[position - run.start()];
        });
        return ids;
    }

    /** The position of every place of a layout. */
    int[] positions(Layout layout) {
        int[] positions = new int[layout.tokens()];
        layout.forEach((slot, _, position) -> positions[slot] = position);
        return positions;
    }

    /** The row of a rotary table for every token: each sequence turns by its own whole length. */
    int[] rotation(Layout layout, Rope rope, RotaryTable table) {
        int[] index = new int[layout.tokens()];
        layout.forEach((slot, row, position) ->
                index[slot] = table.row(rope, position, rows.get(row).end()));
        return index;
    }

    /** One past the largest position. */
    int positionBound() {
        return rows.stream().mapToInt(Row::end).max().orElseThrow();
    }

    /** Where each row's last token is when the head reads it. */
    int[] lastTokens() {
        var layout = atHead();
        return IntStream.range(0, rows.size())
                .map(row -> layout.slot(row, rows.get(row).end() - 1))
                .toArray();
    }

    /** Whether it ever changes what it holds. */
    boolean changes() {
        return layouts.size() > 1;
    }

    /** Whether any row joins late. */
    boolean joins() {
        return rows.stream().anyMatch(row -> row.joinStep() != Row.FROM_THE_START);
    }

    /** The rows of a layout, as attention sees them. */
    List<RowSpan> spans(Layout layout, Optional<KeyValues> base) {
        var spans = new ArrayList<RowSpan>(layout.order().size());
        for (int index : layout.order()) {
            Row row = rows.get(index);
            int begin =
                    row.start() == 0 ? 0 : Math.toIntExact(base.orElseThrow().begin(row.base()));
            spans.add(new RowSpan(layout.begin()[index], layout.count()[index], layout.first()[index], begin));
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
