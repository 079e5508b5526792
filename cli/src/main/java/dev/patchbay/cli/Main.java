package dev.patchbay.cli;

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
        versionProvider = Main.Version.class)
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec;

    /** Runs the command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Main()).setParameterExceptionHandler(Main::explain);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command given; patchbay --help lists them");
    }

    /** Bad arguments are one line on standard error and exit code 2, as for any other bad input. */
    private static int explain(ParameterException e, String[] arguments) {
        e.getCommandLine().getErr().println("patchbay: " + e.getMessage());
        return e.getCommandLine().getCommandSpec().exitCodeOnInvalidInput();
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            var version = Main.class.getModule().getDescriptor().version().orElseThrow();
            return new String[] {"patchbay " + version};
        }
    }
}
