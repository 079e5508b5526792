package dev.patchbay.model.graph;

import dev.patchbay.device.DType;
import dev.patchbay.device.Ops.ActivationKind;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.config.Architecture.Experts;
import dev.patchbay.model.config.Architecture.LayerAttention;
import dev.patchbay.model.config.Architecture.Mlp;
import dev.patchbay.model.config.Architecture.MlpKind;
import dev.patchbay.model.config.Architecture.NormPlacement;
import dev.patchbay.model.config.Architecture.QueryKeyNorm;
import dev.patchbay.model.config.Architecture.Wiring;
import dev.patchbay.model.graph.Step.LimitKind;
import dev.patchbay.model.graph.Step.SingleHeads;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.site.SitePoint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Builds the {@link Graph} of an {@link Architecture}: the one place where a descriptor becomes steps. */
public final class GraphBuilder {
    private final Architecture architecture;
    private final Set<String> weights;
    private final List<Step> steps = new ArrayList<>();
    private final Map<SitePoint, Value> sites = new HashMap<>();
    private final List<List<SitePoint>> pointsOfValue = new ArrayList<>();
    private int unembedStep;

    private GraphBuilder(Architecture architecture, Set<String> weights) {
        this.architecture = architecture;
        this.weights = weights;
    }

    /**
     * The graph of a model.
     *
     * @param weights names of the tensors the checkpoint has: an absent bias or norm weight is left out
     */
    public static Graph build(Architecture architecture, Set<String> weights) {
        return new GraphBuilder(architecture, weights).build();
    }

    private Graph build() {
        Value stream = embed();
        for (int layer = 0; layer < architecture.layers(); layer++) {
            stream = block(layer, stream);
        }
        Value residualEnd = stream;
        int headBegin = steps.size();
        Value logits = head(stream);
        return new Graph(architecture, steps, headBegin, unembedStep, sites, pointsOfValue, residualEnd, logits);
    }

    private Value embed() {
        var embedding = architecture.embedding();
        int width = architecture.modelWidth();
        Value stream = value(architecture.embeddingWidth());
        steps.add(new Step.Lookup("embed.weight", Step.Index.TOKEN, 0, stream));
        if (embedding.multiplier() != 1) {
            Value scaled = value(stream.width());
            steps.add(new Step.Scale(stream, embedding.multiplier(), scaled));
            stream = scaled;
        }
        if (embedding.projected()) {
            stream = project("embed_project", stream, width);
        }
        name(stream, Site.EMBED, 0);
        if (embedding.learnedPositions()) {
            Value positions = value(width);
            steps.add(new Step.Lookup("pos_embed.weight", Step.Index.POSITION, embedding.positionOffset(), positions));
            name(positions, Site.POS_EMBED, 0);
            stream = add(stream, positions);
        } else if (architecture.layers() > 0) {
            // The embedding and the first block's input are two places: an edit of one is not an edit of the other.
            Value branch = value(width);
            steps.add(new Step.Branch(stream, branch));
            stream = branch;
        }
        if (embedding.norm()) {
            stream = norm("embed_norm", stream, Optional.empty(), Optional.empty(), 0);
        }
        return stream;
    }

    private Value block(int layer, Value stream) {
        name(stream, Site.RESID_PRE, layer);
        String prefix = "layers." + layer + ".";
        Value read = architecture.placement().isBefore()
                ? norm(prefix + "ln1", stream, Optional.of(Site.LN1_SCALE), Optional.of(Site.LN1_NORMALIZED), layer)
                : stream;
        Value attention = attention(layer, stream, read);
        boolean mlp = architecture.mlp().get(layer).kind() != MlpKind.NONE;
        if (architecture.wiring() == Wiring.SEQUENTIAL) {
            boolean fromNorms = architecture.placement() == NormPlacement.PRE_STREAM;
            Value middle = after(prefix + "ln1_post", add(fromNorms ? read : stream, attention));
            name(middle, Site.RESID_MID, layer);
            Value end = middle;
            if (mlp) {
                Sublayer second = mlp(layer, branch(layer, middle), true);
                end = after(prefix + "ln2_post", add(fromNorms ? second.read() : middle, second.out()));
            }
            name(end, Site.RESID_POST, layer);
            return end;
        }
        boolean ownNorm = architecture.wiring() == Wiring.PARALLEL;
        var own = mlp
                ? Optional.of(mlp(layer, branch(layer, ownNorm ? stream : read), ownNorm)
                        .out())
                : Optional.<Value>empty();
        // Both are added at the end, so that what lives across the MLP has a name and rows can join there.
        Value sum = add(stream, attention);
        Value end = own.map(output -> add(sum, output)).orElse(sum);
        name(end, Site.RESID_POST, layer);
        return end;
    }

