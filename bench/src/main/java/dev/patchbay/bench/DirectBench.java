package dev.patchbay.bench;

import dev.patchbay.analysis.sweep.Axis;
import dev.patchbay.analysis.sweep.Grid;
import dev.patchbay.analysis.sweep.PrefixPlanner;
import dev.patchbay.analysis.sweep.SweepLimits;
import dev.patchbay.analysis.sweep.SweepProgress;
import dev.patchbay.analysis.sweep.SweepRunner;
import dev.patchbay.analysis.sweep.SweepSpec;
import dev.patchbay.analysis.sweep.SweepSpecBuilder;
import dev.patchbay.device.DeviceOptions;
import dev.patchbay.device.Devices;
import dev.patchbay.model.program.Positions;
import dev.patchbay.model.run.Model;
import dev.patchbay.model.site.Site;
import java.util.Locale;

/** Times sweeps of the GPT-2-small shape with direct effects beside the same without; the quicker of several runs of each. */
public final class DirectBench {
    private static final int ROUNDS = 3;

    private DirectBench() {}

    /** Arguments: the device (default {@code cpu}) and the number of threads (default 1). */
    public static void main(String[] arguments) {
        String name = arguments.length > 0 ? arguments[0] : "cpu";
        int threads = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1;
        try (var device = Devices.open(DeviceOptions.of(name).withThreads(threads));
                var tensors = new RandomGpt2();
                var model = Model.load(device, tensors.architecture(), tensors.map(), tensors)) {
            System.out.println(device.name() + ": " + device.description());
            compare(model, "z, END only", end(Site.Z).by(Axis.LAYER, Axis.HEAD));
            compare(model, "attn_out, END only", end(Site.ATTN_OUT).by(Axis.LAYER));
            compare(model, "mlp_out, END only", end(Site.MLP_OUT).by(Axis.LAYER));
            compare(model, "z, all positions", SweepBench.heads(model).by(Axis.LAYER, Axis.HEAD));
            compare(model, "z, by position", SweepBench.heads(model).by(Axis.LAYER, Axis.HEAD, Axis.POS));
        }
    }

    private static SweepSpecBuilder end(Site site) {
        return SweepSpec.at(site).positions(Positions.END);
    }

    private static void compare(Model model, String what, SweepSpecBuilder spec) {
        double without = Double.POSITIVE_INFINITY;
        double with = Double.POSITIVE_INFINITY;
        for (int round = 0; round < ROUNDS; round++) {
            without = Math.min(without, seconds(model, spec.direct(false).build()));
            with = Math.min(with, seconds(model, spec.direct(true).build()));
        }
        System.out.printf(
                Locale.ROOT, "%-20s total %7.3f s, with direct %7.3f s: %.3f x%n", what, without, with, with / without);
    }

    private static double seconds(Model model, SweepSpec spec) {
        var pairs = SweepBench.pairs(15, model.architecture().vocabulary());
        var grid = Grid.of(spec, model.architecture(), pairs);
        return new SweepRunner(model, grid, new PrefixPlanner(), SweepLimits.DEFAULT)
                .run(SweepProgress.SILENT)
                .seconds();
    }
}
