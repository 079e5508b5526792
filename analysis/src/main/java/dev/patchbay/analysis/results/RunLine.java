package dev.patchbay.analysis.results;

import dev.patchbay.analysis.io.JsonText;
import dev.patchbay.analysis.sweep.SweepAudit;
import dev.patchbay.analysis.sweep.SweepResult;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The line that {@code sweep --json} prints.
 *
 * @param run the run folder
 * @param status {@code complete} or {@code incomplete}
 * @param pairs number of pairs
 * @param patches cells × pairs, also those answered without running
 * @param seconds wall time of the patch phase
 * @param baseSeconds wall time of base runs, sources and references
 * @param loadSeconds wall time of loading the model
 * @param planned rows planned
 * @param skipped rows known to change nothing
 * @param merged rows answered by another one
 * @param executed rows run
 * @param auditError largest relative difference found by the audit, where there was one
 * @param device its name
 * @param numerics the profile
 */
public record RunLine(
        String run,
        String status,
        int pairs,
        long patches,
        double seconds,
        double baseSeconds,
        double loadSeconds,
        long planned,
        long skipped,
        long merged,
        long executed,
        OptionalDouble auditError,
        String device,
        String numerics) {

    /** The line of a finished sweep. */
    public static RunLine of(
            String run, SweepResult result, Optional<SweepAudit> audit, double loadSeconds, Provenance provenance) {
        var counts = result.counts();
        return new RunLine(
                run,
                "complete",
                result.effects().pairs().size(),
                counts.patches(),
                result.seconds(),
                result.baseSeconds(),
                loadSeconds,
                counts.planned(),
                counts.skipped(),
                counts.merged(),
                counts.executed(),
                audit.map(found -> OptionalDouble.of(found.error())).orElse(OptionalDouble.empty()),
                provenance.device(),
                provenance.numerics());
    }

    /** One JSON object on one line. */
    public String toJson() {
        var line = new LinkedHashMap<String, Object>();
        line.put("run", run);
        line.put("status", status);
        line.put("pairs", pairs);
        line.put("patches", patches);
        line.put("seconds", seconds);
        line.put("seconds_base", baseSeconds);
        line.put("seconds_load", loadSeconds);
        line.put("patches_per_second", seconds > 0 ? patches / seconds : Double.NaN);
        line.put("rows_planned", planned);
        line.put("rows_skipped", skipped);
        line.put("rows_merged", merged);
        line.put("rows_executed", executed);
        line.put("audit_error", auditError.orElse(Double.NaN));
        line.put("device", device);
        line.put("numerics", numerics);
        return JsonText.line(line);
    }
}
