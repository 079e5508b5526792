package dev.patchbay.model.run;

import dev.patchbay.device.Attention;
import dev.patchbay.device.DType;
import dev.patchbay.device.Device;
import dev.patchbay.device.DeviceTable;
import dev.patchbay.device.Ops;
import dev.patchbay.device.TableEntry.AttentionRow;
import dev.patchbay.device.Tensor;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.graph.Graph;
import dev.patchbay.model.graph.Step;
import dev.patchbay.model.graph.Value;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.site.SitePoint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One forward pass: walks the graph's steps over a batch, applies edits where their site is defined, keeps what is
 * captured. Everything is checked, planned and allocated by the constructor; walking only enqueues operations.
 */
final class Forward implements AutoCloseable {
    private final Model model;
    private final Graph graph;
    private final Architecture architecture;
    private final Device device;
    private final Ops ops;
    private final RunRequest request;
    private final Batch batch;
    private final EditPlan edits;
    private final CapturePlan captures;
    private final StatisticsPlan statistics;
    private final Activations activations;
    private final HeadRows head;
    private final Cleanup own = new Cleanup();
    private final Cleanup results = new Cleanup();
    private final Wavefront wavefront;
    private final Optional<KeyValueStore> keep;
    private final Optional<ExpertSteps> experts;
    private final Map<SitePoint, DeviceTable<AttentionRow>> captureTables = new HashMap<>();
    private int next;

    Forward(Model model, RunRequest request) {
        this(model, request, Optional.empty(), false);
    }

