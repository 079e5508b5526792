package dev.patchbay.analysis.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.analysis.Refused;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MetricTest {
    private static final int[] ANSWERS = {1, 3};
    private static final int[] WRONGS = {0};
    /** Probabilities 1/10, 2/10, 3/10, 4/10 in logarithms, shifted by a constant that must not matter. */
    private static final float[] LOGITS = logits(1, 2, 3, 4);

    private static float[] logits(double... weights) {
        var logits = new float[weights.length];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) (Math.log(weights[i]) + 5);
        }
        return logits;
    }

    private static double value(String metric, float[] logits) {
        var named = Metric.named(metric, _ -> new float[0]);
        float[] read = named.reads() == Reads.VOCABULARY ? logits : new float[] {logits[1], logits[3], logits[0]};
        var base = Readout.of(Reads.VOCABULARY, ANSWERS, WRONGS, LOGITS);
        return named.value(Readout.of(named.reads(), ANSWERS, WRONGS, read), base);
    }

    @ParameterizedTest
    @CsvSource({
        "logit_diff, 1.0397207708",
        "logit, 6.0397207708",
        "prob_diff, 0.5",
        "prob, 0.6",
        "log_prob, -0.5108256238",
        "rank, 0",
        "margin, 0.2876820724",
        "kl, 0"
    })
    void metricsFollowTheirDefinition(String metric, double expected) {
        assertEquals(expected, value(metric, LOGITS), 1e-6);
    }

    @Test
    void divergenceIsOfTheBaseFromTheRun() {
        double expected = 0;
        double[] base = {0.1, 0.2, 0.3, 0.4};
        double[] run = {0.4, 0.3, 0.2, 0.1};
        for (int i = 0; i < 4; i++) {
            expected += base[i] * Math.log(base[i] / run[i]);
        }
        assertEquals(expected, value("kl", logits(4, 3, 2, 1)), 1e-6);
        assertTrue(Math.abs(expected - value("kl", logits(4, 3, 1, 2))) > 1e-3);
    }

    @Test
    void ofEqualLogitsTheLowestTokenRanksFirst() {
        assertEquals(1, value("rank", new float[] {0, 0, 0, 0}));
        assertEquals(2, value("rank", new float[] {2, 0, 1, 0}));
    }

    @ParameterizedTest
    @CsvSource({"logit_diff", "prob_diff", "logit", "log_prob", "prob", "rank", "margin", "kl"})
    void aNaNIsKept(String metric) {
        float[] spoilt = LOGITS.clone();
        Arrays.fill(spoilt, 1, 2, Float.NaN);
        assertTrue(Double.isNaN(value(metric, spoilt)));
    }

    @Test
    void largeLogitsDoNotOverflow() {
        assertEquals(0.5, value("prob", new float[] {3e38f, 3e38f, -3e38f, -3e38f}), 1e-12);
    }

    @Test
    void dotReadsTheVectorBeforeTheUnembedding() {
        var metric = Metric.named("dot:f#v", name -> name.equals("f#v") ? new float[] {1, -2} : new float[0]);
        var read = Readout.of(Reads.UNEMBEDDING_INPUT, ANSWERS, WRONGS, new float[] {3, 0.5f});
        assertEquals(2, metric.value(read, read));
        assertThrows(IllegalStateException.class, read::vocabulary);
    }

    @Test
    void ownMetricsSeeWhatTheyDeclare() {
        var metric = Metric.of("spread", Reads.VOCABULARY, run -> run.vocabulary()[3] - run.vocabulary()[0]);
        var read = Readout.of(Reads.VOCABULARY, ANSWERS, WRONGS, LOGITS);
        assertEquals(Math.log(4), metric.value(read, read), 1e-6);
        assertEquals("spread", metric.id());
    }

    @Test
    void anUnknownNameIsRefused() {
        String refusal = Refused.line(() -> Metric.named("loss", _ -> new float[0]));
        assertTrue(refusal.contains("logit_diff, prob_diff"), refusal);
    }
}
