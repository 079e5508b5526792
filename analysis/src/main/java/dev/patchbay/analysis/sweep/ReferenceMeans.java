package dev.patchbay.analysis.sweep;

import dev.patchbay.analysis.pairs.Prompt;
import dev.patchbay.analysis.pairs.PromptPairs;
import dev.patchbay.device.Tensor;
import dev.patchbay.model.program.Capture;
import dev.patchbay.model.program.Program;
import dev.patchbay.model.program.Source;
import dev.patchbay.model.run.Bindings;
import dev.patchbay.model.run.Captured;
import dev.patchbay.model.run.Logits;
import dev.patchbay.model.run.Model;
import dev.patchbay.model.run.Row;
import dev.patchbay.model.run.RunRequest;
import dev.patchbay.model.site.SitePoint;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Runs the prompts of a reference and averages what sites hold, in double precision, prompt after prompt. */
final class ReferenceMeans {
    private final Model model;
    private final List<SitePoint> points;
    private final SweepLimits limits;

    ReferenceMeans(Model model, List<SitePoint> points, SweepLimits limits) {
        this.model = model;
        this.points = points;
        this.limits = limits;
    }

    /** One mean a point, over prompts and positions. */
    MeanSource overall(ReferenceSet reference, String label, boolean skipFirst) {
        var sums = new HashMap<SitePoint, MeanSums>();
        run(reference.prompts(), (_, prompt, captured, row, values) -> {
            int width = (int) captured.tensor().columns();
            var sum = sums.computeIfAbsent(captured.point(), _ -> new MeanSums(1, width));
            for (int position = skipFirst ? 1 : 0; position < prompt.length(); position++) {
                sum.add(0, values, Math.toIntExact(captured.index(row, position) * width));
            }
        });
        return new MeanSource(new Source.Mean(label), upload(sums), (_, _, _, _) -> 0);
    }

    /** One mean a point, template and position. */
    MeanSource byPosition(ReferenceSet reference, String label, PromptPairs pairs) {
        Map<String, Integer> begins = new LinkedHashMap<>();
        Map<String, Integer> lengths = new HashMap<>();
        int total = 0;
        for (String template : pairs.templates()) {
            int length = reference
                    .prompts()
                    .get(reference.group(template).getFirst())
                    .length();
            begins.put(template, total);
            lengths.put(template, length);
            total = Math.addExact(total, length);
        }
        int longest =
                lengths.values().stream().mapToInt(Integer::intValue).max().orElseThrow();
        int heads = model.architecture().heads();
        int rows = total;
        var sums = new HashMap<SitePoint, MeanSums>();
        run(reference.prompts(), (index, prompt, captured, row, values) -> {
            Integer begin = begins.get(reference.templates().get(index));
            if (begin == null) {
                return;
            }
            boolean keys = captured.point().site().traits().keys();
            int width = keys ? heads * longest : (int) captured.tensor().columns();
            var sum = sums.computeIfAbsent(captured.point(), _ -> new MeanSums(rows, width));
            for (int position = 0; position < prompt.length(); position++) {
                if (!keys) {
                    sum.add(begin + position, values, Math.toIntExact(captured.index(row, position) * width));
                    continue;
                }
                sum.count(begin + position);
                for (int head = 0; head < heads; head++) {
                    int from = Math.toIntExact(captured.index(row, position, head));
                    sum.addPart(begin + position, head * longest, values, from, position + 1);
                }
            }
        });
        var ofPair = pairs.pairs().stream()
                .mapToInt(pair -> begins.get(pair.template()))
                .toArray();
        return new MeanSource(
                new Source.Mean(label),
                upload(sums),
                (pair, position, head, keys) ->
                        keys ? ((long) (ofPair[pair] + position) * heads + head) * longest : ofPair[pair] + position);
    }

    private Map<SitePoint, Tensor> upload(Map<SitePoint, MeanSums> sums) {
        var tensors = new HashMap<SitePoint, Tensor>();
        sums.forEach((point, sum) -> {
            long size = (long) sum.rows() * sum.width();
            boolean keys = point.site().traits().keys();
            tensors.put(
                    point,
                    model.device()
                            .upload(
                                    sum.means(),
                                    keys ? 1 : sum.rows(),
                                    keys ? size : sum.width(),
                                    "mean of " + point.label()));
        });
        return tensors;
    }

    /** Told of every prompt and point. */
    private interface Visitor {
        void visit(int index, Prompt prompt, Captured captured, int row, float[] values);
    }

    private void run(List<Prompt> prompts, Visitor visitor) {
        var captures = points.stream().map(Capture::new).toList();
        var batches = PairBatches.of(
                prompts.size(), index -> prompts.get(index).length(), limits.tokens(), Integer.MAX_VALUE);
        for (var batch : batches) {
            var rows = batch.stream()
                    .map(index -> Row.of(prompts.get(index).ids()))
                    .toList();
            var request = RunRequest.of(rows, Logits.NONE).with(Program.captures(captures), Bindings.NONE);
            try (var run = model.run(request)) {
                for (var point : points) {
                    var captured = run.capture(point);
                    float[] values = captured.toFloats();
                    IntStream.range(0, rows.size())
                            .forEach(row ->
                                    visitor.visit(batch.get(row), prompts.get(batch.get(row)), captured, row, values));
                }
            }
        }
    }
}
