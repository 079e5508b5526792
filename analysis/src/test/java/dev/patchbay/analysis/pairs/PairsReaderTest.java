package dev.patchbay.analysis.pairs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.analysis.Refused;
import dev.patchbay.analysis.io.JsonLines;
import dev.patchbay.model.tokenizer.BosRule;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PairsReaderTest {
    private static final PairsOptions IDS = PairsOptions.ids(20);
    private static final PairsOptions WORDS =
            new PairsOptions(20, Optional.of(new WordTokenizer()), BosRule.AUTO, LongAnswers.REFUSE);

    private static PromptPairs read(PairsOptions options, String... lines) {
        var text = String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
        return new PairsReader(options).read(JsonLines.parse(text, "p.jsonl"), "p.jsonl");
    }

    private static String refusal(PairsOptions options, String... lines) {
        return Refused.line(() -> read(options, lines));
    }

    @Test
    void tokenIdsAreTakenAsTheyAre() {
        var pairs = read(
                IDS,
                "{\"clean\": [1, 2, 3], \"corrupted\": [1, 4, 3], \"answer\": 5, \"wrong\": [6, 7, 6], \"template\": \"t\","
                        + " \"spans\": {\"S\": [0, 1], \"END\": [2]}, \"id\": \"a\"}",
                "{\"clean\": [1], \"answer\": {\"tokens\": [9]}}\n");
        var first = pairs.pairs().getFirst();
        assertEquals(List.of(1, 2, 3), first.clean().tokens());
        assertEquals(Optional.of(new Prompt(List.of(1, 4, 3), Map.of("S", List.of(0, 1)))), first.corrupted());
        assertEquals(List.of(List.of(5)), first.answers());
        assertEquals(List.of(List.of(6), List.of(7)), first.wrongs());
        assertEquals(
                Map.of("S", List.of(0, 1), "END", List.of(2)), first.clean().spans());
        assertEquals(1, first.firstDifference());
        assertEquals("1", pairs.pairs().getLast().id());
        assertEquals(List.of("t", "default"), pairs.templates());
        assertEquals(List.of("S", "END"), pairs.spanNames());
    }

    @Test
    void textsAreTokenisedInContextWithTheTemplatesBeginning() {
        var pairs = read(
                WORDS,
                "{\"clean\": \"ann met bob\", \"corrupted\": \"bob met bob\", \"answer\": \" ann\", \"wrong\": \" bob\","
                        + " \"char_spans\": {\"V\": [4, 7], \"IO\": [0, 2]}}");
        var pair = pairs.pairs().getFirst();
        assertEquals(List.of(0, 1, 3, 2), pair.clean().tokens());
        assertEquals(List.of(List.of(1)), pair.answers());
        assertEquals(List.of(2), pair.clean().spans().get("V"));
        assertEquals(List.of(1), pair.clean().spans().get("IO"));
        var bare = new PairsOptions(20, WORDS.tokenizer(), BosRule.NO, LongAnswers.REFUSE);
        assertEquals(
                List.of(1, 3),
                read(bare, "{\"clean\": \"ann met\", \"answer\": \" ann\"}")
                        .pairs()
                        .getFirst()
                        .clean()
                        .tokens());
    }

    @Test
    void answersOfSeveralTokensAreCountedOrCut() {
        String[] lines = {
            "{\"clean\": \"ann\", \"answer\": \" met bob\", \"wrong\": \" bob\"}",
            "{\"clean\": \"ann\", \"answer\": \" met\"}",
            "{\"clean\": [1], \"answer\": {\"tokens\": [1, 2]}, \"wrong\": {\"tokens\": [3, 4]}}"
        };
        String refusal = refusal(WORDS, lines);
        assertTrue(refusal.contains("2 of 3 pairs"), refusal);
        assertTrue(refusal.contains("--answer-tokens first"), refusal);
        var first = new PairsOptions(20, WORDS.tokenizer(), BosRule.AUTO, LongAnswers.FIRST);
        assertEquals(List.of(List.of(3)), read(first, lines).pairs().getFirst().answers());
        var all = new PairsOptions(20, WORDS.tokenizer(), BosRule.AUTO, LongAnswers.ALL);
        assertEquals(List.of(List.of(3, 2)), read(all, lines).pairs().getFirst().answers());
    }

    @Test
    void promptsOfDifferentLengthsNeedSpansOfBoth() {
        var pair = read(
                        IDS,
                        "{\"clean\": [1, 2, 3], \"corrupted\": [1, 3], \"spans\": {\"S\": [1]},"
                                + " \"spans_corrupted\": {\"S\": [0]}}")
                .pairs()
                .getFirst();
        assertFalse(pair.aligned());
        assertEquals(
                Map.of("S", List.of(0), "END", List.of(1)),
                pair.corrupted().orElseThrow().spans());
        assertEquals(0, pair.firstDifference());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{\"corrupted\": [1]}|p.jsonl line 1: field 'clean': expected a text or an array of token ids, found nothing",
                "{\"clean\": [1, 20]}|token ids from 0 to 19, found 20",
                "{\"clean\": [1, -1]}|found -1",
                "{\"clean\": [1, 2.5]}|expected token ids, found 2.5",
                "{\"clean\": []}|at least one token",
                "{\"clean\": 3}|a text or an array of token ids, found 3",
                "{\"clean\": \"ann\"}|no tokenizer",
                "{\"clean\": [1], \"corrupted\": [1, 2]}|clean has 1 tokens and corrupted 2",
                "{\"clean\": [1], \"answer\": 2, \"wrong\": 2}|field 'wrong'",
                "{\"clean\": [1], \"answer\": []}|empty list",
                "{\"clean\": [1], \"answer\": 20}|field 'answer'",
                "{\"clean\": [1], \"answer\": \" bob\"}|cannot be tokenised in context",
                "{\"clean\": [1], \"answer\": {\"tokens\": [1], \"x\": 2}}|'x' is unknown",
                "{\"clean\": [1], \"answr\": 2}|'answr' is unknown",
                "{\"clean\": [1], \"spans\": {\"S\": [1]}}|positions from 0 to 0 for 'S', found 1",
                "{\"clean\": [1, 2], \"spans\": {\"S\": [1, 0]}}|ascending",
                "{\"clean\": [1, 2], \"spans\": {\"S\": []}}|at least one position",
                "{\"clean\": [1, 2], \"spans\": {\"END\": [0]}}|END at the prompt's last position",
                "{\"clean\": [1, 2], \"char_spans\": {\"S\": [0, 1]}}|use spans",
                "{\"clean\": [1, 2], \"spans_corrupted\": {}}|without 'corrupted'",
                "{\"clean\": [1], \"clean\": [2]}|clean",
                "[1]|expected an object",
                "not json|p.jsonl line 1",
            })
    void everyFaultIsNamed(String line, String expected) {
        String message = refusal(IDS, line);
        assertTrue(message.startsWith("p.jsonl line 1"), message);
        assertTrue(message.contains(expected), message);
    }

    @Test
    void faultsNameTheirLine() {
        assertTrue(refusal(IDS, "{\"clean\": [1]}", "{\"clean\": []}").startsWith("p.jsonl line 2: field 'clean'"));
        assertTrue(refusal(IDS, "{\"clean\": [1]}", "", "{\"clean\": [1]}").startsWith("p.jsonl line 2"));
        assertTrue(refusal(IDS, "{\"clean\": [1], \"id\": \"a\"}", "{\"clean\": [1], \"id\": \"a\"}")
                .contains("already used at p.jsonl line 1"));
        assertTrue(refusal(IDS).contains("holds no pair"));
    }

    @Test
    void anAnswerThatChangesThePromptIsRefused() {
        String message = refusal(WORDS, "{\"clean\": \"ann met\", \"answer\": \"bob\"}");
        assertTrue(message.contains("field 'answer'") && message.contains("boundary"), message);
    }

    @Test
    void whatIsWrittenReadsBackTheSame(@TempDir Path folder) throws Exception {
        var pairs = read(
                IDS,
                "{\"clean\": [1, 2, 3], \"corrupted\": [1, 3], \"spans\": {\"S\": [1]}, \"answer\": [4, 5], \"wrong\": 6,"
                        + " \"spans_corrupted\": {\"S\": [0]}}",
                "{\"clean\": [1, 2], \"answer\": 3}");
        var file = folder.resolve("p.jsonl");
        PairsWriter.write(file, pairs.pairs());
        var again = new PairsReader(IDS).read(file);
        assertEquals(pairs, again);
        try (var files = Files.list(folder)) {
            assertEquals(1, files.count());
        }
        assertNotEquals(
                pairs.digest(), PromptPairs.of(pairs.pairs().subList(0, 1)).digest());
    }
}
