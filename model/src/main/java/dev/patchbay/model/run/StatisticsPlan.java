package dev.patchbay.model.run;

import dev.patchbay.device.Attention;
import dev.patchbay.device.Attention.ChosenTop;
import dev.patchbay.device.Attention.KeyWeights;
import dev.patchbay.device.Attention.Received;
import dev.patchbay.device.DType;
import dev.patchbay.device.Device;
import dev.patchbay.device.Ops;
import dev.patchbay.device.Tensor;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.program.KeyWeight;
import dev.patchbay.model.program.Keys;
import dev.patchbay.model.program.Statistic;
import dev.patchbay.model.program.Statistic.Measure;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The statistics of a run, compiled: what each layer's attention pass measures, and into which tensors. */
final class StatisticsPlan {
    private static final int MOST_KEYS = 8;
    private static final int MOST_WEIGHTS = 4;

    private final Architecture architecture;
    private final Device device;
    private final Batch batch;
    private final Layout layout;
    private final KeyTables keys;
    private final Cleanup results;
    private final List<Statistic> statistics;
    private final Map<Integer, Layer> layers = new TreeMap<>();
    private final List<Tensor> tensors = new ArrayList<>();

    /** What one layer measures. */
    private record Layer(
            List<Keys> keys,
            List<KeyWeight> weights,
            Attention.Statistics request,
            Optional<KeyWeightTables> weightTables,
            @Nullable Tensor logSumExp) {}

    /** Checks the request's statistics and allocates what they need: tables in the care of {@code own}. */
    StatisticsPlan(
            Architecture architecture, Device device, Batch batch, RunRequest request, Cleanup own, Cleanup results) {
        this.architecture = architecture;
        this.device = device;
        this.batch = batch;
        this.results = results;
        statistics = request.program().statistics();
        new StatisticCheck(architecture).check(statistics, batch);
        layout = batch.after(Row.FROM_THE_START);
        keys = new KeyTables(device, batch, layout, own);
        for (int layer = 0; layer < architecture.layers(); layer++) {
            int number = layer;
            var wanted = statistics.stream()
                    .filter(statistic -> statistic.layers().contains(number))
                    .toList();
            if (!wanted.isEmpty()) {
                layers.put(layer, compile(layer, wanted, request, own));
            }
        }
    }

    private Layer compile(int layer, List<Statistic> wanted, RunRequest request, Cleanup own) {
        var measures = wanted.stream().map(Statistic::measure).toList();
        var among = of(measures, Measure.TopTwo.class)
                .flatMap(top -> top.among().stream())
                .distinct()
                .toList();
        StatisticCheck.checkCount(among.size(), 1, "choices of keys for the two largest weights", layer);
        var summed = Stream.concat(
                        of(measures, Measure.Mass.class).map(Measure.Mass::keys),
                        of(measures, Measure.WeightedMass.class).map(Measure.WeightedMass::keys))
                .distinct()
                .toList();
        var labels = Stream.concat(summed.stream(), among.stream()).distinct().toList();
        StatisticCheck.checkCount(labels.size(), MOST_KEYS, "choices of keys", layer);
        var weights = of(measures, Measure.WeightedMass.class)
                .map(Measure.WeightedMass::weight)
                .distinct()
                .toList();
        StatisticCheck.checkCount(weights.size(), MOST_WEIGHTS, "weights of keys", layer);
        String where = StatisticCheck.where(wanted.getFirst());
        Optional<KeyWeightTables> tables = weights.isEmpty()
                ? Optional.empty()
                : Optional.of(new KeyWeightTables(architecture, device, batch, layout, request, weights, where, own));

        boolean top =
                of(measures, Measure.TopTwo.class).anyMatch(two -> two.among().isEmpty());
        boolean received = of(measures, Measure.Received.class).findAny().isPresent();
        var chosen = among.isEmpty() ? null : new ChosenTop(labels.indexOf(among.getFirst()), floats(2), integers());
        return new Layer(
                labels,
                weights,
                new Attention.Statistics(
                        top ? floats(2) : null,
                        top ? integers() : null,
                        of(measures, Measure.Entropy.class).findAny().isPresent() ? floats(1) : null,
                        summed.isEmpty() ? null : floats(labels.size()),
                        labels.stream()
                                .map(label -> keys.label(label, where(wanted, label)))
                                .toList(),
                        tables.map(table -> new KeyWeights(
                                        weights.size(),
                                        table.own(),
                                        table.base(),
                                        floats(labels.size() * weights.size())))
                                .orElse(null),
                        chosen,
                        received ? new Received(keys.begins(), tensor(keys.positions(), 1)) : null),
                tables,
                of(measures, Measure.LogSumExp.class).findAny().isPresent() ? floats(1) : null);
    }

    private static <T extends Measure> Stream<T> of(Collection<Measure> measures, Class<T> kind) {
        return measures.stream().filter(kind::isInstance).map(kind::cast);
    }

