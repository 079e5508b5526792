package dev.patchbay.bench;

import dev.patchbay.analysis.pairs.Prompt;
import dev.patchbay.analysis.pairs.PromptPair;
import dev.patchbay.analysis.pairs.PromptPairs;
import dev.patchbay.analysis.sweep.Axis;
import dev.patchbay.analysis.sweep.GemmRate;
import dev.patchbay.analysis.sweep.Grid;
import dev.patchbay.analysis.sweep.Planner;
import dev.patchbay.analysis.sweep.PrefixPlanner;
import dev.patchbay.analysis.sweep.SweepEstimate;
import dev.patchbay.analysis.sweep.SweepLimits;
import dev.patchbay.analysis.sweep.SweepProgress;
import dev.patchbay.analysis.sweep.SweepResult;
import dev.patchbay.analysis.sweep.SweepRunner;
import dev.patchbay.analysis.sweep.SweepSpec;
import dev.patchbay.analysis.sweep.SweepSpecBuilder;
import dev.patchbay.analysis.sweep.WholePlanner;
import dev.patchbay.device.DeviceOptions;
import dev.patchbay.device.Devices;
import dev.patchbay.model.program.Edit.LayerHead;
import dev.patchbay.model.program.Positions;
import dev.patchbay.model.run.Model;
import dev.patchbay.model.site.Site;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Times patching sweeps of the GPT-2-small shape beside the naive loop (one whole forward for each patch, batched, only the
 * last position unembedded) in one run: 8 pairs whose prompts first differ at token 1 to 6. The naive loop patches one head of
 * every layer, since all heads of a layer cost the same; its results and the planned ones must be equal, bit for bit. The
 * floor is the least work of the cost model at the rate at which the device multiplies matrices.
 */
public final class SweepBench {
    private static final int PAIRS = 8;

    private SweepBench() {}

    /** Arguments: the device (default {@code cpu}) and the number of threads (default 1). */
    public static void main(String[] arguments) {
        String name = arguments.length > 0 ? arguments[0] : "cpu";
        int threads = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1;
        try (var device = Devices.open(DeviceOptions.of(name).withThreads(threads));
                var tensors = new RandomGpt2();
                var model = Model.load(device, tensors.architecture(), tensors.map(), tensors)) {
            double rate = GemmRate.measure(device, model.architecture().modelWidth());
            System.out.printf(
                    Locale.ROOT, "%s: %s; products at %.1f GFLOP/s%n", device.name(), device.description(), rate / 1e9);
            var every = SweepSpec.at(Site.Z);
            compare(model, 15, "layer, head, position", heads(model), Axis.POS, rate);
            compare(model, 15, "all positions", every, Axis.HEAD, rate);
            compare(model, 15, "END only", every.positions(Positions.END), Axis.HEAD, rate);
            compare(model, 100, "END only", every.positions(Positions.END), Axis.HEAD, rate);
        }
    }

    /** The output of one head of every layer. */
    public static SweepSpecBuilder heads(Model model) {
        var oneOfEveryLayer = IntStream.range(0, model.architecture().layers())
                .mapToObj(layer -> new LayerHead(layer, layer))
                .toList();
        return SweepSpec.at(Site.Z).heads(oneOfEveryLayer);
    }

    /**
     * The planned sweep of {@code spec} beside the naive one of one head of every layer, which is scaled up to as many
     * patches.
     */
    private static void compare(Model model, int length, String what, SweepSpecBuilder spec, Axis last, double rate) {
        var pairs = pairs(length, model.architecture().vocabulary());
        var axes = last == Axis.POS ? List.of(Axis.LAYER, Axis.HEAD, Axis.POS) : List.of(Axis.LAYER, Axis.HEAD);
        var grid = Grid.of(spec.by(axes).build(), model.architecture(), pairs);
        var some = heads(model).by(axes).positions(spec.build().positions());
        var sample = Grid.of(some.build(), model.architecture(), pairs);
        run(model, sample, new PrefixPlanner());
        var planned = run(model, grid, new PrefixPlanner());
        var naive = run(model, sample, new WholePlanner());
        boolean equal = Arrays.equals(
                run(model, sample, new PrefixPlanner()).effects().patched(),
                naive.effects().patched());
        double patches = planned.counts().planned();
        double whole = naive.seconds() * patches / naive.counts().planned();
        var estimate = SweepEstimate.of(model, grid, new PrefixPlanner(), SweepLimits.DEFAULT, rate, _ -> false);
        System.out.printf(
                Locale.ROOT,
                "%3d tokens, %-22s %6.0f patches: naive %8.2f s (from %d of them), planned %7.3f s (base runs %.3f s):"
                        + " %6.1f x, with base runs %5.1f x; %.0f patches/s; floor %.3f s, %.0f %% of it reached; %s%n",
                length,
                what,
                patches,
                whole,
                naive.counts().planned(),
                planned.seconds(),
                planned.baseSeconds(),
                whole / planned.seconds(),
                whole / (planned.seconds() + planned.baseSeconds()),
                patches / planned.seconds(),
                estimate.floorSeconds(),
                100 * estimate.floorSeconds() / planned.seconds(),
                equal ? "equal bit for bit" : "NOT EQUAL");
    }

    private static SweepResult run(Model model, Grid grid, Planner planner) {
        return new SweepRunner(model, grid, planner, SweepLimits.DEFAULT).run(SweepProgress.SILENT);
    }

    /** 8 pairs of prompts of that many random tokens, which first differ at token 1 to 6. */
    public static PromptPairs pairs(int length, int vocabulary) {
        var random = new SplittableRandom(length);
        var pairs = new ArrayList<PromptPair>();
        for (int pair = 0; pair < PAIRS; pair++) {
            int[] clean = random.ints(length, 0, vocabulary).toArray();
            int[] corrupted = clean.clone();
            int first = 1 + pair % 6;
            for (int place : new int[] {first, first + 2, length / 2 + 2}) {
                corrupted[place] = (clean[place] + 1) % vocabulary;
            }
            pairs.add(new PromptPair(
                    "p" + pair,
                    PromptPair.NO_TEMPLATE,
                    prompt(clean),
                    Optional.of(prompt(corrupted)),
                    List.of(List.of(11)),
                    List.of(List.of(12)),
                    true));
        }
        return PromptPairs.of(pairs);
    }

    private static Prompt prompt(int[] tokens) {
        return new Prompt(Arrays.stream(tokens).boxed().toList(), Map.of());
    }
}
