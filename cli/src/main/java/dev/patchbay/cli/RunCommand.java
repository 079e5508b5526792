package dev.patchbay.cli;

import dev.patchbay.analysis.io.RunOutput;
import dev.patchbay.model.run.EditReport;
import dev.patchbay.model.run.Model;
import dev.patchbay.model.site.SitePoint;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** One forward pass. */
@Command(name = "run", description = "One forward pass: captures and logits of prompts, with or without edits.")
final class RunCommand extends Subcommand {
    @Parameters(paramLabel = "MODEL", description = "model folder, hf:org/name or zoo:NAME")
    private String model = "";

    @Option(
            names = "--tokens",
            paramLabel = "T.json|IDS",
            required = true,
            description = "{\"input_ids\": [[…], …]}, or the ids of one prompt")
    private String tokens = "";

    @Option(
            names = "--capture",
            paramLabel = "SITES",
            description = "sites to keep: z,pattern.3; all layers where none is named")
    private Optional<String> capture = Optional.empty();

    @Option(names = "--edits", paramLabel = "E.json", description = "changes of activations")
    private Optional<Path> edits = Optional.empty();

    @Option(
            names = "--other",
            paramLabel = "T.json|IDS",
            description = "prompts of the run that {\"run\": \"other\"} means")
    private Optional<String> other = Optional.empty();

    @Option(names = "--out", paramLabel = "O.safetensors", required = true, description = "the file to write")
    private Path output = Path.of("");

    @Override
    void run(Console console) {
        checkFile(output, "--out");
        try (var loaded = open(model)) {
            var prompts = TokenRows.read(tokens, loaded);
            List<SitePoint> points = capture.map(names -> RunOutput.points(names, loaded.architecture()))
                    .orElse(List.of());
            try (var device = options().openDevice();
                    var running = loaded.load(device);
                    var program = EditProgram.read(edits, other, loaded, running)) {
                var run = RunOutput.run(running, prompts, points, program.edits(), program.bindings());
                notes(run, loaded, running);
                run.writer().write(output);
                loaded.notes().forEach(console::note);
                console.result(describe(console, prompts, points, run.reports(), running));
            }
        }
    }

    private void notes(RunOutput run, LoadedModel loaded, Model running) {
        run.writer()
                .note("model", loaded.name())
                .note("model_digest", running.digest())
                .note("weights", options().weights())
                .note("device", running.device().name())
                .note("numerics", running.device().numerics().label())
                .note("version", Versions.patchbay());
    }

    private Map<String, Object> describe(
            Console console,
            List<List<Integer>> prompts,
            List<SitePoint> points,
            List<EditReport> reports,
            Model running) {
        console.print(prompts.size() + " rows, " + points.size() + " captures written to " + output);
        if (!reports.isEmpty()) {
            var table = new Table(">edit", ">places", ">largest change");
            for (int edit = 0; edit < reports.size(); edit++) {
                table.row(edit, reports.get(edit).fired(), reports.get(edit).largestChange());
            }
            console.print(table.lines());
        }
        var result = new LinkedHashMap<String, Object>();
        result.put("model", model);
        result.put("out", output.toString());
        result.put("rows", prompts.size());
        result.put("captures", points.stream().map(SitePoint::label).toList());
        result.put("edits", reports.stream().map(RunCommand::object).toList());
        result.put("device", running.device().name());
        result.put("numerics", running.device().numerics().label());
        result.put("weights", options().weights());
        return result;
    }

    private static Map<String, Object> object(EditReport report) {
        var members = new LinkedHashMap<String, Object>();
        members.put("fired", report.fired());
        members.put("largest_change", report.largestChange());
        return members;
    }
}
