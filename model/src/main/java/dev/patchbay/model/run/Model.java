package dev.patchbay.model.run;

import dev.patchbay.device.Device;
import dev.patchbay.device.Tensor;
import dev.patchbay.model.InputException;
import dev.patchbay.model.checkpoint.ModelFolder;
import dev.patchbay.model.checkpoint.TensorStore;
import dev.patchbay.model.checkpoint.WeightMap;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.graph.Graph;
import dev.patchbay.model.graph.GraphBuilder;
import dev.patchbay.model.processed.ProcessedModel;
import dev.patchbay.model.site.SitePoint;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A model on a device: its graph and its weights. The one forward pass: plain runs, generation and patched runs are all
 * {@link #run}. Used by one thread at a time; the device outlives it.
 */
public final class Model implements AutoCloseable {
    private final Device device;
    private final Graph graph;
    private final ModelWeights weights;
    private final Supplier<String> digest;
    private final Activations.Pool pool;

    private Model(Device device, Graph graph, ModelWeights weights, Supplier<String> digest) {
        this.device = device;
        this.graph = graph;
        this.weights = weights;
        this.digest = digest;
        pool = new Activations.Pool(device, graph);
    }

    /** Uploads the weights a graph needs. */
    public static Model load(Device device, Architecture architecture, WeightMap map, TensorStore tensors) {
        var graph = GraphBuilder.build(architecture, map.sources().keySet());
        return new Model(device, graph, ModelWeights.upload(device, graph, map, tensors), tensors::digest);
    }

    /** Uploads the weights of a model folder; the folder stays the caller's, open as long as {@link #digest} is asked for. */
    public static Model load(Device device, ModelFolder folder) {
        var graph = GraphBuilder.build(
                folder.architecture(), folder.weights().sources().keySet());
        return new Model(
                device, graph, ModelWeights.upload(device, graph, folder.weights(), folder.tensors()), folder::digest);
    }

    /** Uploads processed weights; the processed model stays the caller's, open as long as {@link #digest} is asked for. */
    public static Model load(Device device, Architecture architecture, ProcessedModel processed) {
        return load(device, architecture, processed.map(), processed.store());
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

    /** Digest of the checkpoint, in hexadecimal; reads its files. */
    public String digest() {
        return digest.get();
    }

    /** Device memory that a pass takes for every token, without logits and captures. */
    public long bytesPerToken() {
        long tokens = 1024;
        return Math.ceilDiv(Activations.plan(graph, tokens).bytes(), tokens);
    }

    ModelWeights weights() {
        return weights;
    }

    Activations activations(int tokens, EditPlan edits, Optional<Tensor> logits) {
        return pool.take(tokens, edits, logits);
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

    /**
     * Runs a batch up to a site, edits and captures there included, and stops: its value can be read and changed in Java
     * before the rest runs. Slower than an edit, since the value crosses to the host and back.
     */
    public PausedRun runUntil(SitePoint point, RunRequest request) {
        SitePoint.checked(point, point.label(), architecture());
        if (point.site().traits().keys()) {
            throw new InputException(
                    "site " + point.label() + ": a run cannot stop inside attention; stop at z or edit it");
        }
        if (point.site().traits().singleHeads()) {
            throw new InputException("site " + point.label() + ": a run cannot stop at what single heads read or write;"
                    + " stop at resid_pre or z or edit it");
        }
        graph.value(point);
        var forward = new Forward(this, request);
        try {
            forward.walkTo(point);
            return new PausedRun(forward, forward.reached(point));
        } catch (RuntimeException e) {
            forward.close();
            throw e;
        }
    }

    @Override
    public void close() {
        pool.close();
        weights.close();
    }
}
