package dev.patchbay.analysis.io;

import dev.patchbay.analysis.sweep.PromptMeans;
import dev.patchbay.device.Tensor;
import dev.patchbay.model.InputException;
import dev.patchbay.model.program.Source;
import dev.patchbay.model.run.Bindings;
import dev.patchbay.model.run.Captured;
import dev.patchbay.model.run.Run;
import dev.patchbay.model.run.SiteValues;
import dev.patchbay.model.site.SitePoint;
import java.util.Map;

/**
 * Binds named tensors, and runs whose row r supplies row r of the edited batch, position by position. Owns nothing: the runs
 * outlive it.
 *
 * @param tensors by {@code FILE#name}
 * @param runs by the name that {@link Source.Run} says
 * @param means by the name that {@link Source.Mean} says
 */
public record RunBindings(Map<String, NamedTensor> tensors, Map<String, Run> runs, Map<String, PromptMeans> means)
        implements Bindings {
    /** Copies the maps. */
    public RunBindings {
        tensors = Map.copyOf(tensors);
        runs = Map.copyOf(runs);
        means = Map.copyOf(means);
    }

    @Override
    public NamedTensor tensor(String name) {
        var tensor = tensors.get(name);
        return tensor == null ? Bindings.super.tensor(name) : tensor;
    }

    @Override
    public SiteValues values(Source source, SitePoint point) {
        if (source instanceof Source.Run(String name)) {
            var run = runs.get(name);
            if (run == null) {
                throw new InputException(
                        "edit of " + point.label() + ": run '" + name + "' is not there; expected one of "
                                + runs.keySet().stream().sorted().toList());
            }
            return new RowByRow(run.capture(point));
        }
        if (source instanceof Source.Mean(String reference)) {
            var mean = means.get(reference);
            if (mean != null) {
                return mean.values(point);
            }
        }
        return Bindings.super.values(source, point);
    }

    private record RowByRow(Captured captured) implements SiteValues {
        @Override
        public Tensor tensor() {
            return captured.tensor();
        }

        @Override
        public long index(int row, int position, int head) {
            if (row >= captured.rows().size()) {
                return -1;
            }
            return captured.point().site().traits().keys()
                    ? captured.index(row, position, head)
                    : captured.index(row, position);
        }
    }
}
