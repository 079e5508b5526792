package dev.patchbay.cli;

import dev.patchbay.analysis.store.StoreException;
import dev.patchbay.device.DeviceException;
import dev.patchbay.device.DeviceUnavailableException;
import dev.patchbay.device.OutOfDeviceMemoryException;
import dev.patchbay.model.InputException;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.concurrent.CancellationException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** How a failure ends the command: one line on standard error and an exit code; {@code --debug} adds the trace. */
final class Failures {
    /** Bad input, wrong arguments included. */
    static final int BAD_INPUT = 2;
    /** The machine lacks something. */
    static final int ENVIRONMENT = 3;
    /** Stopped before the end; {@code --resume} goes on. */
    static final int INCOMPLETE = 4;
    /** A fault of Patchbay. */
    static final int UNEXPECTED = 70;

    private Failures() {}

    /** Arguments that could not be read. */
    static int wrongArguments(ParameterException e, String[] arguments) {
        String command = e.getCommandLine().getCommandSpec().qualifiedName();
        String message = e.getMessage() == null ? "wrong arguments" : e.getMessage();
        if (e instanceof UnmatchedArgumentException unmatched) {
            message = "unknown argument " + String.join(" ", unmatched.getUnmatched());
        }
        String hint = message.contains("--help") ? "" : "; " + command + " --help lists what there is";
        return end(e, BAD_INPUT, message + hint, e.getCommandLine().getErr(), debug(Arrays.asList(arguments)));
    }

    /** Exceptions of a command. */
    static int execution(Exception e, CommandLine command, ParseResult arguments) {
        return explain(e, command.getErr(), debug(arguments.originalArgs()));
    }

    /** Anything thrown. */
    static int explain(Throwable thrown, PrintWriter err, boolean debug) {
        String message = String.valueOf(thrown.getMessage());
        return switch (thrown) {
            case InputException _ -> end(thrown, BAD_INPUT, message, err, debug);
            case DeviceUnavailableException _ ->
                end(thrown, ENVIRONMENT, message + "; patchbay doctor lists the devices", err, debug);
            case StoreException _ -> end(thrown, ENVIRONMENT, message, err, debug);
            // The signal that asked for the end has said so.
            case CancellationException _ -> INCOMPLETE;
            case OutOfDeviceMemoryException _ -> end(thrown, ENVIRONMENT, message, err, debug);
            case DeviceException _ ->
                end(thrown, ENVIRONMENT, "the device failed: " + message + "; --debug shows where", err, debug);
            case OutOfMemoryError _ ->
                end(
                        thrown,
                        ENVIRONMENT,
                        "Java's heap is full (" + message + "): give it more with PATCHBAY_JAVA_OPTIONS=-Xmx16g, or ask"
                                + " for fewer captures, shorter prompts or a smaller grid",
                        err,
                        debug);
            default ->
                end(
                        thrown,
                        UNEXPECTED,
                        "unexpected " + thrown.getClass().getSimpleName() + ": " + message
                                + "; this is a fault of Patchbay: run it again with --debug and report the trace",
                        err,
                        debug);
        };
    }

    private static boolean debug(Iterable<String> arguments) {
        for (String argument : arguments) {
            if (argument.equals(GlobalOptions.DEBUG)) {
                return true;
            }
        }
        return false;
    }

    private static int end(Throwable thrown, int code, String message, PrintWriter err, boolean debug) {
        err.println("patchbay: " + InputException.oneLine(message));
        if (debug) {
            thrown.printStackTrace(err);
        }
        err.flush();
        return code;
    }
}
