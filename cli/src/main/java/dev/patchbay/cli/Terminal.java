package dev.patchbay.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What standard output and standard error are.
 *
 * @param out whether standard output is a terminal
 * @param err whether standard error is a terminal
 * @param colour whether a terminal is sent colours
 */
record Terminal(boolean out, boolean err, boolean colour) {
    /** No terminal: plain text, no progress bar. */
    static final Terminal NONE = new Terminal(false, false, false);

    /**
     * The terminal of this process. Asked of the kernel: {@link System#console} answers for input and output together, so it
     * says no where only one of them is redirected.
     */
    static Terminal ofProcess() {
        boolean dumb = "dumb".equals(System.getenv("TERM"));
        boolean colour = !dumb && System.getenv("NO_COLOR") == null;
        return new Terminal(!dumb && isTerminal(1), !dumb && isTerminal(2), colour);
    }

    private static boolean isTerminal(int descriptor) {
        try {
            var target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                    .toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException _) {
            return false;
        }
    }
}
