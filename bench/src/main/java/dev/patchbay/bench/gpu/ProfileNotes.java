package dev.patchbay.bench.gpu;

import dev.patchbay.bench.gpu.SpeedRun.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** What the profiles of a speed run cost beside each other, in sentences. */
final class ProfileNotes {
    private static final String FAST32 = SpeedRun.FAST + "fast32] ";
    private static final String BF16 = SpeedRun.FAST + "bf16] ";

    private ProfileNotes() {}

    /** The sentences that the rows have numbers for. */
    static List<String> of(List<Row> rows) {
        var notes = new ArrayList<String>();
        var slower = rows.stream()
                .filter(row -> row.what().startsWith(FAST32 + "product"))
                .flatMapToDouble(fast -> rows.stream()
                        .filter(row -> fast.what().equals(FAST32 + row.what()))
                        .mapToDouble(row -> row.time().seconds() / fast.time().seconds()));
        spread("Products of exact take %.1f times as long as those of fast32", slower)
                .ifPresent(notes::add);
        var shares = rows.stream()
                .filter(row -> row.what().startsWith(BF16) && row.ceiling() > 0)
                .mapToDouble(row -> 100 * row.rate() / row.ceiling());
        spread("Products of bf16, conversion included, reach %.0f %% of cuBLASLt alone", shares)
                .ifPresent(notes::add);
        var costs = IntStream.range(1, rows.size())
                .filter(i -> rows.get(i).what().startsWith(BF16)
                        && rows.get(i).what().startsWith(rows.get(i - 1).what()))
                .mapToDouble(i -> 100
                        * (rows.get(i).time().seconds() / rows.get(i - 1).time().seconds() - 1));
        spread("Statistics make attention of bf16 %.1f %% slower", costs).ifPresent(notes::add);
        return notes;
    }

    /** A sentence about the median of numbers, and their range. */
    private static Optional<String> spread(String sentence, DoubleStream numbers) {
        double[] sorted = numbers.sorted().toArray();
        return sorted.length == 0
                ? Optional.empty()
                : Optional.of(String.format(
                        Locale.ROOT,
                        sentence + " (median of %d; from %.1f to %.1f).",
                        sorted[sorted.length / 2],
                        sorted.length,
                        sorted[0],
                        sorted[sorted.length - 1]));
    }
}