    private static String where(List<Statistic> wanted, Keys label) {
        return wanted.stream()
                .filter(statistic -> StatisticCheck.keysOf(statistic.measure()).equals(Optional.of(label)))
                .map(StatisticCheck::where)
                .findFirst()
                .orElseThrow();
    }

    private Tensor floats(int perHead) {
        return tensor(layout.tokens(), perHead);
    }

    private Tensor tensor(long lines, int perHead) {
        return kept(device.tensor(DType.F32, lines, (long) architecture.heads() * perHead, "statistics of attention"));
    }

    private Tensor integers() {
        return kept(device.tensor(DType.I32, layout.tokens(), 2L * architecture.heads(), "keys of statistics"));
    }

    private Tensor kept(Tensor tensor) {
        tensors.add(tensor);
        return results.tensor(tensor);
    }

    /** What a layer's attention pass measures, where it measures anything. */
    Attention.@Nullable Statistics at(int layer) {
        Layer measured = layers.get(layer);
        return measured == null ? null : measured.request();
    }

    /** The last layer that is measured. */
    OptionalInt lastLayer() {
        return layers.keySet().stream().mapToInt(Integer::intValue).max();
    }

    /** Makes the weights of a layer's keys, whose values are there. */
    void prepare(Ops ops, ModelWeights model, int layer, Tensor values, Optional<KeyValues> base) {
        Layer measured = layers.get(layer);
        if (measured == null || measured.weightTables().isEmpty()) {
            return;
        }
        var output = model.matrix("layers." + layer + ".o.weight");
        measured.weightTables().get().prepare(ops, output, values, base.map(supply -> supply.values(layer)));
    }

    /** Keeps what a layer's pass has written for later steps, where that was asked for. */
    void keep(Ops ops, int layer, Tensor logSumExp) {
        Layer measured = layers.get(layer);
        if (measured != null && measured.logSumExp() != null) {
            ops.gather(logSumExp, null, measured.logSumExp(), null, logSumExp.rows());
        }
    }

    /** Gives the results back; for the run that has them. */
    void close() {
        tensors.forEach(tensor -> tensor.buffer().close());
    }

    /** What was asked for. */
    List<Statistic> statistics() {
        return statistics;
    }

    /** One statistic's numbers; waits for the device. */
    Measured read(Statistic statistic) {
        var chosen = layers.keySet().stream()
                .filter(layer -> statistic.layers().contains(layer))
                .toList();
        var heads = Arrays.stream(statistic.heads().below(architecture.heads()))
                .boxed()
                .toList();
        boolean received = statistic.measure() instanceof Measure.Received;
        var spans = IntStream.range(0, batch.rows().size())
                .mapToObj(row -> {
                    Row run = batch.row(row);
                    return received
                            ? new Measured.Span(0, run.end(), keys.begin(row))
                            : new Measured.Span(run.start(), run.end(), layout.slot(row, run.start()));
                })
                .toList();
        var numbers = chosen.stream()
                .map(layer -> numbers(statistic.measure(), Objects.requireNonNull(layers.get(layer))))
                .toList();
        return new Measured(statistic, chosen, heads, architecture.heads(), spans, numbers);
    }

    private static Measured.Numbers numbers(Measure measure, Layer layer) {
        var request = layer.request();
        int labels = layer.keys().size();
        return switch (measure) {
            case Measure.LogSumExp() -> plain(layer.logSumExp(), 1, 0);
            case Measure.Entropy() -> plain(request.entropy(), 1, 0);
            case Measure.Mass(var summed) ->
                plain(request.mass(), labels, layer.keys().indexOf(summed));
            case Measure.WeightedMass(var summed, var weight) -> {
                int count = layer.weights().size();
                int begin =
                        layer.keys().indexOf(summed) * count + layer.weights().indexOf(weight);
                yield plain(Objects.requireNonNull(request.weights()).weighted(), labels * count, begin);
            }
            case Measure.Received() ->
                plain(Objects.requireNonNull(request.received()).mass(), 1, 0);
            case Measure.TopTwo(var among) -> {
                var top = Objects.requireNonNull(
                        among.isEmpty() ? request.topValue() : chosen(request).value());
                var index = Objects.requireNonNull(
                        among.isEmpty() ? request.topIndex() : chosen(request).index());
                yield new Measured.Numbers(2, 0, 2, top.toFloats(), index.toInts());
            }
        };
    }

    private static ChosenTop chosen(Attention.Statistics request) {
        return Objects.requireNonNull(request.chosen());
    }

    private static Measured.Numbers plain(@Nullable Tensor tensor, int perHead, int begin) {
        return new Measured.Numbers(
                perHead, begin, 1, Objects.requireNonNull(tensor).toFloats(), new int[0]);
    }
}
