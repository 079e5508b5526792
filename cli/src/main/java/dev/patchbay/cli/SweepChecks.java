package dev.patchbay.cli;

import dev.patchbay.analysis.sweep.GemmRate;
import dev.patchbay.analysis.sweep.Grid;
import dev.patchbay.analysis.sweep.PrefixPlanner;
import dev.patchbay.analysis.sweep.SweepAudit;
import dev.patchbay.analysis.sweep.SweepEstimate;
import dev.patchbay.analysis.sweep.SweepLimits;
import dev.patchbay.analysis.sweep.SweepResult;
import dev.patchbay.device.Numerics;
import dev.patchbay.device.OutOfDeviceMemoryException;
import dev.patchbay.model.InputException;
import dev.patchbay.model.run.Model;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import picocli.CommandLine.Option;

/** What a sweep says of itself: its plan and price before it runs, and how far a naive loop agrees after it. */
final class SweepChecks {
    private static final int USUAL = -1;
    private static final double GIGA = 1e9;

    @Option(names = "--explain", description = "print the plan, what it costs at least and the time left; run nothing")
    private boolean explain;

    @Option(
            names = "--audit",
            paramLabel = "N",
            description =
                    "recompute N patches by whole forward passes in exact (default: 256, or 1 %% where that is less;"
                            + " 0: none)")
    private int audit = USUAL;

    /** Refuses what cannot be meant. */
    void check() {
        if (audit < USUAL) {
            throw new InputException("--audit: expected a number of patches, 0 for none, found " + audit);
        }
    }

    /** Whether the plan is printed and nothing runs. */
    boolean explains() {
        return explain;
    }

    /**
     * Prints the plan and its price.
     *
     * @param done pairs that need no more work
     */
    void explain(Console console, Model model, Grid grid, BitSet done) {
        double rate = GemmRate.measure(model.device(), model.architecture().modelWidth());
        var estimate = SweepEstimate.of(model, grid, new PrefixPlanner(), SweepLimits.of(model), rate, done::get);
        console.print(estimate.lines());
        var counts = estimate.counts();
        var members = new LinkedHashMap<String, Object>();
        members.put("status", "explained");
        members.put("patches", counts.patches());
        members.put("rows_planned", counts.planned());
        members.put("rows_skipped", counts.skipped());
        members.put("rows_merged", counts.merged());
        members.put("rows_executed", counts.executed());
        members.put("gflop_naive", estimate.naive() / GIGA);
        members.put("gflop_floor", estimate.floor() / GIGA);
        members.put("seconds_floor", estimate.floorSeconds());
        members.put("seconds_left", estimate.floorLeft() / rate);
        console.result(members);
    }

    /** Recomputes a sample; of a faster profile on the same device in exact, where the model fits there a second time. */
    Optional<SweepAudit> audit(
            Console console,
            LoadedModel loaded,
            Model running,
            Grid grid,
            SweepResult result,
            GlobalOptions options,
            BooleanSupplier stop) {
        int count = audit == USUAL ? SweepAudit.usual(result.counts().patches()) : audit;
        if (count == 0) {
            return Optional.empty();
        }
        try (var progress = console.progress("audit", stop)) {
            if (running.device().numerics() == Numerics.EXACT) {
                return Optional.of(SweepAudit.of(running, grid, result.effects(), count, progress));
            }
            try (var device = options.openExactDevice();
                    var exact = loaded.load(device)) {
                return Optional.of(SweepAudit.of(exact, grid, result.effects(), count, progress));
            } catch (OutOfDeviceMemoryException full) {
                console.note("no audit: the model does not fit a second time, in exact: " + full.getMessage());
                return Optional.empty();
            }
        }
    }
}
