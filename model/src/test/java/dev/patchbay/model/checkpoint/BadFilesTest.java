package dev.patchbay.model.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patchbay.model.input.Digests;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every golden safetensors file is accepted or refused as its manifest says. */
class BadFilesTest {
    private static final long WARM_MILLISECONDS = 50;

    /** A word that the refusal must use: being refused for something else would hide a missing rule. */
    private static final Map<String, String> WORDS = Map.ofEntries(
            Map.entry("empty", "too short"),
            Map.entry("seven-bytes", "too short"),
            Map.entry("n-zero", "ends early"),
            Map.entry("n-2p63", "header length"),
            Map.entry("n-2p64-minus-1", "header length is 18446744073709551615"),
            Map.entry("n-100mb-plus-1", "header length"),
            Map.entry("n-larger-than-file", "truncated"),
            Map.entry("header-only-spaces", "ends early"),
            Map.entry("header-not-utf8", "not UTF-8"),
            Map.entry("header-not-json", "not JSON"),
            Map.entry("header-truncated-json", "not JSON"),
            Map.entry("header-trailing-comma", "not JSON"),
            Map.entry("header-deep-nesting", "depth"),
            Map.entry("header-lone-surrogate", "surrogate"),
            Map.entry("header-array-root", "expected an object"),
            Map.entry("header-string-root", "expected an object"),
            Map.entry("header-trailing-json", "follows"),
            Map.entry("header-nan-literal", "not JSON"),
            Map.entry("header-bom", "byte order mark"),
            Map.entry("header-nul-padding", "not JSON"),
            Map.entry("dup-name-same-range", "two tensors have the name"),
            Map.entry("dup-name-escaped", "two tensors have the name"),
            Map.entry("dup-name-other-dtype", "two tensors have the name"),
            Map.entry("dup-name-other-range", "two tensors have the name"),
            Map.entry("dup-metadata-block", "__metadata__ occurs twice"),
            Map.entry("dup-metadata-key", "occurs twice"),
            Map.entry("dup-field-in-entry", "occurs twice"),
            Map.entry("metadata-non-string", "expected a string"),
            Map.entry("metadata-array", "expected an object"),
            Map.entry("entry-array-form", "expected an object"),
            Map.entry("entry-number", "expected an object"),
            Map.entry("missing-shape", "shape is missing"),
            Map.entry("missing-dtype", "dtype is missing"),
            Map.entry("missing-offsets", "data_offsets is missing"),
            Map.entry("three-offsets", "more than 2"),
            Map.entry("offset-reversed", "before begin"),
            Map.entry("offset-hole", "hole of 4 bytes"),
            Map.entry("offset-overlap", "overlaps"),
            Map.entry("offset-same-range", "overlaps"),
            Map.entry("offset-first-not-zero", "hole"),
            Map.entry("offset-negative", "at least 0"),
            Map.entry("offset-past-end", "truncated"),
            Map.entry("truncated-by-1", "incomplete download"),
            Map.entry("trailing-1-byte", "appended"),
            Map.entry("many-names-one-range", "overlaps"),
            Map.entry("shape-bytes-mismatch", "needs 24 bytes, data_offsets give 16"),
            Map.entry("shape-overflow", "shape"),
            Map.entry("shape-overflow-wraps-to-16", "shape"),
            Map.entry("shape-overflow-then-zero", "shape"),
            Map.entry("shape-zero-then-huge", "shape"),
            Map.entry("dim-negative", "at least 0"),
            Map.entry("dim-float", "integer"),
            Map.entry("dim-exponent", "integer"),
            Map.entry("dim-2p64", "at most 18 digits"),
            Map.entry("dim-string", "integer"),
            Map.entry("rank-9", "more than 8"),
            Map.entry("dtype-unknown", "unknown dtype"),
            Map.entry("dtype-lower-case", "unknown dtype"),
            Map.entry("f4-odd-count", "whole bytes"),
            Map.entry("name-2000-bytes", "longer than 1024 bytes"),
            Map.entry("bool-value-2", "expected 0 or 1, found 2"));

    static List<Golden.Case> files() {
        return Golden.cases("", ".safetensors");
    }

    @BeforeAll
    static void warmUp() {
        for (int round = 0; round < 20; round++) {
            SafetensorsFile.open(Golden.path("bad", "ok-basic.safetensors")).close();
        }
    }

    @Test
    void everyRefusedFileHasItsReason() {
        assertEquals(
                WORDS.keySet(),
                files().stream()
                        .filter(Golden.Case::isRefused)
                        .map(Golden.Case::name)
                        .collect(Collectors.toSet()));
    }

    @ParameterizedTest
    @MethodSource("files")
    void isJudgedAsTheManifestSays(Golden.Case file) {
        var path = Golden.path("bad", file.name() + ".safetensors");
        long best = Long.MAX_VALUE;
        // The best of three: the machine may be busy with something else.
        for (int round = 0; round < 3; round++) {
            long begin = System.nanoTime();
            if (file.isRefused()) {
                refused(path, file);
            } else {
                accepted(path, Golden.members(file.expected(), "tensors"));
            }
            best = Math.min(best, (System.nanoTime() - begin) / 1_000_000);
        }
        assertTrue(best < WARM_MILLISECONDS, file + " took " + best + " ms");
    }

    private static void accepted(Path path, Json.Members expected) {
        try (var file = SafetensorsFile.open(path)) {
            assertEquals(expected.members().keySet(), file.tensors().keySet());
            expected.members().forEach((name, value) -> {
                var tensor = file.tensor(name);
                var members = (Json.Members) value;
                assertEquals(Golden.text(members, "dtype"), tensor.type().name());
                var shape = ((Json.Array) members.find("shape").orElseThrow()).values();
                assertEquals(
                        shape,
                        tensor.shape().stream()
                                .<Json>map(size -> new Json.Numeral(size.toString()))
                                .toList());
                var digest = Digests.sha256().digest(file.bytes(name));
                assertEquals(Golden.text(members, "sha256"), HexFormat.of().formatHex(digest), name);
                assertEquals(tensor.elements(), file.count(name).elements());
            });
        }
    }

    private static void refused(Path path, Golden.Case expected) {
        var message = Golden.refusal(() -> {
            try (var file = SafetensorsFile.open(path)) {
                assertTrue(expected.expected().find("stage").isPresent(), "opened");
                List.copyOf(file.tensors().keySet()).forEach(file::bytes);
            }
        });
        assertTrue(message.contains(expected.name()), message);
        assertTrue(message.length() < 1000, message);
        assertTrue(message.contains(WORDS.getOrDefault(expected.name(), "no word")), message);
    }
}
