package dev.patchbay.cli;

import dev.patchbay.analysis.results.Provenance;
import dev.patchbay.model.InputException;
import dev.patchbay.model.run.Model;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What all commands share: the global options, help, and where their output goes. */
@Command(mixinStandardHelpOptions = true, abbreviateSynopsis = true, versionProvider = Main.Version.class)
abstract class Subcommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private GlobalOptions options;

    @Mixin
    private ReadingOptions reading;

    @Override
    public final Integer call() {
        options.check();
        var main = (Main) spec.root().userObject();
        var console =
                new Console(spec.commandLine().getOut(), spec.commandLine().getErr(), main.terminal(), options.json());
        run(console);
        console.finish();
        return 0;
    }

    /** Does the work; a failure is an exception. */
    abstract void run(Console console);

    /** Opens a MODEL argument under the options of this command; the caller closes it. */
    final LoadedModel open(String model) {
        var opened = LoadedModel.open(model, reading.checkpoint());
        try {
            return options.processed() ? opened.withProcessedWeights() : opened;
        } catch (RuntimeException refused) {
            opened.close();
            throw refused;
        }
    }

    /** What is tolerated in the files of a MODEL. */
    final ReadingOptions reading() {
        return reading;
    }

    /** The options that every command has. */
    final GlobalOptions options() {
        return options;
    }

    /** What results are written with. */
    final Provenance provenance(LoadedModel loaded, Model running, String pairs) {
        var device = running.device();
        return new Provenance(
                loaded.name(),
                running.digest(),
                options.weights(),
                device.name(),
                "",
                device.numerics().label(),
                pairs,
                Versions.patchbay(),
                commandLine());
    }

    /** The command line as it was typed, for records. */
    final String commandLine() {
        return "patchbay "
                + String.join(" ", spec.root().commandLine().getParseResult().originalArgs());
    }

    /** Refuses a place for a new file before work is spent on it. */
    static void checkFile(Path file, String option) {
        checkPlace(file, option);
        if (Files.isDirectory(file)) {
            throw new InputException(option + " " + file + ": expected a file name, found a folder");
        }
    }

    /** Refuses a place for a new file or folder where its own folder is absent or closed. */
    static void checkPlace(Path place, String option) {
        var folder = place.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new InputException(option + " " + place + ": there is no folder " + folder + "; make it first");
        }
        if (!Files.isWritable(folder)) {
            throw new InputException(option + " " + place + ": the folder " + folder + " cannot be written to");
        }
    }
}
