package dev.patchbay.model.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.model.InputException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Answers in context, and spans as positions. */
class AnswerTokensTest {
    @Test
    void anAnswerIsWhatItAddsToThePrompt() {
        try (var tokenizer = Golden.open("llama2")) {
            var together = tokenizer.encode("Hello world", true);
            int prompt = tokenizer.encode("Hello", true).length();
            var found = assertInstanceOf(
                    AnswerTokens.Found.class, AnswerTokens.inContext(tokenizer, BosRule.AUTO, "Hello", " world"));
            assertEquals(together.ids().subList(prompt, together.length()), found.ids());
        }
    }

    @Test
    void aSharedTokenIsNamed() {
        try (var tokenizer = Golden.open("gpt2")) {
            var split = assertInstanceOf(
                    AnswerTokens.Unsettled.class, AnswerTokens.inContext(tokenizer, BosRule.AUTO, "Hello ", "world"));
            assertEquals(tokenizer.encode("Hello ", true).length() - 1, split.position());
            assertTrue(split.message().contains("\u0120") && split.message().contains("boundary"), split.message());
        }
    }

    @Test
    void anEmptyAnswerAndATemplateThatEndsTheTextAreErrors() {
        try (var tokenizer = Golden.open("unigram")) {
            var ended = assertInstanceOf(
                    AnswerTokens.Unsettled.class, AnswerTokens.inContext(tokenizer, BosRule.AUTO, "the", " shop"));
            assertTrue(ended.message().contains("--bos no"), ended.message());
            assertInstanceOf(AnswerTokens.Found.class, AnswerTokens.inContext(tokenizer, BosRule.NO, "the", " shop"));
            var empty = assertInstanceOf(
                    AnswerTokens.Unsettled.class, AnswerTokens.inContext(tokenizer, BosRule.NO, "the", ""));
            assertTrue(empty.message().contains("no token"), empty.message());
        }
    }

    @Test
    void spansOfCharactersBecomePositions() {
        var encoding = new Encoding(
                List.of(1, 2, 3, 4, 5),
                List.of("<s>", "Mary", " \ud83d", "\ude00", "!"),
                List.of(span(0, 0), span(0, 4), span(4, 6), span(5, 6), span(6, 7)));
        assertEquals(List.of(1), CharSpans.positions(encoding, span(0, 4)));
        assertEquals(List.of(1, 2), CharSpans.positions(encoding, span(3, 5)));
        assertEquals(List.of(2, 3), CharSpans.positions(encoding, span(5, 6)));
        assertEquals(List.of(2, 3, 4), CharSpans.positions(encoding, span(5, 100)));
        assertThrows(InputException.class, () -> CharSpans.positions(encoding, span(7, 9)));
        assertThrows(InputException.class, () -> CharSpans.positions(encoding, span(2, 2)));
    }

    @Test
    void spansCountCodePoints() {
        try (var tokenizer = Golden.open("llama3")) {
            var text = "\ud83d\ude00\ud83d\ude00 world";
            var encoding = tokenizer.encode(text, true);
            var positions = CharSpans.positions(encoding, span(3, 8));
            var ids = positions.stream().map(encoding.ids()::get).toList();
            assertEquals(" world", tokenizer.decode(ids, false));
        }
    }

    private static CodePointSpan span(int begin, int end) {
        return new CodePointSpan(begin, end);
    }
}
