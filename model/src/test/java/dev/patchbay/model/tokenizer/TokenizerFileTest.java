package dev.patchbay.model.tokenizer;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.model.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What may reach the native library, and what may not. */
class TokenizerFileTest {
    private static final String MODEL = """
            "model": {"type": "BPE", "dropout": null, "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]}""";

    @TempDir
    private Path folder = Path.of("unset");

    private Path write(String json) throws IOException {
        return Files.writeString(folder.resolve("tokenizer.json"), json);
    }

    private String refusal(String json) throws IOException {
        var path = write(json);
        return assertThrows(InputException.class, () -> TokenizerFile.read(path, false))
                .toString();
    }

    @Test
    void aPlainFileIsRead() throws IOException {
        var file = TokenizerFile.read(
                write("{" + MODEL + ", \"added_tokens\": [{\"id\": 5, \"content\": \"<s>\"}]}"), false);
        assertEquals(6, file.vocabulary().size());
        assertEquals("ab", file.vocabulary().token(2).orElseThrow());
        assertEquals("<s>", file.vocabulary().token(5).orElseThrow());
        assertTrue(file.vocabulary().token(4).isEmpty());
        assertEquals(OptionalInt.of(5), file.vocabulary().id("<s>"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"dropout\": null, \"vocab\": {\"a\": 0}, \"merges\": []}",
                "{\"vocab\": {\"a\": 0}, \"merges\": [[\"a\", \"a\"]]}",
                "{\"type\": \"BPE\", \"dropout\": 0.0, \"vocab\": {\"a\": 0}, \"merges\": []}",
                "{\"type\": \"Unigram\", \"unk_id\": 0, \"vocab\": [[\"<unk>\", -1.5], [\"a\", 0]]}",
                "{\"vocab\": [[\"<unk>\", 0.0]]}",
                "{\"type\": \"WordLevel\", \"vocab\": {\"a\": 0}, \"unk_token\": \"a\"}",
                "{\"type\": \"WordPiece\", \"vocab\": {\"a\": 0}, \"unk_token\": \"a\"}",
            })
    void modelsThatAreKnown(String model) throws IOException {
        var path = write("{\"model\": " + model + "}");
        assertDoesNotThrow(() -> TokenizerFile.read(path, false));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"type\": \"Markov\", \"vocab\": {\"a\": 0}} | Markov",
                "{\"vocab\": {\"a\": 0}} | without a type",
                "{\"type\": \"BPE\", \"vocab\": {\"a\": 0}} | BPE",
                "{\"type\": \"Unigram\", \"vocab\": {\"a\": 0}} | Unigram",
                "{\"type\": \"BPE\", \"vocab\": {}, \"merges\": []} | BPE",
                "{\"type\": \"BPE\", \"dropout\": 0.1, \"vocab\": {\"a\": 0}, \"merges\": []} | dropout",
                "{\"type\": \"BPE\", \"vocab\": {\"a\": -1}, \"merges\": []} | whole number",
                "{\"type\": \"BPE\", \"vocab\": {\"a\": 4194304}, \"merges\": []} | whole number",
                "{\"type\": \"BPE\", \"vocab\": {\"a\": 99999999999}, \"merges\": []} | whole number",
                "{\"type\": \"BPE\", \"vocab\": {\"a\": 0.5}, \"merges\": []} | whole number",
                "{\"type\": \"BPE\", \"vocab\": {\"a\": 0, \"a\": 1}, \"merges\": []} | twice",
                "{\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": [[\"a\"]]} | second part",
                "{\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": [3]} | merge",
                "{\"type\": \"Unigram\", \"vocab\": [[\"a\", []]]} | score",
                "3 | the model",
            })
    void modelsThatAreNot(String model, String reason) throws IOException {
        var refusal = refusal("{\"model\": " + model + "}");
        assertTrue(refusal.contains(reason), refusal);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"normalizer\": {\"type\": \"Precompiled\", \"precompiled_charsmap\": \"AAAA\"} | Precompiled",
                "\"normalizer\": {\"type\": \"Sequence\", \"normalizers\": [{\"type\": \"Evil\"}]} | Evil",
                "\"normalizer\": {\"type\": \"Sequence\", \"pretokenizers\": []} | normalizers",
                "\"normalizer\": {\"lowercase\": true} | without a type",
                "\"pre_tokenizer\": {\"type\": \"NFC\"} | NFC",
                "\"post_processor\": {\"type\": \"Split\"} | Split",
                "\"decoder\": {\"type\": \"Metaspace2\"} | Metaspace2",
                "\"pre_tokenizer\": {\"type\": \"Split\", \"pattern\": {\"Regex\": \"(a+)+$\"}} | --allow-tokenizer-regex",
                "\"decoder\": {\"type\": \"Replace\", \"pattern\": {\"Regex\": \"(a+)+$\"}} | --allow-tokenizer-regex",
                "\"surprise\": 1 | surprise",
                "\"version\": \"1\", \"version\": \"2\" | twice",
                "\"added_tokens\": [{\"content\": \"<s>\"}] | added token",
                "\"added_tokens\": [{\"id\": 9999999, \"content\": \"<s>\"}] | added token",
            })
    void partsThatAreNotAllowed(String part, String reason) throws IOException {
        var refusal = refusal("{" + part + ", " + MODEL + "}");
        assertTrue(refusal.contains(reason), refusal);
    }

