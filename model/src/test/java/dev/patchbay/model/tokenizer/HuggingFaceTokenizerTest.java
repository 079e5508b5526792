package dev.patchbay.model.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.model.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What our side adds to the library: templates, limits, closing, threads. */
class HuggingFaceTokenizerTest {
    @ParameterizedTest
    @CsvSource({"gpt2,-1,-1", "neox,-1,-1", "llama3,604,-1", "qwen2,-1,-1", "llama2,1,-1", "gemma,2,-1", "unigram,-1,1"
    })
    void templatesAreFound(String kind, int prefix, int suffix) {
        try (var tokenizer = Golden.open(kind)) {
            assertEquals(prefix < 0 ? List.of() : List.of(prefix), tokenizer.templatePrefix());
            assertEquals(suffix < 0 ? List.of() : List.of(suffix), tokenizer.templateSuffix());
            assertEquals(prefix < 0 ? OptionalInt.empty() : OptionalInt.of(prefix), tokenizer.bosToken());
        }
    }

    @Test
    void theConfigurationNamesBosWhereTheTemplateDoesNot(@TempDir Path folder) throws IOException {
        Files.copy(Golden.folder("gpt2").resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
        var configuration = folder.resolve("tokenizer_config.json");
        for (var token : List.of("\"<|endoftext|>\"", "{\"content\": \"<|endoftext|>\", \"special\": true}")) {
            Files.writeString(configuration, "{\"bos_token\": " + token + "}");
            try (var tokenizer = HuggingFaceTokenizer.open(folder, false)) {
                assertEquals(OptionalInt.of(606), tokenizer.bosToken());
                var encoding = BosRule.YES.encode(tokenizer, "a");
                assertEquals(List.of(606, 64), encoding.ids());
                assertEquals(List.of("<|endoftext|>", "a"), encoding.tokens());
                assertEquals(List.of(new CodePointSpan(0, 0), new CodePointSpan(0, 1)), encoding.offsets());
                assertEquals(List.of(64), BosRule.AUTO.encode(tokenizer, "a").ids());
            }
        }
        Files.writeString(configuration, "{\"bos_token\": 3}");
        assertThrows(InputException.class, () -> HuggingFaceTokenizer.open(folder, false));
        Files.writeString(configuration, "{\"bos_token\": null}");
        try (var tokenizer = HuggingFaceTokenizer.open(folder, false)) {
            assertTrue(tokenizer.bosToken().isEmpty());
            assertThrows(InputException.class, () -> BosRule.YES.encode(tokenizer, "a"));
        }
    }

    @Test
    void bosRules() {
        try (var tokenizer = Golden.open("llama3")) {
            assertEquals(604, BosRule.AUTO.encode(tokenizer, "a").ids().getFirst());
            assertEquals(BosRule.AUTO.encode(tokenizer, "a"), BosRule.of("yes").encode(tokenizer, "a"));
            assertEquals(1, BosRule.NO.encode(tokenizer, "a").length());
        }
        assertThrows(InputException.class, () -> BosRule.of("YES"));
    }

    @Test
    void truncationAndPaddingOfTheFileAreSwitchedOff(@TempDir Path folder) throws IOException {
        var json = Files.readString(Golden.folder("gpt2").resolve("tokenizer.json"));
        var cutting = json.replaceFirst(
                        "\"truncation\": *null",
                        "\"truncation\":{\"direction\":\"Right\",\"max_length\":2,\"strategy\":\"LongestFirst\",\"stride\":0}")
                .replaceFirst(
                        "\"padding\": *null",
                        "\"padding\":{\"strategy\":{\"Fixed\":9},\"direction\":\"Right\",\"pad_to_multiple_of\":null,"
                                + "\"pad_id\":0,\"pad_type_id\":0,\"pad_token\":\"!\"}");
        assertTrue(cutting.contains("max_length") && cutting.contains("pad_id"));
        var path = Files.writeString(folder.resolve("tokenizer.json"), cutting);
        try (var tokenizer = HuggingFaceTokenizer.open(path, false)) {
            assertEquals(5, tokenizer.encode(" a a a a a", true).length());
        }
    }

    @Test
    void textsAndIdsThatCannotBe() {
        try (var tokenizer = Golden.open("gpt2")) {
            var half = "a" + (char) 0xd83d + "b";
            assertTrue(assertThrows(InputException.class, () -> tokenizer.encode(half, false))
                    .toString()
                    .contains("U+D83D"));
            var endless = "a".repeat(Tokenizer.LONGEST_TEXT + 1);
            assertThrows(InputException.class, () -> tokenizer.encode(endless, false));
            assertThrows(InputException.class, () -> tokenizer.decode(List.of(64, 607), false));
            assertThrows(InputException.class, () -> tokenizer.decode(List.of(-1), false));
            assertTrue(tokenizer.tokenText(607).isEmpty());
            assertEquals(607, tokenizer.vocabularySize());
        }
    }

    @Test
    void aClosedTokenizerSaysSo() {
        var tokenizer = Golden.open("gpt2");
        assertEquals(64, tokenizer.digest().length());
        tokenizer.close();
        tokenizer.close();
        assertThrows(IllegalStateException.class, () -> tokenizer.encode("a", false));
        assertThrows(IllegalStateException.class, () -> tokenizer.decode(List.of(64), false));
        assertThrows(IllegalStateException.class, tokenizer::vocabularySize);
    }

    @Test
    void manyThreadsShareOneTokenizer() {
        try (var tokenizer = Golden.open("qwen2")) {
            var text = "Mary and John went to the shop, didn't they? 12345 \ud83d\ude00";
            var expected = tokenizer.encode(text, true);
            assertTrue(IntStream.range(0, 2_000)
                    .parallel()
                    .allMatch(_ -> tokenizer.encode(text, true).equals(expected)
                            && tokenizer.decode(expected.ids(), false).equals(text)));
        }
    }

    @Test
    void librariesUnpackWhereTheyShould() {
        assertEquals(Path.of("/home/ann/.cache/patchbay"), DjlLibrary.cacheFolder(null, "/home/ann"));
        assertEquals(Path.of("/home/ann/.cache/patchbay"), DjlLibrary.cacheFolder(" ", "/home/ann"));
        assertEquals(Path.of("/scratch"), DjlLibrary.cacheFolder("/scratch", "/home/ann"));
        Golden.open("gpt2").close();
        var cache = Path.of(System.getenv().getOrDefault("PATCHBAY_CACHE", "absent"));
        assertTrue(Files.isDirectory(cache.resolve("djl").resolve("tokenizers")));
        assertFalse(ModuleLayer.boot().findModule("com.sun.jna").isPresent());
    }
}
