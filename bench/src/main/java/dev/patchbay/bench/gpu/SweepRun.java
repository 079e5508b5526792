package dev.patchbay.bench.gpu;

import dev.patchbay.analysis.sweep.Axis;
import dev.patchbay.analysis.sweep.Grid;
import dev.patchbay.analysis.sweep.Planner;
import dev.patchbay.analysis.sweep.PrefixPlanner;
import dev.patchbay.analysis.sweep.SweepLimits;
import dev.patchbay.analysis.sweep.SweepProgress;
import dev.patchbay.analysis.sweep.SweepResult;
import dev.patchbay.analysis.sweep.SweepRunner;
import dev.patchbay.analysis.sweep.SweepSpecBuilder;
import dev.patchbay.analysis.sweep.WholePlanner;
import dev.patchbay.bench.RandomGpt2;
import dev.patchbay.bench.SweepBench;
import dev.patchbay.bench.gpu.StageReport.State;
import dev.patchbay.device.DeviceOptions;
import dev.patchbay.device.Devices;
import dev.patchbay.model.program.Positions;
import dev.patchbay.model.run.Model;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Exact sweeps of the GPT-2-small shape, 8 pairs, one head of every layer: patches a second, beside the naive loop, whose
 * results must be equal bit for bit. Elsewhere than on a GPU the model is tiny.
 */
final class SweepRun {
    private static final int REPETITIONS = 3;

    private final Model model;
    private final List<List<String>> rows = new ArrayList<>();
    private final List<String> unequal = new ArrayList<>();
    private double best;

    private SweepRun(Model model) {
        this.model = model;
    }

    /** Arguments: the device and the report to write. */
    public static void main(String[] arguments) {
        String name = arguments[0];
        boolean real = name.matches("cuda(:\\d+)?");
        try (var device = Devices.open(DeviceOptions.of(name));
                var tensors = real ? new RandomGpt2() : new RandomGpt2(2, 2, 101);
                var model = Model.load(device, tensors.architecture(), tensors.map(), tensors)) {
            var run = new SweepRun(model);
            run.measure(15, "layer, head, position", SweepBench.heads(model).by(Axis.LAYER, Axis.HEAD, Axis.POS));
            run.measure(15, "all positions", SweepBench.heads(model).by(Axis.LAYER, Axis.HEAD));
            if (real) {
                var last = SweepBench.heads(model).by(Axis.LAYER, Axis.HEAD).positions(Positions.END);
                run.measure(15, "END only", last);
                run.measure(100, "END only", last);
            }
            run.report(name, real).write(Path.of(arguments[1]));
        }
    }

    private StageReport report(String device, boolean real) {
        var notes = new ArrayList<>(unequal);
        notes.add(
                real
                        ? "12 layers, 12 heads of 64, 50257 tokens, random weights; the median of " + REPETITIONS
                                + " sweeps."
                        : "Not a GPU: a model of 2 layers, and the numbers say nothing of speed.");
        return new StageReport(
                "sweep",
                device,
                "",
                unequal.isEmpty() ? State.PASSED : State.FAILED,
                0,
                String.format(Locale.ROOT, "up to %.0f exact patches/s, ", best)
                        + (unequal.isEmpty() ? "equal to the naive loop bit for bit" : "NOT EQUAL to the naive loop"),
                notes,
                List.of("tokens", "patched", "patches", "seconds", "base runs, s", "patches/s", "naive patches/s"),
                rows);
    }

    private void measure(int length, String what, SweepSpecBuilder spec) {
        var pairs = SweepBench.pairs(length, model.architecture().vocabulary());
        var grid = Grid.of(spec.build(), model.architecture(), pairs);
        run(grid, new PrefixPlanner());
        var found = new ArrayList<SweepResult>();
        for (int i = 0; i < REPETITIONS; i++) {
            found.add(run(grid, new PrefixPlanner()));
        }
        found.sort((a, b) -> Double.compare(a.seconds(), b.seconds()));
        var planned = found.get(REPETITIONS / 2);
        var naive = run(grid, new WholePlanner());
        if (!Arrays.equals(planned.effects().patched(), naive.effects().patched())) {
            unequal.add(length + " tokens, " + what + ": not equal to the naive loop");
        }
        double patches = planned.counts().planned();
        best = Math.max(best, patches / planned.seconds());
        rows.add(List.of(
                String.valueOf(length),
                what,
                text("%.0f", patches),
                text("%.4f", planned.seconds()),
                text("%.4f", planned.baseSeconds()),
                text("%.0f", patches / planned.seconds()),
                text("%.0f", patches / naive.seconds())));
        System.err.println(rows.getLast());
    }

    private static String text(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }

    private SweepResult run(Grid grid, Planner planner) {
        return new SweepRunner(model, grid, planner, SweepLimits.DEFAULT).run(SweepProgress.SILENT);
    }
}
