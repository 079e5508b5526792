package dev.patchbay.model.run;

import dev.patchbay.device.DType;
import dev.patchbay.device.Device;
import dev.patchbay.device.Numerics;
import dev.patchbay.device.Ops;
import dev.patchbay.device.Tensor;
import dev.patchbay.device.Weight;
import dev.patchbay.model.checkpoint.GraphTensor;
import dev.patchbay.model.checkpoint.TensorStore;
import dev.patchbay.model.checkpoint.WeightMap;
import dev.patchbay.model.checkpoint.WeightMap.Source;
import dev.patchbay.model.config.Alibi;
import dev.patchbay.model.config.Architecture.LayerAttention;
import dev.patchbay.model.config.Rope;
import dev.patchbay.model.graph.Graph;
import dev.patchbay.model.graph.Step;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The numbers of a model on its device: matrices as weights, vectors and tables as tensors, rotary tables as needed. */
final class ModelWeights implements AutoCloseable {
    /** Positions of a table come in such numbers. */
    private static final int ALIBI_TILE = 64;

    private final Device device;
    private final Map<String, Weight> matrices = new HashMap<>();
    private final Map<String, Tensor> tensors = new HashMap<>();
    private final Map<Integer, Tensor> alibiSlopes = new HashMap<>();
    private final Map<Rope, RotaryTable> rotary = new HashMap<>();

    private ModelWeights(Device device) {
        this.device = device;
    }

    /** Uploads every tensor that a step of {@code graph} names, one at a time. */
    static ModelWeights upload(Device device, Graph graph, WeightMap map, TensorStore store) {
        var weights = new ModelWeights(device);
        try {
            weights.uploadAll(graph, map, store);
            return weights;
        } catch (RuntimeException e) {
            weights.close();
            throw e;
        }
    }

    private void uploadAll(Graph graph, WeightMap map, TensorStore store) {
        Set<String> vectors = new HashSet<>();
        Set<String> tables = new HashSet<>();
        for (Step step : graph.steps()) {
            switch (step) {
                case Step.Project project -> {
                    uploadMatrix(project.weight(), map.sources(), store);
                    project.bias().ifPresent(vectors::add);
                }
                case Step.Norm norm -> {
                    norm.weight().ifPresent(vectors::add);
                    norm.bias().ifPresent(vectors::add);
                }
                case Step.Attend attend -> {
                    attend.sinks().ifPresent(vectors::add);
                    uploadSlopes(attend.layer(), graph);
                }
                case Step.ExpertProject project -> uploadExperts(project, map.sources(), store);
                case Step.Lookup lookup -> tables.add(lookup.table());
                default -> {}
            }
        }
        vectors.forEach(name -> tensors.put(name, uploadVector(name, map.sources(), store)));
        for (String table : tables) {
            tiedWeight(table, map.sources())
                    .ifPresentOrElse(
                            weight -> tensors.put(table, weight.raw()),
                            () -> tensors.put(table, uploadTensor(table, map.sources(), store)));
        }
    }

    /** Whether the rows of a product's weight are looked up, too. */
    private static boolean isTable(String name, Weight weight, Map<String, Source> sources) {
        return name.equals("unembed.weight")
                && weight.transposed()
                && sources.containsKey("embed.weight")
                && sameElements(source(name, sources), source("embed.weight", sources));
    }

    private static boolean sameElements(Source one, Source other) {
        return one.tensor().equals(other.tensor()) && one.outputs().equals(other.outputs());
    }

    /** The product weight that holds the same stored elements as a table, row for row (a tied unembedding). */
    private Optional<Weight> tiedWeight(String table, Map<String, Source> sources) {
        Weight weight = matrices.get("unembed.weight");
        return table.equals("embed.weight") && weight != null && isTable("unembed.weight", weight, sources)
                ? Optional.of(weight)
                : Optional.empty();
    }

    private void uploadMatrix(String name, Map<String, Source> sources, TensorStore store) {
        Source source = source(name, sources);
        Weight weight = device.weight(uploadTensor(name, sources, store), source.transposed());
        matrices.put(name, weight);
        weight.prepare(Ops.Direction.FORWARD);
        // Fast profiles compute chosen logits from the raw head.
        boolean chosen = name.equals("unembed.weight") && device.numerics() != Numerics.EXACT;
        if (!chosen && !isTable(name, weight, sources)) {
            weight.dropRaw();
        }
    }

