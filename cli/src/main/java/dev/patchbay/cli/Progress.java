package dev.patchbay.cli;

import dev.patchbay.analysis.sweep.SweepProgress;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.BooleanSupplier;

/**
 * How far a sweep is: a bar on a terminal, elsewhere a line a minute. Closing it removes the bar. For one thread.
 */
final class Progress implements SweepProgress, AutoCloseable {
    private static final int WIDTH = 30;
    private static final long BAR_NANOS = 100_000_000L;
    private static final long LINE_NANOS = 60_000_000_000L;
    private static final String CLEAR = "\r\u001b[K";
    private static final String PARTS = " ▏▎▍▌▋▊▉";

    private final String what;
    private final PrintWriter err;
    private final boolean terminal;
    private final BooleanSupplier stop;
    private final long begin = System.nanoTime();
    private long last = begin;
    private boolean drawn;
    private String pairs = "";
    private long known = -1;

    Progress(String what, PrintWriter err, boolean terminal, BooleanSupplier stop) {
        this.stop = stop;
        this.what = what;
        this.err = err;
        this.terminal = terminal;
    }

    @Override
    public void done(long done, long total) {
        long now = System.nanoTime();
        // What an earlier run has done says nothing about the speed of this one.
        known = known < 0 ? done : known;
        if (now - last < (terminal ? BAR_NANOS : LINE_NANOS)) {
            return;
        }
        last = now;
        String numbers = numbers(done, total, (now - begin) / 1e9);
        if (terminal) {
            err.print(CLEAR + what + " " + bar((double) done / total) + " " + numbers);
            drawn = true;
        } else {
            err.println("patchbay: " + what + ": " + numbers);
        }
        err.flush();
    }

    @Override
    public void pairs(int done, int total) {
        pairs = String.format(Locale.ROOT, "%,d of %,d pairs, ", done, total);
    }

    @Override
    public boolean isCancelled() {
        return stop.getAsBoolean();
    }

    private String numbers(long done, long total, double seconds) {
        long here = done - known;
        double left = here == 0 ? Double.NaN : seconds * (total - done) / here;
        return String.format(
                Locale.ROOT,
                "%3.0f %%  %s%,d of %,d patches, %,.0f/s, %s left",
                100.0 * done / total,
                pairs,
                done,
                total,
                here / seconds,
                Double.isNaN(left) ? "?" : duration(Math.round(left)));
    }

    private static String duration(long seconds) {
        return seconds < 60 ? seconds + " s" : seconds < 3600 ? seconds / 60 + " min" : seconds / 3600 + " h";
    }

    static String bar(double share) {
        int eighths = (int) Math.floor(Math.clamp(share, 0, 1) * WIDTH * 8);
        String full = "█".repeat(eighths / 8);
        String part = eighths % 8 == 0 ? "" : PARTS.substring(eighths % 8, eighths % 8 + 1);
        return "▕" + full + part + " ".repeat(WIDTH - full.length() - part.length()) + "▏";
    }

    @Override
    public void close() {
        if (drawn) {
            err.print(CLEAR);
            err.flush();
        }
    }
}
