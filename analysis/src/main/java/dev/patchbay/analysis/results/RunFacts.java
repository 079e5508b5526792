package dev.patchbay.analysis.results;

import dev.patchbay.analysis.pairs.Prompt;
import dev.patchbay.analysis.pairs.PromptPair;
import dev.patchbay.analysis.statistics.Intervals;
import dev.patchbay.analysis.statistics.PairStatistics;
import dev.patchbay.analysis.sweep.Effects;
import dev.patchbay.analysis.sweep.Grid;
import dev.patchbay.analysis.sweep.GridAxis;
import dev.patchbay.analysis.sweep.Method;
import dev.patchbay.analysis.sweep.Reference;
import dev.patchbay.analysis.sweep.SweepAudit;
import dev.patchbay.analysis.sweep.SweepSpec;
import dev.patchbay.device.Numerics;
import dev.patchbay.model.program.Positions;
import dev.patchbay.model.site.Site;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** What is written beside the numbers of a run, the same in the summary and in the metadata of the arrays. */
final class RunFacts {
    private final Grid grid;
    private final Effects effects;
    private final Provenance provenance;
    private final IntFunction<String> tokenText;

    RunFacts(Grid grid, Effects effects, Provenance provenance, IntFunction<String> tokenText) {
        this.grid = grid;
        this.effects = effects;
        this.provenance = provenance;
        this.tokenText = tokenText;
    }

    Map<String, Object> facts() {
        SweepSpec spec = grid.spec();
        var facts = new LinkedHashMap<String, Object>();
        facts.put("format", RunFolder.FORMAT);
        facts.put("axes", effects.axes().stream().map(GridAxis::name).toList());
        facts.put("shape", effects.shape());
        facts.put("coords", coordinates());
        facts.put(
                "site", String.join(",", spec.sites().stream().map(Site::label).toList()));
        facts.put("method", spec.method().label());
        facts.put(
                "direction",
                spec.method().isAblation() ? "none" : spec.direction().label());
        facts.put("metric", spec.metric().id());
        facts.put("reference", spec.method().reference().map(Reference::label).orElse("none"));
        reference(spec.method(), facts);
        facts.put("direct_effects", effects.direct().isPresent());
        facts.put("intervals", intervals());
        facts.put("positions", positions(spec.positions()));
        facts.put("no_skip", spec.noSkip());
        facts.put("seed", spec.seed());
        facts.put("weights", provenance.weights());
        facts.put("bos", grid.pairs().bos().toString());
        facts.put("answer_tokens", grid.pairs().longAnswers().name().toLowerCase(Locale.ROOT));
        facts.put("model", provenance.model());
        facts.put("model_digest", provenance.modelDigest());
        facts.put("pairs", provenance.pairsFile());
        facts.put("pairs_digest", grid.pairs().digest());
        facts.put("device", provenance.device());
        facts.put("device_description", provenance.deviceDescription());
        facts.put("numerics", provenance.numerics());
        facts.put("version", provenance.version());
        facts.put("command_line", provenance.commandLine());
        return facts;
    }

    /** The summary: the facts, the statistics over pairs and the audit. */
    Map<String, Object> summary(Optional<SweepAudit> audit) {
        var summary = facts();
        summary.put("pairs_count", effects.pairs().size());
        summary.put("templates", effects.templates().stream().distinct().toList());
        summary.put("clean", statistics(effects.clean()));
        effects.corrupted().ifPresent(values -> summary.put("corrupted", statistics(values)));
        audit.ifPresent(found -> audit(found, summary));
        summary.put("notes", effects.notes());
        return summary;
    }

    private void audit(SweepAudit audit, Map<String, Object> summary) {
        var members = new LinkedHashMap<String, Object>();
        members.put("cells", audit.cells());
        members.put("error", audit.error());
        members.put("largest", audit.largest());
        members.put("percentile_99", audit.percentile99());
        members.put("rank_correlation", audit.rankCorrelation());
        summary.put("audit", members);
        if (!provenance.numerics().equals(Numerics.EXACT.label())) {
            summary.put(
                    "below_noise",
                    IntStream.range(0, effects.cells())
                            .filter(cell -> audit.isBelowNoise(effects.delta()[cell]))
                            .boxed()
                            .toList());
        }
    }

