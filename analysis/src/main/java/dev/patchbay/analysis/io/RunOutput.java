package dev.patchbay.analysis.io;

import dev.patchbay.device.DType;
import dev.patchbay.model.InputException;
import dev.patchbay.model.checkpoint.SafetensorsWriter;
import dev.patchbay.model.program.Capture;
import dev.patchbay.model.program.Edit;
import dev.patchbay.model.program.Program;
import dev.patchbay.model.run.Bindings;
import dev.patchbay.model.run.Captured;
import dev.patchbay.model.run.EditReport;
import dev.patchbay.model.run.Logits;
import dev.patchbay.model.run.Model;
import dev.patchbay.model.run.Row;
import dev.patchbay.model.run.RunRequest;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.site.SitePoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * One forward pass and the arrays it writes: {@code input_ids} I64 {@code [B, S]}, {@code logits} {@code [B, S, V]}, and each
 * captured point {@code [B, S, width]}, heads side by side ({@code [B, H, S, S]} for scores and pattern), F32 ({@code
 * expert_index} I32). Where rows differ in length, arrays are filled with NaN (integers with −1) on the right and {@code lengths} I32 {@code [B]} is there.
 */
public final class RunOutput {
    private final SafetensorsWriter writer = new SafetensorsWriter();
    private final List<List<Integer>> prompts;
    private final int longest;
    private List<EditReport> reports = List.of();

    private RunOutput(List<List<Integer>> prompts) {
        this.prompts = prompts;
        longest = prompts.stream().mapToInt(List::size).max().orElseThrow();
    }

    /**
     * Reads names of sites, separated by commas: {@code z} for all layers, {@code z.3}, or a TransformerLens hook name.
     *
     * @throws InputException for a site the model does not have
     */
    public static List<SitePoint> points(String names, dev.patchbay.model.config.Architecture architecture) {
        var points = new LinkedHashSet<SitePoint>();
        for (String name : names.split(",", -1)) {
            points.addAll(SitePoint.parse(name.strip(), architecture));
        }
        // Logits are always written.
        points.remove(new SitePoint(Site.LOGITS, 0));
        return List.copyOf(points);
    }

    /**
     * Runs prompts.
     *
     * @param prompts token ids, row by row
     * @param points what is kept besides the logits
     * @param edits what is changed
     * @param bindings the values of their sources
     */
    public static RunOutput run(
            Model model, List<List<Integer>> prompts, List<SitePoint> points, List<Edit> edits, Bindings bindings) {
        var output = new RunOutput(prompts);
        var rows = prompts.stream()
                .map(ids -> Row.of(ids.stream().mapToInt(Integer::intValue).toArray()))
                .toList();
        var program = new Program(edits, points.stream().map(Capture::new).toList());
        try (var run = model.run(RunRequest.of(rows, Logits.ALL).with(program, bindings))) {
            output.ids();
            output.tokens(
                    "logits", run.logits().toFloats(), model.architecture().vocabulary());
            points.forEach(point ->
                    output.captured(run.capture(point), model.architecture().heads()));
            output.reports = run.reports();
        }
        return output;
    }

    /** What each edit did. */
    public List<EditReport> reports() {
        return List.copyOf(reports);
    }

    /** The arrays; the caller may add notes and writes them. */
    public SafetensorsWriter writer() {
        return writer;
    }

    private void ids() {
        var ids = new long[Math.multiplyExact(prompts.size(), longest)];
        Arrays.fill(ids, -1);
        for (int row = 0; row < prompts.size(); row++) {
            for (int position = 0; position < prompts.get(row).size(); position++) {
                ids[row * longest + position] = prompts.get(row).get(position);
            }
        }
        writer.add("input_ids", shape(longest), ids);
        if (prompts.stream().anyMatch(prompt -> prompt.size() != longest)) {
            writer.add(
                    "lengths",
                    List.of((long) prompts.size()),
                    prompts.stream().mapToInt(List::size).toArray());
        }
    }

    private List<Long> shape(long... more) {
        var shape = new ArrayList<>(List.of((long) prompts.size()));
        Arrays.stream(more).forEach(shape::add);
        return shape;
    }

    private void captured(Captured captured, int heads) {
        if (captured.point().site().type() == DType.I32) {
            integers(captured);
            return;
        }
        float[] values = captured.toFloats();
        if (captured.point().site().traits().keys()) {
            attention(captured, values, heads);
        } else {
            tokens(
                    captured.point().label(),
                    values,
                    Math.toIntExact(captured.tensor().columns()));
        }
    }

    /** As {@link #tokens}, of integers, I32, padded with −1. */
    private void integers(Captured captured) {
        int[] values = captured.toInts();
        int width = Math.toIntExact(captured.tensor().columns());
        var padded = new int[Math.toIntExact((long) prompts.size() * longest * width)];
        Arrays.fill(padded, -1);
        int from = 0;
        for (int row = 0; row < prompts.size(); row++) {
            int count = prompts.get(row).size() * width;
            System.arraycopy(values, from, padded, row * longest * width, count);
            from += count;
        }
        writer.add(captured.point().label(), shape(longest, width), padded);
    }

    /** Values of all tokens, row after row, padded to {@code [B, S, width]}. */
    private void tokens(String name, float[] values, int width) {
        var padded = filled((long) prompts.size() * longest * width, name);
        int from = 0;
        for (int row = 0; row < prompts.size(); row++) {
            int count = prompts.get(row).size() * width;
            System.arraycopy(values, from, padded, row * longest * width, count);
            from += count;
        }
        writer.add(name, shape(longest, width), padded);
    }

    private void attention(Captured captured, float[] values, int heads) {
        String name = captured.point().label();
        var padded = filled((long) prompts.size() * heads * longest * longest, name);
        for (int row = 0; row < prompts.size(); row++) {
            int length = prompts.get(row).size();
            for (int head = 0; head < heads; head++) {
                for (int query = 0; query < length; query++) {
                    int from = Math.toIntExact(captured.index(row, query, head));
                    int to = ((row * heads + head) * longest + query) * longest;
                    System.arraycopy(values, from, padded, to, length);
                }
            }
        }
        writer.add(name, shape(heads, longest, longest), padded);
    }

    private static float[] filled(long size, String name) {
        if (size > Integer.MAX_VALUE - 8) {
            throw new InputException(
                    "capture of " + name + ": " + size + " values do not fit one array; run fewer or shorter prompts");
        }
        var values = new float[(int) size];
        Arrays.fill(values, Float.NaN);
        return values;
    }
}
