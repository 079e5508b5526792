package dev.patchbay.model.tokenizer;

import java.net.URISyntaxException;
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

    static JsonNode parse(String line) {
        try (var json = new StrictJson(line, "a golden case")) {
            return json.value();
        }
    }

    static String text(JsonNode node, String name) {
        return node.member(name).flatMap(JsonNode::string).orElseThrow();
    }

    static boolean flag(JsonNode node, String name) {
        return switch (node.member(name).orElseThrow()) {
            case JsonNode.Scalar(String text) when text.equals("true") -> true;
            case JsonNode.Scalar(String text) when text.equals("false") -> false;
            default -> throw new IllegalArgumentException(name + " is no flag");
        };
    }

    static List<Integer> integers(JsonNode node, String name) {
        return node.member(name).orElseThrow().list().stream()
                .map(Golden::integer)
                .toList();
    }

    static List<String> strings(JsonNode node, String name) {
        return node.member(name).orElseThrow().list().stream()
                .map(each -> each.string().orElseThrow())
                .toList();
    }

    static List<CodePointSpan> spans(JsonNode node, String name) {
        return node.member(name).orElseThrow().list().stream()
                .map(JsonNode::list)
                .map(pair -> new CodePointSpan(integer(pair.get(0)), integer(pair.get(1))))
                .toList();
    }

    private static int integer(JsonNode node) {
        return switch (node) {
            case JsonNode.Scalar(String text) -> Integer.parseInt(text);
            default -> throw new IllegalArgumentException(node + " is no number");
        };
    }
}
