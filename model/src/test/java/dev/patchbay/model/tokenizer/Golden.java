package dev.patchbay.model.tokenizer;

import dev.patchbay.model.checkpoint.Json;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** The golden tokenizers in the test resources. */
final class Golden {
    private Golden() {}

    static Path folder(String kind) {
        try {
            return Path.of(Objects.requireNonNull(Golden.class.getResource("/golden/tokenizers/" + kind))
                    .toURI());
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    static HuggingFaceTokenizer open(String kind) {
        return HuggingFaceTokenizer.open(folder(kind), false);
    }

    static Json parse(String line) {
        return Json.parse(line.getBytes(StandardCharsets.UTF_8), "a golden case");
    }

    static String text(Json node, String name) {
        return node.member(name).flatMap(Json::string).orElseThrow();
    }

    static boolean flag(Json node, String name) {
        return ((Json.Flag) node.member(name).orElseThrow()).value();
    }

    static List<Integer> integers(Json node, String name) {
        return node.member(name).orElseThrow().list().stream()
                .map(Golden::integer)
                .toList();
    }

    static List<String> strings(Json node, String name) {
        return node.member(name).orElseThrow().list().stream()
                .map(each -> each.string().orElseThrow())
                .toList();
    }

    static List<CodePointSpan> spans(Json node, String name) {
        return node.member(name).orElseThrow().list().stream()
                .map(Json::list)
                .map(pair -> new CodePointSpan(integer(pair.get(0)), integer(pair.get(1))))
                .toList();
    }

    private static int integer(Json node) {
        return switch (node) {
            case Json.Numeral(String text) -> Integer.parseInt(text);
            default -> throw new IllegalArgumentException(node + " is no number");
        };
    }
}
