package dev.patchbay.bench.gpu;

import dev.patchbay.bench.gpu.StageReport.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** All stages together, for people and for programs. */
final class Summary {
    private Summary() {}

    /** Writes {@code base.md} and {@code base.json}. */
    static void write(Path base, String device, String build, List<StageReport> reports) throws IOException {
        var folder = base.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        var tree = new LinkedHashMap<String, Object>();
        tree.put("device", device);
        tree.put("build", build);
        tree.put("passed", reports.stream().noneMatch(report -> report.state() == State.FAILED));
        tree.put("stages", reports.stream().map(StageReport::tree).toList());
        Files.writeString(base.resolveSibling(base.getFileName() + ".json"), JsonPage.of(tree));
        Files.writeString(base.resolveSibling(base.getFileName() + ".md"), markdown(device, build, reports));
    }

    private static String markdown(String device, String build, List<StageReport> reports) {
        var text = new StringBuilder("# gpu-check on `" + device + "`\n\nBuild " + build + ".\n\n");
        text.append(table(
                List.of("stage", "state", "seconds", "summary"),
                reports.stream()
                        .map(report -> List.of(
                                report.stage(),
                                report.state().label(),
                                String.format(Locale.ROOT, "%.1f", report.seconds()),
                                report.summary()))
                        .toList()));
        for (StageReport report : reports) {
            if (report.rows().isEmpty() && report.notes().isEmpty()) {
                continue;
            }
            text.append("\n## ").append(report.stage()).append("\n\n");
            if (!report.rows().isEmpty()) {
                text.append(table(report.columns(), report.rows()));
            }
            if (!report.notes().isEmpty()) {
                text.append("\n");
                report.notes()
                        .forEach(note -> text.append("- ").append(cell(note)).append("\n"));
            }
        }
        return text.toString();
    }

    private static String table(List<String> columns, List<List<String>> rows) {
        return line(columns)
                + columns.stream().map(_ -> "---").collect(Collectors.joining(" | ", "| ", " |\n"))
                + rows.stream().map(Summary::line).collect(Collectors.joining());
    }

    private static String line(List<String> cells) {
        return cells.stream().map(Summary::cell).collect(Collectors.joining(" | ", "| ", " |\n"));
    }

    private static String cell(String text) {
        return text.replace("|", "\\|").replaceAll("\\s+", " ").strip();
    }
}
