package dev.patchbay.model.run;

import dev.patchbay.model.InputException;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.program.KeyWeight;
import dev.patchbay.model.program.Keys;
import dev.patchbay.model.program.Statistic;
import dev.patchbay.model.program.Statistic.Measure;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.site.SitePoint;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/** Checks statistics against a model: everything that can be said before there are tables. */
final class StatisticCheck {
    private final Architecture architecture;

    StatisticCheck(Architecture architecture) {
        this.architecture = architecture;
    }

    void check(List<Statistic> statistics, Batch batch) {
        var names = new HashSet<String>();
        for (Statistic statistic : statistics) {
            if (!names.add(statistic.name())) {
                throw new InputException(where(statistic) + ": asked for twice; give each its own name");
            }
            check(statistic);
        }
        int tokens = batch.rows().stream().mapToInt(Row::length).sum();
        if (!statistics.isEmpty() && batch.after(Row.FROM_THE_START).tokens() < tokens) {
            throw new InputException(where(statistics.getFirst())
                    + ": rows of the batch join late, the layers before are not run for them; run whole rows");
        }
    }

    /** How errors name a statistic. */
    static String where(Statistic statistic) {
        return "statistic '" + statistic.name() + "'";
    }

    private void check(Statistic statistic) {
        String where = where(statistic);
        for (int layer : statistic.layers().below(architecture.layers())) {
            SitePoint.checked(new SitePoint(Site.PATTERN, layer), where, architecture);
            if (keysOf(statistic.measure()).equals(Optional.of(new Keys.Sink()))
                    && !architecture.attention().get(layer).sinks()) {
                throw new InputException(where + ": layer " + layer + " has no attention sink");
            }
        }
        for (int head : statistic.heads().below(architecture.heads())) {
            if (head < 0 || head >= architecture.heads()) {
                throw new InputException(where + ": head " + head + " is out of range; the model has heads 0 to "
                        + (architecture.heads() - 1));
            }
        }
        keysOf(statistic.measure()).ifPresent(keys -> checkKeys(keys, where));
        if (statistic.measure() instanceof Measure.WeightedMass(Keys.Sink(), KeyWeight ignored)) {
            throw new InputException(where + ": a sink has no weight; ask for its mass");
        }
    }

    private static void checkKeys(Keys keys, String where) {
        if (keys instanceof Keys.Range(int from, int to, boolean ignored) && from >= to) {
            throw new InputException(
                    where + ": keys " + from + " to " + to + " are none; expected from < to, to being left out");
        }
        if (keys instanceof Keys.Offset(int distance) && distance < 0) {
            throw new InputException(where + ": distance " + distance + " lies ahead of the query; expected 0 or more");
        }
    }

    /** The keys a measure is about, where it names any. */
    static Optional<Keys> keysOf(Measure measure) {
        return switch (measure) {
            case Measure.Mass(var keys) -> Optional.of(keys);
            case Measure.WeightedMass(var keys, var ignored) -> Optional.of(keys);
            case Measure.TopTwo(var among) -> among;
            case Measure.LogSumExp() -> Optional.empty();
            case Measure.Entropy() -> Optional.empty();
            case Measure.Received() -> Optional.empty();
        };
    }

    /** No more than the attention pass has room for. */
    static void checkCount(int count, int most, String what, int layer) {
        if (count > most) {
            throw new InputException("statistics of layer " + layer + ": " + count + " different " + what + ", at most "
                    + most + " fit into one pass; ask for the others in another run");
        }
    }
}
