package dev.patchbay.model.graph;

import dev.patchbay.device.Ops.ActivationKind;
import dev.patchbay.device.Ops.RouteKind;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.config.Rope;
import dev.patchbay.model.site.SitePoint;
import java.util.List;
import java.util.Optional;

/**
 * One node of a model's graph: an operation, what it reads, what it writes, and whether its output is linear in its
 * inputs. Weights are named as {@link dev.patchbay.model.checkpoint.WeightMap} names them. All data, no behaviour: running
 * walks the list forward, planning asks it questions, differentiation will walk it backward.
 */
public sealed interface Step {
    /** Values read. */
    default List<Value> inputs() {
        return switch (this) {
            case Lookup _ -> List.of();
            case Add add -> List.of(add.a(), add.b());
            case Scale scale -> List.of(scale.in());
            case Limit limit -> List.of(limit.in());
            case Branch branch -> List.of(branch.in());
            case Norm norm -> List.of(norm.in());
            case Project project ->
                project.heads()
                        .map(heads -> List.of(project.in(), heads.whole()))
                        .orElseGet(() -> List.of(project.in()));
            case Rotate rotate -> List.of(rotate.in());
            case Attend attend -> List.of(attend.q(), attend.k(), attend.v());
            case Activate activate ->
                activate.linearBranch()
                        .map(branch -> List.of(activate.in(), branch))
                        .orElseGet(() -> List.of(activate.in()));
            case Route route -> List.of(route.logits());
            case ExpertRows rows -> List.of(rows.index());
            case ExpertProject project -> List.of(project.in(), project.order());
            case Mix mix ->
                mix.addend()
                        .map(addend -> List.of(mix.weights(), mix.parts(), addend))
                        .orElseGet(() -> List.of(mix.weights(), mix.parts()));
        };
    }

    /** Values written. */
    default List<Value> outputs() {
        return switch (this) {
            case Lookup lookup -> List.of(lookup.out());
            case Add add -> List.of(add.out());
            case Scale scale -> List.of(scale.out());
            case Limit limit -> List.of(limit.out());
            case Branch branch -> List.of(branch.out());
            case Norm norm -> List.of(norm.scale(), norm.out());
            case Project project -> List.of(project.out());
            case Rotate rotate -> List.of(rotate.out());
            case Attend attend -> List.of(attend.logSumExp(), attend.z());
            case Activate activate -> List.of(activate.out());
            case Route route -> List.of(route.weights(), route.index());
            case ExpertRows rows -> List.of(rows.order());
            case ExpertProject project -> List.of(project.out());
            case Mix mix -> List.of(mix.out());
        };
    }

    /** Whether the output is affine in the inputs, so that a change may be carried as a difference. */
    default boolean linear() {
        return switch (this) {
            case Lookup _, Add _, Scale _, Branch _, Project _, Rotate _ -> true;
            case Limit _, Norm _, Attend _, Activate _, Route _, ExpertRows _, ExpertProject _, Mix _ -> false;
        };
    }

    /** Rows of an embedding: {@code out[t] = table[index(t) + offset]}. */
    record Lookup(String table, Index index, int offset, Value out) implements Step {}

    /** What a look-up is indexed by. */
    enum Index {
        TOKEN,
        POSITION
    }

    /** {@code out = a + factor · b}. */
    record Add(Value a, Value b, float factor, Value out) implements Step {}

    /** {@code out = factor · in}. */
    record Scale(Value in, float factor, Value out) implements Step {}

    /** Element by element, {@code limit · tanh(in / limit)} or clamped to ±limit. */
    record Limit(LimitKind kind, Value in, float limit, Value out) implements Step {}

    /** Kinds of {@link Limit}. */
    enum LimitKind {
        SOFT_CAP,
        CLAMP
    }

    /** A value of its own for one reader, so that an edit there reaches that reader alone. */
    record Branch(Value in, Value out) implements Step {}

    /** Normalises each of {@code groups} equal groups; {@code scale} is {@code [tokens, groups]}. */
    record Norm(
            Architecture.Norm norm,
            int groups,
            Value in,
            Optional<String> weight,
            Optional<String> bias,
            Value scale,
            Value out)
            implements Step {}

    /**
     * {@code out = in · W + b}.
     *
     * @param heads what single heads read or write here, where it may be edited head by head
     */
    record Project(Value in, String weight, Optional<String> bias, Optional<SingleHeads> heads, Value out)
            implements Step {
        /** A projection that is the same for all that read it. */
        public Project(Value in, String weight, Optional<String> bias, Value out) {
            this(in, weight, bias, Optional.empty(), out);
        }
    }

    /**
     * A site of single heads: it has no value of its own while nothing edits it.
     *
     * @param whole the value that all heads share: the residual stream that they read, or z
     */
    record SingleHeads(SitePoint point, Value whole) {}

    /** Rotary positions over {@code heads} heads. */
    record Rotate(Rope rope, int heads, Value in, Value out) implements Step {}

    /** Attention of one layer: the only step in which positions meet. */
    record Attend(int layer, Value q, Value k, Value v, Optional<String> sinks, Value logSumExp, Value z)
            implements Step {}

    /** The experts of each token: {@code weights} and {@code index} are as wide as experts are chosen. */
    record Route(RouteKind kind, Value logits, Value weights, Value index) implements Step {}

    /** The tokens of each of so many experts, listed in {@code order} for the products that follow. */
    record ExpertRows(int experts, Value index, Value order) implements Step {}

    /**
     * {@code out = in · W_e + b_e} for every chosen expert of a token, side by side.
     *
     * @param experts of the layer
     * @param part name of the experts' matrix, to which {@link #weight} adds the expert's number
     * @param biased whether the experts have biases
     * @param shared whether a token's experts read the same input, or each its own part of it
     */
    record ExpertProject(
            int layer, int experts, String part, boolean biased, boolean shared, Value in, Value order, Value out)
            implements Step {
        /** The name under which the matrices of all experts are kept. */
        public String name() {
            return "layers." + layer + ".mlp.experts." + part;
        }

        /** The graph's name of one expert's matrix. */
        public String weight(int expert) {
            return "layers." + layer + ".mlp.experts." + expert + "." + part + ".weight";
        }

        /** The graph's name of one expert's bias. */
        public String bias(int expert) {
            return "layers." + layer + ".mlp.experts." + expert + "." + part + ".bias";
        }
    }

    /** {@code out = addend + Σ weights · parts}, part by part. */
    record Mix(Value weights, Value parts, Optional<Value> addend, Value out) implements Step {}

    /** {@code out = f(in)}, times {@code linearBranch} in gated layers. */
    record Activate(ActivationKind kind, Value in, Optional<Value> linearBranch, Value out) implements Step {}
}
