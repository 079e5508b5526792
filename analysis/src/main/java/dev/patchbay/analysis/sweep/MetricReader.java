package dev.patchbay.analysis.sweep;

import dev.patchbay.analysis.metric.Metric;
import dev.patchbay.analysis.metric.Readout;
import dev.patchbay.analysis.metric.Reads;
import dev.patchbay.analysis.pairs.PromptPair;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.program.Capture;
import dev.patchbay.model.program.Positions;
import dev.patchbay.model.program.Selection;
import dev.patchbay.model.run.Captured;
import dev.patchbay.model.run.Logits;
import dev.patchbay.model.run.Run;
import dev.patchbay.model.site.Site;
import dev.patchbay.model.site.SitePoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Asks a run for what a metric reads, and takes it out again. */
final class MetricReader {
    private final Metric metric;
    private final SitePoint unembeddingInput;

    MetricReader(Metric metric, Architecture architecture) {
        this.metric = metric;
        unembeddingInput = architecture.head().norm()
                ? new SitePoint(Site.LN_FINAL, 0)
                : new SitePoint(Site.RESID_POST, architecture.layers() - 1);
    }

    /** The logits that a batch must return, one row a pair. */
    Logits logits(List<PromptPair> pairs) {
        return switch (metric.reads()) {
            case CHOSEN ->
                new Logits.Chosen(pairs.stream().map(MetricReader::chosen).toList());
            case VOCABULARY -> Logits.LAST;
            // Makes the head run; its one logit is not looked at.
            case UNEMBEDDING_INPUT ->
                new Logits.Chosen(pairs.stream().map(_ -> new int[1]).toList());
        };
    }

    /** What a batch must keep besides. */
    List<Capture> captures() {
        return metric.reads() == Reads.UNEMBEDDING_INPUT
                ? List.of(new Capture(unembeddingInput, Positions.END, Selection.ALL))
                : List.of();
    }

    /** What the metric sees of each row. */
    List<Readout> read(Run run, List<PromptPair> pairs) {
        if (metric.reads() == Reads.UNEMBEDDING_INPUT) {
            return ends(run.capture(unembeddingInput), pairs);
        }
        float[] values = run.logits().toFloats();
        var readouts = new ArrayList<Readout>(pairs.size());
        int begin = 0;
        for (var pair : pairs) {
            int count = metric.reads() == Reads.CHOSEN
                    ? pair.answers().size() + pair.wrongs().size()
                    : Math.toIntExact(run.logits().columns());
            readouts.add(readout(pair, Arrays.copyOfRange(values, begin, begin + count)));
            begin += count;
        }
        return readouts;
    }

    /** The last position of every row, also where others are kept besides. */
    private List<Readout> ends(Captured captured, List<PromptPair> pairs) {
        float[] values = captured.toFloats();
        int width = Math.toIntExact(captured.tensor().columns());
        var readouts = new ArrayList<Readout>(pairs.size());
        for (int row = 0; row < pairs.size(); row++) {
            int end = captured.rows().get(row).end() - 1;
            int begin = Math.toIntExact(captured.index(row, end) * width);
            readouts.add(readout(pairs.get(row), Arrays.copyOfRange(values, begin, begin + width)));
        }
        return readouts;
    }

    private Readout readout(PromptPair pair, float[] values) {
        return Readout.of(metric.reads(), pair.answerTokens(), pair.wrongTokens(), values);
    }

    private static int[] chosen(PromptPair pair) {
        int[] answers = pair.answerTokens();
        int[] wrongs = pair.wrongTokens();
        int[] both = Arrays.copyOf(answers, answers.length + wrongs.length);
        System.arraycopy(wrongs, 0, both, answers.length, wrongs.length);
        return both;
    }
}
