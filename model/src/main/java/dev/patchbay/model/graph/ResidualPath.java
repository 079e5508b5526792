package dev.patchbay.model.graph;

import dev.patchbay.model.site.SitePoint;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What a graph says of the way from a sublayer's output to the head along the residual stream alone: the path that is left
 * when every other sublayer is held at what it was. Immutable.
 */
public final class ResidualPath {
    private final Graph graph;
    /** By value: what a change of 1 there adds to the stream at the end through additions alone; 0 where nothing. */
    private final float[] gain;

    /** Asks a graph. */
    public ResidualPath(Graph graph) {
        this.graph = graph;
        gain = new float[graph.valueCount()];
        gain[graph.residualEnd().id()] = 1;
        for (int index = graph.headBegin() - 1; index >= 0; index--) {
            switch (graph.steps().get(index)) {
                case Step.Add(Value a, Value b, float factor, Value out) -> {
                    gain[a.id()] += gain[out.id()];
                    gain[b.id()] += factor * gain[out.id()];
                }
                case Step.Scale(Value in, float factor, Value out) -> gain[in.id()] += factor * gain[out.id()];
                case Step.Branch(Value in, Value out) -> gain[in.id()] += gain[out.id()];
                case Step.Mix(Value _, Value _, Optional<Value> addend, Value out) ->
                    addend.ifPresent(value -> gain[value.id()] += gain[out.id()]);
                case Step.Lookup _,
                        Step.Limit _,
                        Step.Norm _,
                        Step.Project _,
                        Step.Rotate _,
                        Step.Attend _,
                        Step.Route _,
                        Step.ExpertRows _,
                        Step.ExpertProject _,
                        Step.Activate _ -> {
                    // The stream does not pass through these.
                }
            }
        }
    }

    /**
     * What a change of 1 at {@code point} adds to the stream that the head reads, where everything else keeps its values;
     * empty where no additions alone lead there, as in a family that normalises the stream itself.
     */
    public OptionalDouble gain(SitePoint point) {
        float its = gain[graph.value(point).id()];
        return its == 0 ? OptionalDouble.empty() : OptionalDouble.of(its);
    }

    /** Whether a change at {@code point} reaches the head on this path alone: nothing else reads it. */
    public boolean isOnly(SitePoint point) {
        var changed = new boolean[graph.valueCount()];
        changed[graph.value(point).id()] = true;
        for (int index = 0; index < graph.headBegin(); index++) {
            var step = graph.steps().get(index);
            if (step.inputs().stream().anyMatch(value -> changed[value.id()])) {
                for (Value out : step.outputs()) {
                    if (gain[out.id()] == 0) {
                        return false;
                    }
                    changed[out.id()] = true;
                }
            }
        }
        return gain(point).isPresent();
    }
}
