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

/** Brings tensors of one shape (the experts of a layer, the norms of its heads) to the device, one below the other. */
final class StackedWeights {
    private StackedWeights() {}

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

    /** So many tensors of one shape; the caller closes the buffer. */
    static Tensor stack(Device device, String label, int count, IntFunction<Source> sources, TensorStore store) {
        var shape = GraphTensor.shape(sources.apply(0));
        long columns = shape.getLast();
        long elements = shape.stream().reduce(1L, Math::multiplyExact);
        Tensor all = device.tensor(DType.F32, Math.multiplyExact((long) count, elements / columns), columns, label);
        try {
            for (int index = 0; index < count; index++) {
                long begin = Math.multiplyExact((long) index, elements);
                GraphTensor.read(
                        store,
                        sources.apply(index),
                        (floats, at) -> all.buffer().write(Math.multiplyExact(begin + at, Float.BYTES), floats));
            }
        } catch (RuntimeException failure) {
            all.buffer().close();
            throw failure;
        }
        return all;
    }
}
