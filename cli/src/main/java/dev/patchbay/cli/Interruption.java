package dev.patchbay.cli;

import java.io.PrintWriter;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What SIGINT, SIGTERM and SIGHUP do while it is open: they ask for an end, wait a little for it, and end the process with exit
 * code 4 and one line. Work that does not end in time is dropped: what was committed is kept.
 */
final class Interruption implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 7;

    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread hook;
    private volatile boolean asked;

    /**
     * Listens from now on.
     *
     * @param line what is printed when a signal came
     */
    Interruption(PrintWriter err, String line) {
        hook = new Thread(() -> end(err, line), "interruption");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void end(PrintWriter err, String line) {
        asked = true;
        try {
            boolean _ = ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            // The process ends all the same.
        }
        err.println("patchbay: " + line);
        err.flush();
        Runtime.getRuntime().halt(Failures.INCOMPLETE);
    }

    /** Whether an end was asked for. */
    boolean isAsked() {
        return asked;
    }

    /** Listens no longer. Where a signal came already, the process ends now. */
    @Override
    public void close() {
        ended.countDown();
        try {
            boolean _ = Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException _) {
            // The process is ending: the hook says so and ends it.
        }
    }
}
