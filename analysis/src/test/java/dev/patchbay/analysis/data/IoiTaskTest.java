package dev.patchbay.analysis.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.analysis.pairs.PairsOptions;
import dev.patchbay.analysis.pairs.PairsReader;
import dev.patchbay.analysis.pairs.PairsWriter;
import dev.patchbay.model.InputException;
import dev.patchbay.model.tokenizer.BosRule;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IoiTaskTest {
    @Test
    void zooPairsFollowTheirTemplates() {
        var pairs = IoiTask.zoo(20, 7);
        assertEquals(List.of("ioi-ABBA", "ioi-BABA"), pairs.templates());
        for (var pair : pairs.pairs()) {
            var clean = pair.clean();
            var corrupted = pair.corrupted().orElseThrow();
            int indirect = clean.tokens().get(clean.span("IO").orElseThrow().getFirst());
            int subject = clean.tokens().get(clean.span("S1").orElseThrow().getFirst());
            assertEquals(List.of(List.of(indirect)), pair.answers());
            assertEquals(List.of(List.of(subject)), pair.wrongs());
            assertEquals(
                    subject, clean.tokens().get(clean.span("S2").orElseThrow().getFirst()));
            assertEquals(List.of(8), clean.span("END").orElseThrow());
            assertEquals(
                    5,
                    List.of(
                                    indirect,
                                    subject,
                                    corrupted.tokens().get(1),
                                    corrupted.tokens().get(3),
                                    corrupted.tokens().get(5))
                            .stream()
                            .distinct()
                            .count());
        }
        assertEquals(pairs, IoiTask.zoo(20, 7));
        assertNotEquals(pairs.digest(), IoiTask.zoo(20, 8).digest());
        assertThrows(InputException.class, () -> IoiTask.zoo(0, 7));
    }

    @Test
    void zooPairsSurviveTheirFile(@TempDir Path folder) {
        var pairs = IoiTask.zoo(6, 7);
        PairsWriter.write(folder.resolve("p.jsonl"), pairs.pairs());
        assertEquals(pairs, new PairsReader(PairsOptions.ids(60)).read(folder.resolve("p.jsonl")));
    }

    @Test
    void englishPairsNameTheirPlaces() {
        var tokenizer = new LetterTokenizer();
        var task = new IoiText(tokenizer, BosRule.AUTO);
        assertFalse(task.names().contains("Sarah"), "Sarah is two tokens here");
        var pairs = task.pairs(16, 3);
        assertEquals(8, pairs.templates().size());
        for (var pair : pairs.pairs()) {
            String indirect = tokenizer.word(pair.answers().getFirst().getFirst());
            String subject = tokenizer.word(pair.wrongs().getFirst().getFirst());
            for (String span : List.of("IO", "S1", "S2")) {
                int position = pair.clean().span(span).orElseThrow().getFirst();
                assertEquals(
                        span.equals("IO") ? indirect : subject,
                        tokenizer.word(pair.clean().tokens().get(position)).strip(),
                        span);
            }
            boolean abba = pair.template().endsWith("ABBA");
            assertEquals(
                    abba,
                    pair.clean().span("IO").orElseThrow().getFirst()
                            < pair.clean().span("S1").orElseThrow().getFirst(),
                    pair.template().toLowerCase(Locale.ROOT));
            assertEquals(pair.clean().length(), pair.corrupted().orElseThrow().length());
        }
        assertEquals(pairs, task.pairs(16, 3));
        assertTrue(pairs.pairs().stream()
                        .map(pair -> pair.clean().tokens())
                        .distinct()
                        .count()
                > 10);
    }
}