    /**
     * A pass that is ready to walk.
     *
     * @param appendTo where the rows' own keys and values go, instead of new tensors
     * @param lenient whether edits may match nothing
     */
    Forward(Model model, RunRequest request, Optional<KeyValues> appendTo, boolean lenient) {
        this.model = model;
        this.request = request;
        graph = model.graph();
        architecture = graph.architecture();
        device = model.device();
        ops = device.ops();
        batch = new Batch(request.rows(), graph, request.base(), lenient, request.endsOnly());
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
            experts = ExpertSteps.plan(model, own);
            activations = model.activations(batch.tokens(), edits, head.logitsTensor());
            own.add(activations::close);
            activations.activate(wavefront.tokens());
        } catch (RuntimeException e) {
            results.close();
            own.close();
            throw e;
        }
    }

    /** Walks up to and including the step that defines a site, edits and captures there included. */
    void walkTo(SitePoint point) {
        walk(graph.definition(graph.value(point)) + 1);
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
            last = Math.max(last, graph.definition(graph.value(point)) + 1);
        }
        for (int index = graph.headBegin() - 1; index >= last; index--) {
            if (graph.steps().get(index).outputs().stream()
                    .anyMatch(value -> graph.points(value).stream().anyMatch(this::edited))) {
                return index + 1;
            }
        }
        return last;
    }

    private boolean edited(SitePoint point) {
        return point.site().traits().keys() ? edits.inside(point.layer()).isPresent() : edits.touches(point);
    }

    private void walk(int end) {
        for (; next < end; next++) {
            if (next == graph.headBegin()) {
                head.gather(ops, activations, graph.residualEnd());
            }
            Step step = graph.steps().get(next);
            if (wavefront.tokens() > 0) {
                run(step);
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
        for (EditPlan.Group group : edits.at(point)) {
            ops.edit(
                    value,
                    group.entries(),
                    group.values().orElse(null),
                    group.bases().orElse(null),
                    group.change());
        }
        captures.at(point).ifPresent(plan -> {
            switch (point.site()) {
                case RESULT -> captureResult(plan, value);
                case Q_INPUT, K_INPUT, V_INPUT -> captureReaders(plan, value);
                default -> copyRows(value, plan.tokens(), plan.captured().tensor());
            }
        });
    }

    private void copyRows(Tensor value, int[] tokens, Tensor target) {
        ops.gather(value, index(tokens, value.rows()), target, null, tokens.length);
    }

    private @Nullable Tensor index(int[] tokens, long all) {
        return tokens.length == all && inOrder(tokens) ? null : own.tensor(device.upload(tokens, "captured tokens"));
    }

    private static boolean inOrder(int[] tokens) {
        for (int i = 0; i < tokens.length; i++) {
            if (tokens[i] != i) {
                return false;
            }
        }
        return true;
    }

    /** The residual stream as each head reads it: the same for every head. */
    private void captureReaders(CapturePlan.Plan plan, Tensor stream) {
        int width = architecture.modelWidth();
        Tensor target = plan.captured().tensor();
        for (long begin = 0; begin < target.columns(); begin += width) {
            copyRows(stream, plan.tokens(), target.columns(begin, width));
        }
    }

    /** z_h · W_O of every head. */
    private void captureResult(CapturePlan.Plan plan, Tensor z) {
        Tensor chosen =
                own.tensor(device.tensor(DType.F32, plan.tokens().length, z.columns(), "z of captured results"));
        copyRows(z, plan.tokens(), chosen);
        var weight = model.weights().matrix("layers." + plan.captured().point().layer() + ".o.weight");
        var products = new ArrayList<Ops.Gemm>();
        for (int headIndex = 0; headIndex < architecture.heads(); headIndex++) {
            long begin = (long) headIndex * architecture.headSize();
            products.add(new Ops.Gemm(
                    chosen.columns(begin, architecture.headSize()),
                    weight,
                    Ops.Direction.FORWARD,
                    begin,
                    null,
                    plan.captured()
                            .tensor()
                            .columns((long) headIndex * architecture.modelWidth(), architecture.modelWidth())));
        }
        ops.gemm(products);
    }

    private void run(Step step) {
        switch (step) {
            case Step.Lookup lookup -> lookup(lookup);
            case Step.Add(var a, var b, var factor, var out) -> ops.add(value(a), value(b), factor, value(out));
            case Step.Scale(var in, var factor, var out) -> ops.scale(value(in), factor, value(out));
            case Step.Limit(var kind, var in, var limit, var out) -> {
                switch (kind) {
                    case SOFT_CAP -> ops.softCap(value(in), limit, value(out));
                    case CLAMP -> ops.clamp(value(in), limit, value(out));
                }
            }
            case Step.Branch(var in, var out) -> {
                if (!value(in).equals(value(out))) {
                    ops.gather(value(in), null, value(out), null, value(in).rows());
                }
            }
            case Step.Norm norm -> norm(norm);
            case Step.Project project -> project(project);
            case Step.Rotate rotate -> rotate(rotate);
            case Step.Attend attend -> attend(attend);
            case Step.Activate(var kind, var in, var branch, var out) ->
                ops.activation(kind, value(in), branch.map(this::value).orElse(null), value(out));
            case Step.Route(var kind, var logits, var weights, var index) ->
                ops.route(kind, value(logits), value(weights), value(index));
            case Step.ExpertRows rows -> experts.orElseThrow().rows(rows, activations);
            case Step.ExpertProject project -> experts.orElseThrow().project(project, activations);
            case Step.Mix(var weights, var parts, var addend, var out) ->
                ops.mix(value(weights), value(parts), addend.map(this::value).orElse(null), value(out));
        }
    }

    private Tensor value(Value value) {
        return activations.tensor(value);
    }

    private @Nullable Tensor weight(Optional<String> name) {
        return name.map(model.weights()::tensor).orElse(null);
    }

    private void lookup(Step.Lookup lookup) {
        Tensor table = model.weights().tensor(lookup.table());
        Tensor out = value(lookup.out());
        Tensor index = switch (lookup.index()) {
            case TOKEN -> wavefront.tokenIds();
            case POSITION -> wavefront.positions(lookup.offset());
        };
        ops.gather(table, index, out, null, out.rows());
    }

    private void rotate(Step.Rotate step) {
        var rope = step.rope();
        var table = model.weights().rotary(rope, batch.positionBound());
        ops.rope(
                rope.pairing(),
                step.heads(),
                rope.rotary(),
                value(step.in()),
                table.cosine(),
                table.sine(),
                wavefront.rotation(rope, table),
                value(step.out()));
    }

    private void norm(Step.Norm step) {
        var norm = step.norm();
        ops.norm(
                norm.kind(),
                norm.epsilon(),
                norm.weightOffset(),
                step.groups(),
                value(step.in()),
                weight(step.weight()),
                weight(step.bias()),
                value(step.scale()),
                value(step.out()));
    }

    private void project(Step.Project step) {
        var matrix = model.weights().matrix(step.weight());
        if (next == graph.unembedStep() && head.chosen()) {
            head.projectChosen(ops, value(step.in()), matrix, weight(step.bias()));
        } else {
            ops.gemm(List.of(new Ops.Gemm(value(step.in()), matrix, weight(step.bias()), value(step.out()))));
        }
    }

    private void attend(Step.Attend step) {
        int layer = step.layer();
        var spec = architecture.attention().get(layer);
        var shape = new Attention.Shape(
                architecture.heads(),
                architecture.keyValueHeads(),
                architecture.headSize(),
                spec.scale(),
                spec.window(),
                spec.softCap());
        Tensor k = value(step.k());
        Tensor v = value(step.v());
        var group = edits.inside(layer);
        statistics.prepare(ops, model.weights(), layer, v, request.base());
        ops.attention(new Attention(
                shape,
                wavefront.rows(),
                value(step.q()),
                k,
                v,
                request.base().map(base -> base.keys(layer)).orElse(null),
                request.base().map(base -> base.values(layer)).orElse(null),
                model.weights().alibi(layer, spec, batch.positionBound()).orElse(null),
                weight(step.sinks()),
                group.map(inside -> new Attention.Edits(
                                inside.entries(), inside.values().orElse(null), inside.change()))
                        .orElse(null),
                attentionCapture(layer),
                statistics.at(layer),
                value(step.z()),
                value(step.logSumExp())));
        statistics.keep(ops, layer, value(step.logSumExp()));
        keep.ifPresent(store -> store.keep(ops, layer, k, v));
    }

    private Attention.@Nullable Capture attentionCapture(int layer) {
        var scores = captures.at(new SitePoint(Site.ATTN_SCORES, layer));
        var pattern = captures.at(new SitePoint(Site.PATTERN, layer));
        if (scores.isEmpty() && pattern.isEmpty()) {
            return null;
        }
        return new Attention.Capture(
                scores.map(this::captureTable).orElse(null),
                scores.map(plan -> plan.captured().tensor()).orElse(null),
                pattern.map(this::captureTable).orElse(null),
                pattern.map(plan -> plan.captured().tensor()).orElse(null));
    }

    private DeviceTable<AttentionRow> captureTable(CapturePlan.Plan plan) {
        return captureTables.computeIfAbsent(plan.captured().point(), _ -> {
            var sorted = new ArrayList<>(plan.attentionRows());
            sorted.sort(java.util.Comparator.comparingInt(AttentionRow::token).thenComparingInt(AttentionRow::head));
            return own.table(device.table(AttentionRow.class, sorted, "captured attention rows"));
        });
    }

    @Override
    public void close() {
        results.close();
        own.close();
    }
}
