package dev.patchbay.model.run;

import dev.patchbay.device.Attention;
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

/** Turns the steps of one pass into operations of its device. */
final class StepRunner {
    private final Model model;
    private final Graph graph;
    private final Architecture architecture;
    private final Ops ops;
    private final Batch batch;
    private final Optional<KeyValues> base;
    private final EditPlan edits;
    private final CapturePlan captures;
    private final Activations activations;
    private final HeadRows head;
    private final Wavefront wavefront;
    private final Optional<KeyValueStore> keep;
    private final StatisticsPlan statistics;
    private final SingleHeadSites singleHeads;
    private final Optional<ExpertSteps> experts;
    private final Cleanup own;
    private final Map<SitePoint, DeviceTable<AttentionRow>> captureTables = new HashMap<>();

    StepRunner(
            Model model,
            Batch batch,
            Optional<KeyValues> base,
            EditPlan edits,
            CapturePlan captures,
            Activations activations,
            HeadRows head,
            Wavefront wavefront,
            Optional<KeyValueStore> keep,
            StatisticsPlan statistics,
            Cleanup own) {
        this.model = model;
        this.batch = batch;
        this.base = base;
        this.edits = edits;
        this.captures = captures;
        this.activations = activations;
        this.head = head;
        this.wavefront = wavefront;
        this.keep = keep;
        this.statistics = statistics;
        this.own = own;
        graph = model.graph();
        architecture = graph.architecture();
        ops = model.device().ops();
        experts = ExpertSteps.plan(model, own);
        singleHeads = new SingleHeadSites(model, edits, captures, activations, own);
    }

    /** Enqueues a step's operations on the tokens that have joined. */
    void run(Step step) {
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
                model.weights().optional(step.weight()),
                model.weights().optional(step.bias()),
                value(step.scale()),
                value(step.out()));
    }

    private void project(Step.Project step) {
        var matrix = model.weights().matrix(step.weight());
        if (head.chosen() && step.equals(graph.steps().get(graph.unembedStep()))) {
            head.projectChosen(ops, value(step.in()), matrix, model.weights().optional(step.bias()));
        } else {
            ops.gemm(List.of(
                    new Ops.Gemm(value(step.in()), matrix, model.weights().optional(step.bias()), value(step.out()))));
        }
        step.heads().ifPresent(_ -> singleHeads.after(step));
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
        statistics.prepare(ops, model.weights(), layer, v, base);
        ops.attention(new Attention(
                shape,
                wavefront.rows(),
                value(step.q()),
                k,
                v,
                base.map(keyValues -> keyValues.keys(layer)).orElse(null),
                base.map(keyValues -> keyValues.values(layer)).orElse(null),
                model.weights().alibi(layer, spec, batch.positionBound()).orElse(null),
                model.weights().optional(step.sinks()),
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
            return own.table(model.device().table(AttentionRow.class, sorted, "captured attention rows"));
        });
    }
}
