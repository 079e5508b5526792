package dev.patchbay.model.run;

import dev.patchbay.device.Device;
import dev.patchbay.model.checkpoint.TensorStore;
import dev.patchbay.model.checkpoint.WeightMap;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.graph.Graph;
import dev.patchbay.model.graph.GraphBuilder;

/**
 * A model on a device: its graph and its weights. The one forward pass: plain runs, generation and patched runs are all
 * {@link #run}. Used by one thread at a time; the device outlives it.
 */
public final class Model implements AutoCloseable {
    private final Device device;
    private final Graph graph;
    private final ModelWeights weights;
    private final String digest;

    private Model(Device device, Graph graph, ModelWeights weights, String digest) {
        this.device = device;
        this.graph = graph;
        this.weights = weights;
        this.digest = digest;
    }

    /** Uploads the weights a graph needs. */
    public static Model load(Device device, Architecture architecture, WeightMap map, TensorStore tensors) {
        var graph = GraphBuilder.build(architecture, map.sources().keySet());
        return new Model(device, graph, ModelWeights.upload(device, graph, map, tensors), tensors.digest());
    }

    /** The configuration. */
    public Architecture architecture() {
        return graph.architecture();
    }

    /** The steps it runs. */
    public Graph graph() {
        return graph;
    }

    /** Where it runs. */
    public Device device() {
        return device;
    }

    /** Digest of the checkpoint. */
    public String digest() {
        return digest;
    }

    ModelWeights weights() {
        return weights;
    }

    /**
     * Runs a batch of rows.
     *
     * @throws dev.patchbay.model.InputException for anything asked that this model or these rows cannot do, before any work
     */
    public Run run(RunRequest request) {
        try (var forward = new Forward(this, request)) {
            return forward.finish();
        }
    }

    @Override
    public void close() {
        weights.close();
    }
}