    private Value attention(int layer, Value stream, Value read) {
        LayerAttention spec = architecture.attention().get(layer);
        String prefix = "layers." + layer + ".";
        boolean normed = architecture.queryKeyNorm() != QueryKeyNorm.NONE;
        Value q = headProjection(prefix + "q", read, single(Site.Q_INPUT, layer, stream), Site.Q, !normed, layer);
        Value k = headProjection(prefix + "k", read, single(Site.K_INPUT, layer, stream), Site.K, !normed, layer);
        Value v = headProjection(prefix + "v", read, single(Site.V_INPUT, layer, stream), Site.V, true, layer);
        q = rotate(spec, normOfHeads(prefix + "q_norm", q, architecture.heads()), Site.ROT_Q, layer);
        k = rotate(spec, normOfHeads(prefix + "k_norm", k, architecture.keyValueHeads()), Site.ROT_K, layer);
        Value logSumExp = value(architecture.heads());
        Value z = value(architecture.queryWidth());
        var sinks = spec.sinks() ? Optional.of(prefix + "sinks") : Optional.<String>empty();
        steps.add(new Step.Attend(layer, q, k, v, sinks, logSumExp, z));
        name(z, Site.ATTN_SCORES, layer);
        name(z, Site.PATTERN, layer);
        name(z, Site.Z, layer);
        Value raw = project(prefix + "o", z, single(Site.RESULT, layer, z), architecture.modelWidth());
        name(raw, Site.ATTN_RAW, layer);
        Value out = sublayerOutput(prefix + "ln1_post", raw);
        name(out, Site.ATTN_OUT, layer);
        return out;
    }

    /** Projected and, where no norm comes before it, clamped. */
    private Value headProjection(
            String weight, Value read, Optional<SingleHeads> heads, Site site, boolean clamped, int layer) {
        Value projected = project(weight, read, heads, site.width(architecture, layer));
        Value out = clamped ? clamp(projected) : projected;
        name(out, site, layer);
        return out;
    }

    private Value clamp(Value in) {
        if (architecture.clip() <= 0) {
            return in;
        }
        Value out = value(in.width());
        steps.add(new Step.Limit(LimitKind.CLAMP, in, architecture.clip(), out));
        return out;
    }

    private Value normOfHeads(String weight, Value in, int heads) {
        if (architecture.queryKeyNorm() == QueryKeyNorm.NONE) {
            return in;
        }
        int groups = architecture.queryKeyNorm() == QueryKeyNorm.WHOLE ? 1 : heads;
        Value scale = value(groups);
        Value out = value(in.width());
        steps.add(new Step.Norm(
                architecture.norm(), groups, in, headNormWeight(weight), present(weight + ".bias"), scale, out));
        return clamp(out);
    }

    /** One weight, or one stored for each head. */
    private Optional<String> headNormWeight(String weight) {
        return present(weight + ".0.weight").isPresent()
                ? Optional.of(weight + ".weight")
                : present(weight + ".weight");
    }

    private Value rotate(LayerAttention spec, Value in, Site site, int layer) {
        if (spec.rope().isEmpty()) {
            return in;
        }
        Value out = value(in.width());
        steps.add(new Step.Rotate(spec.rope().get(), in.width() / architecture.headSize(), in, out));
        name(out, site, layer);
        return out;
    }

