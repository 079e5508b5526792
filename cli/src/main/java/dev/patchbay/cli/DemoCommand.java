package dev.patchbay.cli;

import dev.patchbay.analysis.data.IoiTask;
import dev.patchbay.analysis.pairs.PairsOptions;
import dev.patchbay.analysis.pairs.PairsReader;
import dev.patchbay.analysis.pairs.PromptPairs;
import dev.patchbay.analysis.statistics.PairStatistics;
import dev.patchbay.analysis.sweep.Axis;
import dev.patchbay.analysis.sweep.Effects;
import dev.patchbay.analysis.sweep.Grid;
import dev.patchbay.analysis.sweep.Method;
import dev.patchbay.analysis.sweep.SweepResult;
import dev.patchbay.analysis.sweep.SweepRunner;
import dev.patchbay.analysis.sweep.SweepSpec;
import dev.patchbay.analysis.sweep.SweepSpecBuilder;
import dev.patchbay.device.Device;
import dev.patchbay.model.run.Model;
import dev.patchbay.model.site.Site;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A first result in seconds: finds a circuit that is known, then does the same on a checkpoint read from disk. */
@Command(name = "demo", description = "Finds the known circuit of zoo:ioi, then sweeps a checkpoint read from disk.")
final class DemoCommand extends Subcommand {
    private static final String CHECKPOINT = "examples/checkpoints/gpt2-tiny";
    private static final String PAIRS = "examples/pairs/gpt2-tiny.jsonl";

    @Option(names = "--out", paramLabel = "FOLDER", description = "where results go (default: ${DEFAULT-VALUE})")
    private Path output = Path.of("demo-out");

    @Option(names = "--n", paramLabel = "N", description = "prompt pairs for zoo:ioi (default: ${DEFAULT-VALUE})")
    private int count = 20;

    @Override
    void run(Console console) {
        long begin = System.nanoTime();
        var example = Checkout.find(CHECKPOINT);
        var files = new DemoFiles(output, this);
        var result = new LinkedHashMap<String, Object>();
        result.put("out", output.toString());
        try (var device = options().openDevice()) {
            console.print("device   " + device.name() + ": " + device.description());
            circuit(console, device, files, result);
            checkpoint(console, device, files, example, result);
            result.put("device", device.name());
            result.put("numerics", device.numerics().label());
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        result.put("seconds", seconds);
        console.print(String.format(
                Locale.ROOT,
                "%nEverything in %.1f s; the numbers are in %s/ (CSV, JSON, safetensors)",
                seconds,
                output));
        console.result(result);
    }

    private void circuit(Console console, Device device, DemoFiles files, Map<String, Object> result) {
        try (var loaded = LoadedModel.open("zoo:ioi");
                var model = loaded.load(device)) {
            var pairs = IoiTask.zoo(count, options().seed());
            var architecture = loaded.architecture();
            console.print("model    zoo:ioi, " + architecture.layers() + " layers × " + architecture.heads()
                    + " heads, weighted by hand: what each head does is known");
            console.print("prompts  " + pairs.size()
                    + " of the form \"IO and S … S gave … to\"; corrupted: three other names");
            var patch =
                    sweep(console, model, pairs, denoise(Site.Z).by(Axis.LAYER, Axis.HEAD, Axis.POS), "exact patching");
            var zero = sweep(
                    console,
                    model,
                    pairs,
                    SweepSpec.at(Site.Z).method(new Method.Zero()).by(Axis.LAYER, Axis.HEAD),
                    "zero ablation");
            // One order of names: in the other one IO and S change places, and a mean over both would cancel.
            var abba = PromptPairs.of(pairs.pairs().stream()
                    .filter(pair -> pair.template().equals("ioi-ABBA"))
                    .toList());
            var stream =
                    sweep(console, model, abba, denoise(Site.RESID_PRE).by(Axis.LAYER, Axis.POS), "residual stream");
            double difference = PairStatistics.mean(patch.effects().clean());
            console.print("");
            console.print(String.format(Locale.ROOT, "logit difference %.3f", difference));
            console.print("");
            var table = new HeadTable(loaded.zoo().orElseThrow().roles(), patch.effects(), zero.effects());
            console.print(table.lines());
            console.print("patch effect 1: the clean value alone turns the corrupted run into the clean one");
            console.print("");
            console.print(HeatMap.beside(
                    EffectView.of(patch.effects()).map("patch effect of z", "layer", "head"),
                    EffectView.differences(zero.effects())
                            .map("zero ablation: change of the logit difference", "layer", "head"),
                    console.hasColour()));
            console.print("");
            console.print(EffectView.of(stream.effects())
                    .map(
                            "patch effect of resid_pre; the prompt is BOS IO AND S … S GAVE … TO, and IO the answer",
                            "layer",
                            "pos")
                    .lines(console.hasColour()));
            var file = files.pairs("zoo-ioi.jsonl", pairs);
            files.write("zoo-ioi-patch", loaded, model, patch, file);
            files.write("zoo-ioi-zero", loaded, model, zero, file);
            files.write("zoo-ioi-resid", loaded, model, stream, file + ", template ioi-ABBA");
            files.heads(table);
            result.put("logit_difference", difference);
            result.put("heads", table.objects());
        }
    }

    private void checkpoint(Console console, Device device, DemoFiles files, Path folder, Map<String, Object> result) {
        try (var loaded = LoadedModel.open(folder.toString());
                var model = loaded.load(device)) {
            var pairs =
                    new PairsReader(PairsOptions.ids(loaded.architecture().vocabulary())).read(Checkout.find(PAIRS));
            console.print("");
            console.print("The same on a checkpoint in GPT-2 layout with random weights, read from " + CHECKPOINT);
            var patch =
                    sweep(console, model, pairs, denoise(Site.Z).by(Axis.LAYER, Axis.HEAD, Axis.POS), "exact patching");
            console.print("");
            var view = EffectView.of(patch.effects());
            console.print(
                    view.map("strongest patch effect of z", "layer", "head").lines(console.hasColour()));
            console.print("");
            console.print(view.table(5));
            files.write("gpt2-tiny-patch", loaded, model, patch, PAIRS);
            result.put("gpt2_patches", patch.counts().patches());
        }
    }

    private static SweepSpecBuilder denoise(Site site) {
        return SweepSpec.at(site).mixTemplates();
    }

    private static Swept sweep(Console console, Model model, PromptPairs pairs, SweepSpecBuilder spec, String what) {
        var grid = Grid.of(spec.build(), model.architecture(), pairs);
        SweepResult result;
        try (var progress = console.progress(what)) {
            result = new SweepRunner(model, grid).run(progress);
        }
        console.print(String.format(
                Locale.ROOT,
                "%-15s %s: %,d patches in %.2f s",
                what,
                String.join(" × ", grid.axes().stream().map(axis -> axis.name()).toList()),
                result.counts().patches(),
                result.seconds()));
        return new Swept(grid, result);
    }

    /** A sweep and what it was. */
    record Swept(Grid grid, SweepResult result) {
        Effects effects() {
            return result.effects();
        }

        dev.patchbay.analysis.sweep.SweepCounts counts() {
            return result.counts();
        }
    }
}