    @Test
    void anUnknownExpressionIsAllowedWhenAskedFor() throws IOException {
        var path = write("{\"pre_tokenizer\": {\"type\": \"Split\", \"pattern\": {\"Regex\": \"b+\"},"
                + " \"behavior\": \"Isolated\", \"invert\": false}, \"version\": \"1.0\", \"added_tokens\": [], "
                + MODEL
                + "}");
        assertThrows(InputException.class, () -> HuggingFaceTokenizer.open(folder, false));
        try (var tokenizer = HuggingFaceTokenizer.open(path, true)) {
            assertEquals(2, tokenizer.encode("ab", false).length());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
                "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
                        + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+"
                        + "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}"
                        + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
                "\\p{N}{1,3}",
                "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
                        + "| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+",
                "'(?:[sdmt]|ll|ve|re)| ?\\p{L}++| ?\\p{N}++| ?[^\\s\\p{L}\\p{N}]++|\\s++$|\\s+(?!\\S)|\\s",
            })
    void publishedExpressionsAreKnown(String pattern) {
        assertTrue(SplitPatterns.isKnown(pattern));
        assertFalse(SplitPatterns.isKnown(pattern + "+"));
    }

    @Test
    void malformedFilesAreErrorsOfOneLine() throws IOException {
        for (var json : new String[] {"", "{", "[]", "{} {}", "{\"model\": null}", "{\"version\": \"1.0\"}"}) {
            assertEquals(1, refusal(json).lines().count());
        }
        assertTrue(refusal("{\"version\": " + "[".repeat(40) + "]".repeat(40) + "}")
                .contains("depth"));
        Files.write(
                folder.resolve("tokenizer.json"), "{\"version\": \"\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1));
        assertThrows(InputException.class, () -> TokenizerFile.read(folder.resolve("tokenizer.json"), false));
        assertThrows(InputException.class, () -> TokenizerFile.read(folder.resolve("absent.json"), false));
    }

    @Test
    void whatTheLibraryRefusesIsAnInputError() throws IOException {
        var path = write(
                "{\"version\": \"1.0\", \"added_tokens\": [], \"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0},"
                        + " \"merges\": [\"x y\"]}}");
        var refusal = assertThrows(InputException.class, () -> HuggingFaceTokenizer.open(path, false));
        assertTrue(refusal.toString().contains("library refuses"), refusal.toString());
    }

    @Test
    void tooLargeAFileIsNotRead() throws IOException {
        var path = folder.resolve("tokenizer.json");
        try (var file = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            // A hole: it takes no room on the disk.
            file.write(ByteBuffer.allocate(1), 128 << 20);
        }
        var refusal = assertThrows(InputException.class, () -> TokenizerFile.read(path, false));
        assertTrue(refusal.toString().contains("at most 134217728 [E-TOK]"), refusal.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "neox", "llama3", "qwen2", "llama2", "mistral", "gemma", "unigram"})
    void goldenFilesPass(String kind) {
        var file = TokenizerFile.read(Golden.folder(kind).resolve("tokenizer.json"), false);
        assertTrue(file.vocabulary().size() > 400);
    }
}
