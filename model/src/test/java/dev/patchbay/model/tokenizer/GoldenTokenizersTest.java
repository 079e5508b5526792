package dev.patchbay.model.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.model.checkpoint.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every golden case of the eight tokenizer kinds, exactly. */
class GoldenTokenizersTest {
    @ParameterizedTest
    @CsvSource({
        "gpt2,116",
        "neox,122",
        "llama3,192",
        "qwen2,126",
        "llama2,182",
        "mistral,190",
        "gemma,183",
        "unigram,175"
    })
    void everyCaseIsEqual(String kind, int cases) throws IOException {
        var lines = Files.readAllLines(Golden.folder(kind).resolve("cases.jsonl"));
        assertEquals(cases, lines.size());
        try (var tokenizer = Golden.open(kind)) {
            for (var line : lines) {
                check(tokenizer, Golden.parse(line), line);
            }
        }
    }

    private static void check(Tokenizer tokenizer, Json expected, String line) {
        boolean special = Golden.flag(expected, "add_special_tokens");
        var encoding = tokenizer.encode(Golden.text(expected, "text"), special);
        assertEquals(Golden.integers(expected, "ids"), encoding.ids(), line);
        assertEquals(Golden.strings(expected, "tokens"), encoding.tokens(), line);
        assertEquals(Golden.spans(expected, "offsets"), encoding.offsets(), line);
        assertEquals(Golden.text(expected, "decoded"), tokenizer.decode(encoding.ids(), false), line);
        assertEquals(Golden.text(expected, "decoded_skip_special"), tokenizer.decode(encoding.ids(), true), line);
        for (int position = 0; position < encoding.length(); position++) {
            int id = encoding.ids().get(position);
            var known = tokenizer.tokenText(id).orElseThrow();
            if (!known.equals("<unk>")) { // an unknown token is spelled as the text it stands for
                assertEquals(encoding.tokens().get(position), known, line);
            }
            assertTrue(id < tokenizer.vocabularySize(), line);
        }
    }

    @Test
    void nothingIsCutOffOrPadded() {
        try (var tokenizer = Golden.open("gpt2")) {
            assertEquals(20_000, tokenizer.encode(" a".repeat(20_000), false).length());
            assertEquals(List.of(), tokenizer.encode("", true).ids());
        }
    }
}
