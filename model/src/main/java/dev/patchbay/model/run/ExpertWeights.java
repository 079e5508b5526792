package dev.patchbay.model.run;

import dev.patchbay.device.DType;
import dev.patchbay.device.Device;
import dev.patchbay.device.Tensor;
import dev.patchbay.device.Weight;
import dev.patchbay.model.checkpoint.GraphTensor;
import dev.patchbay.model.checkpoint.TensorStore;
import dev.patchbay.model.checkpoint.WeightMap.Source;
import dev.patchbay.model.graph.Step;
import java.util.function.IntFunction;

/** Brings the matrices of a layer's experts to the device, one below the other; the host holds one at a time. */
final class ExpertWeights {
    private ExpertWeights() {}

    /** One weight of as many matrices as there are experts, which the caller closes. */
    static Weight upload(Device device, Step.ExpertProject step, IntFunction<Source> sources, TensorStore store) {
        Tensor raw = stack(device, step.name(), step.experts(), sources, store);
        try {
            return device.weight(raw, sources.apply(0).transposed(), step.experts());
        } catch (RuntimeException refused) {
            raw.buffer().close();
            throw refused;
        }
    }

    /** {@code [experts, columns]}, whose buffer the caller closes. */
    static Tensor uploadBiases(Device device, Step.ExpertProject step, IntFunction<Source> sources, TensorStore store) {
        return stack(device, step.name() + ".bias", step.experts(), sources, store);
    }

    private static Tensor stack(
            Device device, String label, int experts, IntFunction<Source> sources, TensorStore store) {
        var first = GraphTensor.read(store, sources.apply(0));
        long columns = first.shape().getLast();
        long rows = first.values().length / columns;
        Tensor all = device.tensor(DType.F32, Math.multiplyExact(experts, rows), columns, label);
        try {
            all.rows(0, rows).set(first.values());
            for (int expert = 1; expert < experts; expert++) {
                all.rows(expert * rows, rows)
                        .set(GraphTensor.read(store, sources.apply(expert)).values());
            }
        } catch (RuntimeException failure) {
            all.buffer().close();
            throw failure;
        }
        return all;
    }
}
