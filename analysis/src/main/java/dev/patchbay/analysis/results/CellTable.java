package dev.patchbay.analysis.results;

import dev.patchbay.analysis.io.JsonText;
import dev.patchbay.analysis.statistics.Interval;
import java.util.LinkedHashMap;

/** The numbers of a run as a table with a line a cell: its coordinates, then its numbers as the arrays hold them. */
final class CellTable {
    /** The last column: what is to be known of the intervals, or nothing. */
    private static final String REMARK = "interval";

    private CellTable() {}

    static String csv(RunArrays run) {
        var text = new StringBuilder();
        run.axes().forEach(axis -> text.append(axis.name()).append(','));
        var columns = run.perCell();
        columns.forEach(column -> text.append(column.name()).append(','));
        text.append(REMARK).append('\n');
        for (int cell = 0; cell < run.cells(); cell++) {
            run.labels(cell).forEach(label -> text.append(quoted(label)).append(','));
            for (var column : columns) {
                text.append(column.at(cell)).append(',');
            }
            text.append(remark(run, cell)).append('\n');
        }
        return text.toString();
    }

    static String jsonLines(RunArrays run) {
        var text = new StringBuilder();
        var columns = run.perCell();
        for (int cell = 0; cell < run.cells(); cell++) {
            var members = new LinkedHashMap<String, Object>();
            var labels = run.labels(cell);
            for (int axis = 0; axis < labels.size(); axis++) {
                var its = run.axes().get(axis);
                String label = labels.get(axis);
                members.put(its.name(), its.isNumeric() ? (Object) Integer.valueOf(label) : label);
            }
            for (var column : columns) {
                members.put(column.name(), column.at(cell));
            }
            members.put(REMARK, remark(run, cell));
            text.append(JsonText.line(members)).append('\n');
        }
        return text.toString();
    }

    private static String remark(RunArrays run, int cell) {
        int pairs = run.arrays().stream()
                .filter(array -> array.name().equals("n"))
                .mapToInt(array -> array.at(cell).intValue())
                .findFirst()
                .orElse(0);
        return pairs > 0 && pairs < Interval.FEW ? Interval.FEW_PAIRS : "";
    }

    private static String quoted(String label) {
        return label.matches("[^,\"\\r\\n]*") ? label : '"' + label.replace("\"", "\"\"") + '"';
    }
}
