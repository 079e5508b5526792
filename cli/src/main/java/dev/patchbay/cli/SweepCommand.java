package dev.patchbay.cli;

import dev.patchbay.analysis.results.Provenance;
import dev.patchbay.analysis.results.RunFolder;
import dev.patchbay.analysis.results.RunLine;
import dev.patchbay.analysis.store.RunStore;
import dev.patchbay.analysis.store.StoreException;
import dev.patchbay.analysis.sweep.Grid;
import dev.patchbay.analysis.sweep.Method;
import dev.patchbay.analysis.sweep.SweepAudit;
import dev.patchbay.analysis.sweep.SweepResult;
import dev.patchbay.analysis.sweep.SweepRunner;
import dev.patchbay.model.InputException;
import dev.patchbay.model.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Exact patching and ablation over a grid. */
@Command(name = "sweep", description = "Exact patching and ablation: every cell of a grid is really run.")
final class SweepCommand extends Subcommand {
    private static final int SHOWN = 10;

    @Parameters(paramLabel = "MODEL", description = "model folder, hf:org/name or zoo:NAME")
    private String model = "";

    @Option(names = "--pairs", paramLabel = "P.jsonl", required = true, description = "prompt pairs, one a line")
    private Path pairs = Path.of("");

    @Option(names = "--out", paramLabel = "RUN", required = true, description = "a new folder for the results")
    private Path output = Path.of("");

    @Option(names = "--resume", description = "go on with the run in RUN; where there is none, begin it")
    private boolean resume;

    @Mixin
    private SweepChecks checks;

    @Mixin
    private PairsSource pairsSource;

    @Mixin
    private GridOptions gridOptions;

    @Mixin
    private MethodOptions methodOptions;

    @Override
    void run(Console console) {
        checks.check();
        if (!resume && !checks.explains()) {
            checkNew(output);
        }
        // The place of a run that goes on is the store's to judge.
        if (!checks.explains() && !RunStore.isIn(output)) {
            checkNotOurs(output);
            checkPlace(output, "--out");
        }
        long begin = System.nanoTime();
        try (var loaded = open(model)) {
            var tokenizer = pairsSource.tokenizer(loaded);
            try {
                sweep(console, loaded, tokenizer, begin);
            } finally {
                tokenizer.ifPresent(Tokenizer::close);
            }
        }
    }

    private void sweep(Console console, LoadedModel loaded, Optional<Tokenizer> tokenizer, long begin) {
        var read = pairsSource.read(pairs, loaded, tokenizer);
        var spec = gridOptions
                .start()
                .method(methodOptions.method(file -> pairsSource.read(file, loaded, tokenizer)))
                .metric(methodOptions.metric())
                .seed(options().seed())
                .build();
        var grid = Grid.of(spec, loaded.architecture(), read);
        loaded.notes().forEach(console::note);
        try (var device = options().openDevice();
                var running = loaded.load(device)) {
            if (checks.explains()) {
                checks.explain(console, running, grid, done(grid, provenance(loaded, running, pairs.toString())));
                return;
            }
            double load = (System.nanoTime() - begin) / 1e9;
            SweepResult result;
            Optional<SweepAudit> audited;
            Provenance provenance;
            double writing;
            try (var interruption = new Interruption(console.err(), stopped());
                    var store = RunStore.open(output, grid, provenance(loaded, running, pairs.toString()))) {
                provenance = store.provenance();
                try (var progress = console.progress("sweep", interruption::isAsked)) {
                    result = new SweepRunner(running, grid).run(progress, store);
                }
                store.commit();
                audited = checks.audit(console, loaded, running, grid, result, options(), interruption::isAsked);
                writing = store.writingSeconds();
                write(grid, result, audited, provenance, id -> loaded.tokenText(tokenizer, id));
            }
            show(console, grid, result, writing);
            audited.ifPresent(found -> console.print(String.format(
                    Locale.ROOT,
                    "audit: %,d patches recomputed, largest difference %.3g (%.2g relative), rank correlation %.6f",
                    found.cells(),
                    found.largest(),
                    found.error(),
                    found.rankCorrelation())));
            console.print("results in " + output);
            console.result(RunLine.of(output.toString(), result, audited, load, provenance)
                    .toJson());
        }
    }

    /** What is said when a signal stops the sweep. */
    private String stopped() {
        return "stopped; what is finished is kept in " + output + ": the same command with --resume goes on";
    }

    /** Pairs that an earlier run has finished, where this one goes on. */
    private BitSet done(Grid grid, Provenance provenance) {
        var done = new BitSet();
        if (resume && RunStore.isIn(output)) {
            try (var store = RunStore.open(output, grid, provenance)) {
                int draws = grid.spec().method() instanceof Method.Resample resample ? resample.draws() : 1;
                for (var unit : store.known()) {
                    if (unit.draw() == draws - 1) {
                        done.set(unit.firstPair(), unit.firstPair() + unit.pairs());
                    }
                }
            }
        }
        return done;
    }

    private void write(
            Grid grid,
            SweepResult result,
            Optional<SweepAudit> audited,
            Provenance provenance,
            IntFunction<String> tokenText) {
        try {
            RunFolder.in(output).write(grid, result.effects(), audited, provenance, tokenText);
        } catch (InputException failed) {
            throw new StoreException(
                    failed.getMessage() + "; every number is kept in " + output + ": make room and use --resume",
                    failed);
        }
    }

    private static void checkNew(Path folder) {
        if (RunStore.isIn(folder) && !Files.exists(folder.resolve(RunFolder.SUMMARY))) {
            throw new InputException("--out " + folder + ": holds a run that is not finished; --resume goes on with it,"
                    + " or choose a new folder");
        }
        checkNotOurs(folder);
    }

    /** Refuses a folder that holds anything but the lock of a run that never began. */
    private static void checkNotOurs(Path folder) {
        try (var entries = Files.isDirectory(folder) ? Files.list(folder) : Stream.<Path>empty()) {
            if (Files.exists(folder)
                    && (!Files.isDirectory(folder) || entries.anyMatch(entry -> !entry.endsWith(RunStore.LOCK)))) {
                throw new InputException("--out " + folder + ": exists; choose a new folder, or remove this one");
            }
        } catch (IOException failed) {
            throw new InputException("--out " + folder + ": cannot be read: " + failed, failed);
        }
    }

    private static void show(Console console, Grid grid, SweepResult result, double writing) {
        var view = EffectView.of(result.effects());
        console.print(String.format(
                Locale.ROOT,
                "%,d patches (%,d cells × %,d pairs) in %.2f s, %,.0f a second; %.1f %% of it for keeping them",
                result.counts().patches(),
                grid.cells(),
                grid.pairs().size(),
                result.seconds(),
                result.counts().patches() / result.seconds(),
                100 * writing / result.seconds()));
        console.print("");
        console.print(view.table(SHOWN));
        if (grid.cells() > SHOWN) {
            console.print("the " + SHOWN + " strongest of " + grid.cells() + " cells; effects.csv has all");
        }
        result.effects().notes().forEach(note -> console.print("note: " + note));
    }
}
