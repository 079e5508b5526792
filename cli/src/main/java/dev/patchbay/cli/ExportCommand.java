package dev.patchbay.cli;

import dev.patchbay.analysis.results.ExportFormat;
import dev.patchbay.analysis.results.RunExport;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The results of a sweep in other formats. */
@Command(
        name = "export",
        description = "Writes the results of a finished sweep as CSV, JSON lines, NumPy or safetensors.")
final class ExportCommand extends Subcommand {
    @Parameters(paramLabel = "RUN", description = "the folder of a finished sweep")
    private Path run = Path.of("");

    @Option(
            names = "--format",
            paramLabel = "F",
            required = true,
            description = "csv, jsonl (a line a cell), npy (a folder of arrays), npz or safetensors (all arrays)")
    private String format = "";

    @Option(names = "--out", paramLabel = "O", required = true, description = "the file to write; for npy a new folder")
    private Path output = Path.of("");

    @Override
    void run(Console console) {
        var chosen = ExportFormat.named(format);
        if (chosen == ExportFormat.NPY) {
            checkPlace(output, "--out");
        } else {
            checkFile(output, "--out");
        }
        var export = RunExport.of(run);
        export.write(chosen, output);
        console.print(export.cells() + " cells written to " + output);
        var result = new LinkedHashMap<String, Object>();
        result.put("run", run.toString());
        result.put("out", output.toString());
        result.put("format", chosen.label());
        result.put("cells", export.cells());
        console.result(result);
    }
}