    private Value branch(int layer, Value stream) {
        Value branch = value(stream.width());
        steps.add(new Step.Branch(stream, branch));
        name(branch, Site.MLP_IN, layer);
        return branch;
    }

    /** What a sublayer reads and what it adds to the stream. */
    private record Sublayer(Value read, Value out) {}

    private Sublayer mlp(int layer, Value in, boolean ownNorm) {
        Mlp spec = architecture.mlp().get(layer);
        String prefix = "layers." + layer + ".";
        Value read = ownNorm && architecture.placement().isBefore()
                ? norm(prefix + "ln2", in, Optional.of(Site.LN2_SCALE), Optional.of(Site.LN2_NORMALIZED), layer)
                : in;
        Value raw = spec.experts()
                .map(experts -> mixture(layer, spec, experts, read))
                .orElseGet(() -> neurons(layer, spec, read));
        name(raw, Site.MLP_RAW, layer);
        Value out = sublayerOutput(prefix + "ln2_post", raw);
        name(out, Site.MLP_OUT, layer);
        return new Sublayer(read, out);
    }

    private Value neurons(int layer, Mlp spec, Value read) {
        String prefix = "layers." + layer + ".mlp.";
        boolean gated = spec.kind() == MlpKind.GATED;
        Value pre = project(prefix + (gated ? "gate" : "in"), read, spec.width());
        name(pre, Site.MLP_PRE, layer);
        Optional<Value> linear = Optional.empty();
        if (gated) {
            Value branch = project(prefix + "in", read, spec.width());
            name(branch, Site.MLP_PRE_LINEAR, layer);
            linear = Optional.of(branch);
        }
        Value post = activate(spec.activation(), pre, linear);
        name(post, Site.MLP_POST, layer);
        return project(prefix + "out", post, architecture.modelWidth());
    }

    /** What the experts of each token give, weighed and added; values of a token's experts lie side by side. */
    private Value mixture(int layer, Mlp spec, Experts experts, Value read) {
        String prefix = "layers." + layer + ".mlp.";
        int chosen = experts.chosen();
        Value logits = project(prefix + "router", read, experts.count());
        name(logits, Site.ROUTER_LOGITS, layer);
        Value weights = value(chosen);
        Value index = integers(chosen);
        steps.add(new Step.Route(experts.route(), logits, weights, index));
        name(weights, Site.EXPERT_WEIGHTS, layer);
        name(index, Site.EXPERT_INDEX, layer);
        Value order = integers(chosen);
        steps.add(new Step.ExpertRows(experts.count(), index, order));
        int hidden = Math.multiplyExact(chosen, spec.width());
        Value gate = ofExperts(layer, experts, "gate", true, read, order, hidden);
        Value linear = ofExperts(layer, experts, "in", true, read, order, hidden);
        Value post = activate(spec.activation(), gate, Optional.of(linear));
        int width = architecture.modelWidth();
        Value parts = ofExperts(layer, experts, "out", false, post, order, Math.multiplyExact(chosen, width));
        Value mixed = value(width);
        steps.add(new Step.Mix(weights, parts, Optional.empty(), mixed));
        return experts.sharedWidth() == 0 ? mixed : withShared(prefix, spec, experts, read, mixed);
    }

    private Value ofExperts(int layer, Experts experts, String part, boolean shared, Value in, Value order, int width) {
        Value out = value(width);
        boolean biased = weights.contains("layers." + layer + ".mlp.experts.0." + part + ".bias");
        steps.add(new Step.ExpertProject(layer, experts.count(), part, biased, shared, in, order, out));
        return out;
    }

    /** Adds the expert that every token takes, weighed by a number of its own. */
    private Value withShared(String prefix, Mlp spec, Experts experts, Value read, Value mixed) {
        Value pre = project(prefix + "shared.gate", read, experts.sharedWidth());
        Value linear = project(prefix + "shared.in", read, experts.sharedWidth());
        Value post = activate(spec.activation(), pre, Optional.of(linear));
        Value part = project(prefix + "shared.out", post, architecture.modelWidth());
        Value weight = activate(ActivationKind.SIGMOID, project(prefix + "shared_gate", read, 1), Optional.empty());
        Value sum = value(mixed.width());
        steps.add(new Step.Mix(weight, part, Optional.of(mixed), sum));
        return sum;
    }