    private Map<String, Object> intervals() {
        var intervals = new LinkedHashMap<String, Object>();
        intervals.put("level", 0.95);
        intervals.put("method", Intervals.method((int)
                effects.templates().stream().distinct().count()));
        intervals.put("draws", Intervals.DRAWS);
        return intervals;
    }

    private Map<String, Object> statistics(double[] values) {
        var statistics = new LinkedHashMap<String, Object>();
        statistics.put("mean", PairStatistics.mean(values));
        statistics.put("standard_error", PairStatistics.standardError(values, effects.templates()));
        return statistics;
    }

    private static void reference(Method method, Map<String, Object> facts) {
        switch (method) {
            case Method.Mean mean -> facts.put("mean_skip_first", mean.skipFirst());
            case Method.Resample resample -> facts.put("draws", resample.draws());
            case Method.Scale scale -> facts.put("factor", (double) scale.factor());
            case Method.Add add -> facts.put("factor", (double) add.factor());
            case Method.Patch _, Method.Zero _, Method.MeanByPosition _, Method.ProjectOut _ -> {}
        }
        if (method.reference().orElse(new Reference.Clean()) instanceof Reference.Other other) {
            facts.put("reference_digest", other.pairs().digest());
        }
    }

    private Map<String, Object> coordinates() {
        var coordinates = new LinkedHashMap<String, Object>();
        for (var axis : effects.axes()) {
            coordinates.put(
                    axis.name(),
                    axis.isNumeric()
                            ? axis.labels().stream().map(Integer::valueOf).toList()
                            : axis.labels());
            if (axis.name().equals("pos")) {
                coordinates.put("pos_tokens", tokens(axis));
            }
        }
        var kinds =
                grid.spec().sites().stream().map(site -> kind(site)).distinct().toList();
        headNames().ifPresent(names -> coordinates.put("heads", names));
        coordinates.put("head_kind", String.join(",", kinds));
        coordinates.put("pair", effects.pairs());
        return coordinates;
    }

    /** The names of the heads of a grid over layers and heads, {@code [layer, head]}. */
    private Optional<List<List<String>>> headNames() {
        var layers = labels("layer");
        var heads = labels("head");
        return layers.flatMap(every -> heads.map(each -> every.stream()
                .map(layer -> each.stream().map(head -> layer + "." + head).toList())
                .toList()));
    }

    private Optional<List<String>> labels(String axis) {
        return effects.axes().stream()
                .filter(each -> each.name().equals(axis))
                .map(GridAxis::labels)
                .findFirst();
    }

    private static String kind(Site site) {
        return switch (site.traits().heads()) {
            case NONE -> "none";
            case QUERY -> "query";
            case KEY_VALUE -> "kv";
        };
    }

    /** The token of each position where all base prompts agree, else "*". */
    private List<String> tokens(GridAxis axis) {
        var texts = new ArrayList<String>();
        for (String label : axis.labels()) {
            int position = Integer.parseInt(label);
            var ids = grid.pairs().pairs().stream()
                    .map(this::base)
                    .map(prompt -> prompt.tokens().get(position))
                    .distinct()
                    .toList();
            texts.add(ids.size() == 1 ? tokenText.apply(ids.getFirst()) : "*");
        }
        return texts;
    }

    private Prompt base(PromptPair pair) {
        return grid.spec().basedOnClean() ? pair.clean() : pair.corrupted().orElse(pair.clean());
    }

    private static Object positions(Positions positions) {
        return switch (positions) {
            case Positions.End _ -> "END";
            case Positions.Span(String name) -> name;
            case Positions.Listed(List<Integer> listed) -> listed;
            default -> "all";
        };
    }
}
