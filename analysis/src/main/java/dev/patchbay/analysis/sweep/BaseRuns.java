package dev.patchbay.analysis.sweep;

import dev.patchbay.analysis.metric.Readout;
import dev.patchbay.analysis.pairs.Prompt;
import dev.patchbay.analysis.pairs.PromptPair;
import dev.patchbay.model.program.Capture;
import dev.patchbay.model.program.Program;
import dev.patchbay.model.run.Bindings;
import dev.patchbay.model.run.KeyValues;
import dev.patchbay.model.run.Model;
import dev.patchbay.model.run.Row;
import dev.patchbay.model.run.Run;
import dev.patchbay.model.run.RunRequest;
import dev.patchbay.model.site.SitePoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The runs without intervention of a batch of pairs.
 *
 * @param run what they kept for rows that join late; owned
 * @param keyValues of the base prompts, one row a pair in their order; owned
 * @param base what the metric reads of the base prompts
 * @param rows the base prompts as rows
 */
record BaseRuns(Run run, KeyValues keyValues, List<Readout> base, List<Row> rows) implements AutoCloseable {
    /**
     * Runs the base prompts of some pairs; the caller closes what comes back.
     *
     * @param kept sites that rows which join late begin with
     * @param more what else is kept
     */
    static BaseRuns run(
            Model model,
            MetricReader reader,
            List<PromptPair> pairs,
            List<Prompt> prompts,
            Set<SitePoint> kept,
            List<Capture> more) {
        var rows = rows(prompts);
        var captures = new ArrayList<>(reader.captures());
        kept.forEach(point -> captures.add(new Capture(point)));
        captures.addAll(more);
        var request = RunRequest.of(rows, reader.logits(pairs)).with(Program.captures(captures), Bindings.NONE);
        var run = model.run(request.keeping());
        var keyValues = run.keyValues();
        try {
            return new BaseRuns(run, keyValues, reader.read(run, pairs), rows);
        } catch (RuntimeException e) {
            keyValues.close();
            run.close();
            throw e;
        }
    }

    /** What the metric reads of other prompts of the same pairs. */
    static List<Readout> read(Model model, MetricReader reader, List<PromptPair> pairs, List<Prompt> prompts) {
        try (var run = model.run(request(reader, pairs, rows(prompts)))) {
            return reader.read(run, pairs);
        }
    }

    private static List<Row> rows(List<Prompt> prompts) {
        return prompts.stream().map(prompt -> Row.of(prompt.ids())).toList();
    }

    private static RunRequest request(MetricReader reader, List<PromptPair> pairs, List<Row> rows) {
        return RunRequest.of(rows, reader.logits(pairs)).with(Program.captures(reader.captures()), Bindings.NONE);
    }

    @Override
    public void close() {
        keyValues.close();
        run.close();
    }
}