    private void uploadExperts(Step.ExpertProject step, Map<String, Source> sources, TensorStore store) {
        Weight weight = StackedWeights.upload(device, step, expert -> source(step.weight(expert), sources), store);
        matrices.put(step.name(), weight);
        weight.prepare(Ops.Direction.FORWARD);
        weight.dropRaw();
        if (step.biased()) {
            tensors.put(
                    step.name(),
                    StackedWeights.uploadBiases(device, step, expert -> source(step.bias(expert), sources), store));
        }
    }

    /** A vector, or one below the other those that are stored for each head. */
    private Tensor uploadVector(String name, Map<String, Source> sources, TensorStore store) {
        var members = new ArrayList<Source>();
        String stem = name.substring(0, name.lastIndexOf('.') + 1);
        Source member = sources.get(stem + "0.weight");
        while (member != null) {
            members.add(member);
            member = sources.get(stem + members.size() + ".weight");
        }
        return members.isEmpty() || sources.containsKey(name)
                ? uploadTensor(name, sources, store)
                : StackedWeights.stack(device, name, members.size(), members::get, store);
    }

    private Tensor uploadTensor(String name, Map<String, Source> sources, TensorStore store) {
        Source source = source(name, sources);
        List<Long> shape = GraphTensor.shape(source);
        long elements = shape.stream().reduce(1L, Math::multiplyExact);
        long columns = shape.getLast();
        Tensor tensor = device.tensor(DType.F32, columns == 0 ? 0 : elements / columns, columns, name);
        try {
            GraphTensor.read(
                    store, source, (floats, at) -> tensor.buffer().write(Math.multiplyExact(at, Float.BYTES), floats));
            return tensor;
        } catch (RuntimeException refused) {
            tensor.buffer().close();
            throw refused;
        }
    }

    private void uploadSlopes(int layer, Graph graph) {
        var attention = graph.architecture().attention().get(layer);
        List<Float> slopes = attention.alibi();
        if (!slopes.isEmpty() && !attention.alibiRounded()) {
            float[] values = new float[slopes.size()];
            for (int head = 0; head < values.length; head++) {
                values[head] = slopes.get(head);
            }
            alibiSlopes.put(layer, device.upload(values, 1, values.length, "alibi slopes"));
        }
    }

    private static Source source(String name, Map<String, Source> sources) {
        Source source = sources.get(name);
        if (source == null) {
            throw new IllegalStateException("the graph needs " + name + ", which the weight map does not name");
        }
        return source;
    }

    Weight matrix(String name) {
        return Objects.requireNonNull(matrices.get(name), name);
    }

    Tensor tensor(String name) {
        return Objects.requireNonNull(tensors.get(name), name);
    }

    /** The tensor of a name, null for none: what operations take for an absent weight or bias. */
    @Nullable
    Tensor optional(Optional<String> name) {
        return name.map(this::tensor).orElse(null);
    }

    /** ALiBi of a layer for at least {@code positions} positions: slopes, or a table of what keys add to scores. */
    Optional<Tensor> alibi(int layer, LayerAttention attention, int positions) {
        if (!attention.alibi().isEmpty() && attention.alibiRounded()) {
            return Optional.of(alibiTable(layer, attention, positions));
        }
        return Optional.ofNullable(alibiSlopes.get(layer));
    }

    private Tensor alibiTable(int layer, LayerAttention attention, int positions) {
        Tensor table = alibiSlopes.get(layer);
        if (table == null || table.columns() < positions) {
            int heads = attention.alibi().size();
            int room = Math.ceilDiv(positions, ALIBI_TILE) * ALIBI_TILE;
            float[] values = new float[Math.multiplyExact(heads, room)];
            for (int i = 0; i < values.length; i++) {
                values[i] = Alibi.rounded(attention.alibi().get(i / room), i % room) * attention.scale();
            }
            if (table != null) {
                table.buffer().close();
            }
            table = device.upload(values, heads, room, "alibi table");
            alibiSlopes.put(layer, table);
        }
        return table;
    }

    /** Cosines and sines of at least {@code positions} positions. */
    RotaryTable rotary(Rope rope, int positions) {
        RotaryTable table = rotary.get(rope);
        if (table == null || table.positions() < positions) {
            if (table != null) {
                table.close();
            }
            int room = Math.max(positions, table == null ? 64 : 2 * table.positions());
            table = RotaryTable.upload(device, rope, room);
            rotary.put(rope, table);
        }
        return table;
    }

    @Override
    public void close() {
        matrices.values().forEach(Weight::close);
        tensors.values().forEach(tensor -> tensor.buffer().close());
        alibiSlopes.values().forEach(tensor -> tensor.buffer().close());
        rotary.values().forEach(RotaryTable::close);
    }
}
