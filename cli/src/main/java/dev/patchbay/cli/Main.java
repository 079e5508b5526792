package dev.patchbay.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The root of the {@code patchbay} command. */
@Command(
        name = "patchbay",
        description = "Finds out what the attention heads of a language model do.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        subcommands = {
            DoctorCommand.class,
            InfoCommand.class,
            RunCommand.class,
            TokenizeCommand.class,
            GenerateCommand.class,
            SweepCommand.class,
            ExportCommand.class,
            DataCommand.class,
            DemoCommand.class
        })
public final class Main implements Runnable {
    private final Terminal terminal;

    @Spec
    private CommandSpec spec;

    Main(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Runs the command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        var out = writer(FileDescriptor.out);
        var err = writer(FileDescriptor.err);
        int code;
        try {
            code = commandLine(Terminal.ofProcess()).setOut(out).setErr(err).execute(arguments);
        } catch (OutOfMemoryError | StackOverflowError e) {
            code = Failures.explain(e, err, Arrays.asList(arguments).contains(GlobalOptions.DEBUG));
        }
        out.flush();
        err.flush();
        System.exit(code);
    }

    /** The command over a terminal, with its rules for failures. */
    static CommandLine commandLine(Terminal terminal) {
        return new CommandLine(new Main(terminal))
                // --heads @FILE is ours to read.
                .setExpandAtFiles(false)
                .setParameterExceptionHandler(Failures::wrongArguments)
                .setExecutionExceptionHandler(Failures::execution);
    }

    /** What standard output and standard error are. */
    Terminal terminal() {
        return terminal;
    }

    /** Text goes out as UTF-8 whatever the locale: files and JSON are. */
    private static PrintWriter writer(FileDescriptor descriptor) {
        return new PrintWriter(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command given; patchbay --help lists them");
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"patchbay " + Versions.patchbay()};
        }
    }
}
