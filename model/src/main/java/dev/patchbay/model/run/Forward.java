package dev.patchbay.model.run;

import dev.patchbay.device.Device;
import dev.patchbay.device.Ops;
import dev.patchbay.device.Tensor;
import dev.patchbay.model.graph.Graph;
import dev.patchbay.model.graph.Step;
import dev.patchbay.model.graph.Value;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.site.SitePoint;
import java.util.Optional;

/**
 * One forward pass: walks the graph's steps over a batch, applies edits where their site is defined, keeps what is
 * captured. Everything is checked, planned and allocated by the constructor; walking only enqueues operations.
 */
final class Forward implements AutoCloseable {
    private final Graph graph;
    private final Device device;
    private final Ops ops;
    private final EditPlan edits;
    private final CapturePlan captures;
    private final StatisticsPlan statistics;
    private final Activations activations;
    private final HeadRows head;
    private final Cleanup own = new Cleanup();
    private final Cleanup results = new Cleanup();
    private final Wavefront wavefront;
    private final Optional<KeyValueStore> keep;
    private final StepRunner steps;
    private int next;

    Forward(Model model, RunRequest request) {
        this(model, request, Optional.empty(), false);
    }

    /**
     * A pass that is ready to walk.
     *
     * @param appendTo where the rows' own keys and values go, instead of new tensors
     * @param lenient whether edits may match nothing: at a step of a generation, see {@link EditReach}
     */
    Forward(Model model, RunRequest request, Optional<KeyValues> appendTo, boolean lenient) {
        graph = model.graph();
        var architecture = graph.architecture();
        device = model.device();
        ops = device.ops();
        var batch = new Batch(request.rows(), graph, request.base(), lenient, request.endsOnly());
        edits = new EditPlanner(architecture, device, batch, request.program().edits(), request.bindings(), lenient)
                .plan();
        own.add(edits::close);
        try {
            captures = new CapturePlan(
                    architecture, device, batch, request.program().captures(), results);
            statistics = new StatisticsPlan(architecture, device, batch, request, own, results);
            head = new HeadRows(model, batch, request.logits(), edits, captures, own, results);
            wavefront = new Wavefront(graph, device, batch, request, captures, own);
            keep = appendTo.isPresent() || request.keepKeyValues()
                    ? Optional.of(new KeyValueStore(device, architecture, batch, appendTo, own, results))
                    : Optional.empty();
            activations = model.activations(batch.tokens(), edits, head.logitsTensor());
            own.add(activations::close);
            activations.activate(wavefront.tokens());
            steps = new StepRunner(
                    model, batch, request.base(), edits, captures, activations, head, wavefront, keep, statistics, own);
        } catch (RuntimeException e) {
            results.close();
            own.close();
            throw e;
        }
    }

    /** Walks up to and including the step that defines a site, edits and captures there included. */
    void walkTo(SitePoint point) {
        walk(graph.step(point) + 1);
    }

    /** The values of a site that {@link #walkTo} has just reached. */
    Tensor reached(SitePoint point) {
        return activations.tensor(graph.value(point));
    }

    /** Walks the rest and hands over what was asked for. */
    Run finish() {
        walk(lastStep());
        var reports = edits.reports();
        var run = new Run(
                head.takeLogits(), captures.captured(), reports, statistics, keep.map(KeyValueStore::keyValues));
        results.forget();
        return run;
    }

    /** One past the last step anything asked for depends on. */
    private int lastStep() {
        if (head.needed()) {
            return graph.steps().size();
        }
        int last = keep.isPresent() ? graph.lastAttention() + 1 : 0;
        if (statistics.lastLayer().isPresent()) {
            var z = new SitePoint(Site.Z, statistics.lastLayer().getAsInt());
            last = Math.max(last, graph.definition(graph.value(z)) + 1);
        }
        for (SitePoint point : captures.points()) {
            last = Math.max(last, graph.step(point) + 1);
        }
        for (SitePoint point : edits.points()) {
            last = Math.max(last, graph.step(point) + 1);
        }
        return last;
    }

    private void walk(int end) {
        for (; next < end; next++) {
            if (next == graph.headBegin()) {
                head.gather(ops, activations, graph.residualEnd());
            }
            Step step = graph.steps().get(next);
            if (wavefront.tokens() > 0) {
                steps.run(step);
            }
            if (next < graph.headBegin()) {
                wavefront.changeAfter(next, activations);
            }
            if (wavefront.tokens() > 0) {
                for (Value out : step.outputs()) {
                    for (SitePoint point : graph.points(out)) {
                        defined(point, activations.tensor(out));
                    }
                }
            }
        }
    }

    /** A site's value is there: edit it, then keep it. */
    private void defined(SitePoint point, Tensor value) {
        if (point.site().traits().keys()) {
            return;
        }
        edits.apply(ops, point, value);
        captures.at(point).ifPresent(plan -> plan.keep(device, value, own));
    }

    @Override
    public void close() {
        results.close();
        own.close();
    }
}