    private Value activate(ActivationKind kind, Value in, Optional<Value> linear) {
        Value out = value(in.width());
        steps.add(new Step.Activate(kind, in, linear, out));
        return out;
    }

    /** Post-norm of a sublayer's output and the residual multiplier. */
    private Value sublayerOutput(String norm, Value raw) {
        Value out = raw;
        var placement = architecture.placement();
        if (placement == NormPlacement.SANDWICH || placement == NormPlacement.OUTPUT) {
            out = norm(norm, out, Optional.empty(), Optional.empty(), 0);
        }
        if (architecture.residualMultiplier() != 1) {
            Value scaled = value(out.width());
            steps.add(new Step.Scale(out, architecture.residualMultiplier(), scaled));
            out = scaled;
        }
        return out;
    }

    /** The norm after a residual addition, where the family has one. */
    private Value after(String norm, Value sum) {
        return architecture.placement() == NormPlacement.POST
                ? norm(norm, sum, Optional.empty(), Optional.empty(), 0)
                : sum;
    }

    private Value head(Value stream) {
        var head = architecture.head();
        Value read = head.norm()
                ? norm("ln_final", stream, Optional.of(Site.LN_FINAL_SCALE), Optional.of(Site.LN_FINAL), 0)
                : stream;
        if (architecture.embedding().projected()) {
            read = project("unembed_project", read, architecture.embeddingWidth());
        }
        unembedStep = steps.size();
        Value logits = project("unembed", read, architecture.vocabulary());
        if (head.multiplier() != 1) {
            Value scaled = value(logits.width());
            steps.add(new Step.Scale(logits, head.multiplier(), scaled));
            logits = scaled;
        }
        if (head.softCap() > 0) {
            Value capped = value(logits.width());
            steps.add(new Step.Limit(LimitKind.SOFT_CAP, logits, head.softCap(), capped));
            logits = capped;
        }
        name(logits, Site.LOGITS, 0);
        return logits;
    }

    private Value norm(String weight, Value in, Optional<Site> scaleSite, Optional<Site> site, int layer) {
        Value scale = value(1);
        Value out = value(in.width());
        steps.add(new Step.Norm(
                architecture.norm(), 1, in, present(weight + ".weight"), present(weight + ".bias"), scale, out));
        scaleSite.ifPresent(named -> name(scale, named, layer));
        site.ifPresent(named -> name(out, named, layer));
        return out;
    }

    private Value project(String weight, Value in, int width) {
        return project(weight, in, Optional.empty(), width);
    }

    private Value project(String weight, Value in, Optional<SingleHeads> heads, int width) {
        Value out = value(width);
        steps.add(new Step.Project(in, weight + ".weight", present(weight + ".bias"), heads, out));
        return out;
    }

    /** A site of single heads, which is read off a value, not held by one. */
    private Optional<SingleHeads> single(Site site, int layer, Value whole) {
        var point = new SitePoint(site, layer);
        sites.put(point, whole);
        return Optional.of(new SingleHeads(point, whole));
    }

    private Value add(Value a, Value b) {
        Value out = value(a.width());
        steps.add(new Step.Add(a, b, 1, out));
        return out;
    }

    private Optional<String> present(String name) {
        return weights.contains(name) ? Optional.of(name) : Optional.empty();
    }

    private Value value(int width) {
        return value(width, DType.F32);
    }

    private Value integers(int width) {
        return value(width, DType.I32);
    }

    private Value value(int width, DType type) {
        pointsOfValue.add(new ArrayList<>());
        return new Value(pointsOfValue.size() - 1, width, type);
    }

    private void name(Value value, Site site, int layer) {
        var point = new SitePoint(site, layer);
        sites.put(point, value);
        pointsOfValue.get(value.id()).add(point);
    }
}
