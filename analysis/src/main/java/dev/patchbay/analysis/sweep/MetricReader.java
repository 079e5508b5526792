package dev.patchbay.analysis.sweep;

import dev.patchbay.analysis.metric.Metric;
import dev.patchbay.analysis.metric.Readout;
import dev.patchbay.analysis.metric.Reads;
import dev.patchbay.analysis.pairs.PromptPair;
import dev.patchbay.device.Tensor;
import dev.patchbay.model.config.Architecture;
import dev.patchbay.model.program.Capture;
import dev.patchbay.model.program.Positions;
import dev.patchbay.model.program.Selection;
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
        Tensor tensor = metric.reads() == Reads.UNEMBEDDING_INPUT
                ? run.capture(unembeddingInput).tensor()
                : run.logits();
        float[] values = tensor.toFloats();
        var readouts = new ArrayList<Readout>(pairs.size());
        int begin = 0;
        for (var pair : pairs) {
            int count = metric.reads() == Reads.CHOSEN
                    ? pair.answers().size() + pair.wrongs().size()
                    : Math.toIntExact(tensor.columns());
            readouts.add(Readout.of(
                    metric.reads(),
                    pair.answerTokens(),
                    pair.wrongTokens(),
                    Arrays.copyOfRange(values, begin, begin + count)));
            begin += count;
        }
        return readouts;
    }

    private static int[] chosen(PromptPair pair) {
        int[] answers = pair.answerTokens();
        int[] wrongs = pair.wrongTokens();
        int[] both = Arrays.copyOf(answers, answers.length + wrongs.length);
        System.arraycopy(wrongs, 0, both, answers.length, wrongs.length);
        return both;
    }
}
