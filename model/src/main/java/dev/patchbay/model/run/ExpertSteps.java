package dev.patchbay.model.run;

import dev.patchbay.device.DType;
import dev.patchbay.device.Ops;
import dev.patchbay.device.Ops.ExpertGemm;
import dev.patchbay.device.Tensor;
import dev.patchbay.model.graph.Step;
import java.util.Optional;

/**
 * The products of experts in a pass. Where each expert's rows begin is written before the products of a layer and read by
 * them alone, so one place serves all layers.
 */
final class ExpertSteps {
    private final Ops ops;
    private final ModelWeights weights;
    private final Tensor begin;

    private ExpertSteps(Ops ops, ModelWeights weights, Tensor begin) {
        this.ops = ops;
        this.weights = weights;
        this.begin = begin;
    }

    /** What a pass needs where the model has experts, its scratch in the care of {@code own}. */
    static Optional<ExpertSteps> plan(Model model, Cleanup own) {
        int most = model.architecture().mlp().stream()
                .flatMap(mlp -> mlp.experts().stream())
                .mapToInt(experts -> experts.count())
                .max()
                .orElse(0);
        if (most == 0) {
            return Optional.empty();
        }
        Tensor begin = own.tensor(model.device().tensor(DType.I32, 1, most + 1L, "first row of each expert"));
        return Optional.of(new ExpertSteps(model.device().ops(), model.weights(), begin));
    }

    private Tensor begin(int experts) {
        return begin.columns(0, experts + 1L);
    }

    void rows(Step.ExpertRows step, Activations activations) {
        Tensor order = activations.tensor(step.order());
        ops.expertRows(activations.tensor(step.index()), begin(step.experts()), order.reshape(1, order.size()));
    }

    void project(Step.ExpertProject step, Activations activations) {
        Tensor in = activations.tensor(step.in());
        Tensor order = activations.tensor(step.order());
        Tensor out = activations.tensor(step.out());
        int chosen = step.order().width();
        ops.gemmExperts(new ExpertGemm(
                step.shared() ? in : in.reshape(in.rows() * chosen, in.columns() / chosen),
                weights.matrix(step.name()),
                step.biased() ? weights.tensor(step.name()) : null,
                begin(step.experts()),
                order.reshape(1, order.size()),
                step.shared() ? chosen : 1,
                out.reshape(out.rows() * chosen, out.columns() / chosen)));
    }
}
