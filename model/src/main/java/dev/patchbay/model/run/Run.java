package dev.patchbay.model.run;

import dev.patchbay.device.Tensor;
import dev.patchbay.model.site.SitePoint;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a forward pass returned: logits, captures, statistics, edit reports, and keys and values where they were asked for.
 * Owns the captures, statistics and logits; keys and values pass to whoever takes them.
 */
public final class Run implements AutoCloseable {
    private final Optional<Tensor> logits;
    private final Map<SitePoint, Captured> captures;
    private final List<EditReport> reports;
    private final StatisticsPlan statistics;
    private final Optional<KeyValues> keyValues;

    Run(
            Optional<Tensor> logits,
            Map<SitePoint, Captured> captures,
            List<EditReport> reports,
            StatisticsPlan statistics,
            Optional<KeyValues> keyValues) {
        this.logits = logits;
        this.captures = Map.copyOf(captures);
        this.reports = List.copyOf(reports);
        this.statistics = statistics;
        this.keyValues = keyValues;
    }

    /**
     * The logits asked for: {@code [tokens, V]} for all, {@code [rows, V]} for the last of each row, {@code [1, n]} for
     * chosen ones, row after row.
     */
    public Tensor logits() {
        return logits.orElseThrow(() -> new IllegalStateException("no logits were asked for"));
    }

    /** A captured site. */
    public Captured capture(SitePoint point) {
        Captured captured = captures.get(point);
        if (captured == null) {
            throw new IllegalStateException("site " + point.label() + " was not captured");
        }
        return captured;
    }

    /** All captures. */
    public Map<SitePoint, Captured> captures() {
        return captures;
    }

    /** A statistic of the program, copied from the device, for which it waits. */
    public Measured statistic(String name) {
        return statistics.statistics().stream()
                .filter(statistic -> statistic.name().equals(name))
                .findFirst()
                .map(statistics::read)
                .orElseThrow(() -> new IllegalStateException("statistic '" + name + "' was not asked for"));
    }

    /** What each edit of the program did, in its order. */
    public List<EditReport> reports() {
        return reports;
    }

    /** The run's keys and values, closed by the caller. */
    public KeyValues keyValues() {
        return keyValues.orElseThrow(() -> new IllegalStateException("keys and values were not asked for"));
    }

    @Override
    public void close() {
        logits.ifPresent(tensor -> tensor.buffer().close());
        captures.values().forEach(captured -> captured.tensor().buffer().close());
        statistics.close();
    }
}
