package dev.patchbay.cli;

import dev.patchbay.analysis.io.Fields;
import dev.patchbay.analysis.io.JsonLines;
import dev.patchbay.analysis.io.JsonText;
import dev.patchbay.model.InputException;
import dev.patchbay.model.checkpoint.Json;
import dev.patchbay.model.checkpoint.ModelFolder;
import dev.patchbay.model.checkpoint.WholeFile;
import dev.patchbay.model.tokenizer.Encoding;
import dev.patchbay.model.tokenizer.HuggingFaceTokenizer;
import dev.patchbay.model.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Texts as tokens. */
@Command(name = "tokenize", description = "Texts as tokens; on a terminal a table with positions, for writing spans.")
final class TokenizeCommand extends Subcommand {
    @Parameters(paramLabel = "MODEL", description = "model folder, hf:org/name, or a tokenizer.json")
    private String model = "";

    @Option(names = "--text", paramLabel = "T", description = "one text")
    private Optional<String> text = Optional.empty();

    @Option(names = "--file", paramLabel = "F.jsonl", description = "{\"text\": …, \"add_special_tokens\"?: …} a line")
    private Optional<Path> file = Optional.empty();

    @Option(names = "--out", paramLabel = "O.jsonl", description = "write one JSON object a text to this file")
    private Optional<Path> output = Optional.empty();

    @Option(
            names = "--allow-tokenizer-regex",
            description = "accept split patterns that no published tokenizer uses; a hostile one can run forever")
    private boolean allowAnyRegex;

    private record Text(String text, boolean addSpecialTokens) {}

    @Override
    void run(Console console) {
        output.ifPresent(place -> checkFile(place, "--out"));
        if (text.isPresent() == file.isPresent()) {
            throw new InputException("tokenize: expected either --text or --file");
        }
        var texts = text.map(one -> List.of(new Text(one, true))).orElseGet(() -> read(file.orElseThrow()));
        try (var tokenizer = tokenizer()) {
            var objects = new ArrayList<Map<String, Object>>();
            for (var each : texts) {
                var encoding = tokenizer.encode(each.text(), each.addSpecialTokens());
                objects.add(object(tokenizer, encoding));
                if (output.isEmpty() && console.isTerminal()) {
                    console.print(table(encoding, each.text()));
                }
            }
            var lines = objects.stream().map(JsonText::line).toList();
            if (output.isPresent()) {
                var text = lines.stream().map(line -> line + "\n").collect(Collectors.joining());
                WholeFile.write(output.get(), text.getBytes(StandardCharsets.UTF_8));
                console.print(objects.size() + " texts written to " + output.get());
            } else if (!console.isTerminal()) {
                console.print(lines);
            }
            console.result(
                    output.isEmpty() && text.isPresent()
                            ? objects.getFirst()
                            : summary(objects, output.map(Path::toString)));
        }
    }

    private static Map<String, Object> summary(List<Map<String, Object>> objects, Optional<String> place) {
        var members = new LinkedHashMap<String, Object>();
        members.put("texts", objects.size());
        members.put("out", place);
        if (place.isEmpty()) {
            members.put("results", objects);
        }
        return members;
    }

    private Tokenizer tokenizer() {
        if (model.startsWith("zoo:")) {
            throw new InputException(model + ": models of the zoo read token ids, they have no tokenizer");
        }
        var path = ModelFolder.locate(model);
        if (Files.isDirectory(path) && !Files.exists(path.resolve("tokenizer.json"))) {
            throw new InputException(model + ": the folder has no tokenizer.json; give token ids instead of texts");
        }
        return HuggingFaceTokenizer.open(path, allowAnyRegex);
    }

    private static List<Text> read(Path path) {
        return JsonLines.read(path).stream()
                .map(line -> {
                    var fields = Fields.of(line.value(), line.where(), List.of("text", "add_special_tokens"));
                    return new Text(
                            fields.text("text", fields.require("text", "a text")),
                            fields.find("add_special_tokens")
                                    .map(value -> truth(fields, value))
                                    .orElse(true));
                })
                .toList();
    }

    private static boolean truth(Fields fields, Json value) {
        if (value instanceof Json.Flag(boolean flag)) {
            return flag;
        }
        throw fields.fault("add_special_tokens", "true or false", value.kind());
    }

    private static Map<String, Object> object(Tokenizer tokenizer, Encoding encoding) {
        var members = new LinkedHashMap<String, Object>();
        members.put("ids", encoding.ids());
        members.put("tokens", encoding.tokens());
        members.put(
                "offsets",
                encoding.offsets().stream()
                        .map(span -> List.of(span.begin(), span.end()))
                        .toList());
        members.put("decoded", tokenizer.decode(encoding.ids(), false));
        members.put("decoded_skip_special", tokenizer.decode(encoding.ids(), true));
        return members;
    }

    private static List<String> table(Encoding encoding, String text) {
        var table = new Table(">position", ">id", "token", "characters", "text");
        int[] points = text.codePoints().toArray();
        for (int position = 0; position < encoding.length(); position++) {
            var span = encoding.offsets().get(position);
            table.row(
                    position,
                    encoding.ids().get(position),
                    encoding.tokens().get(position),
                    "[" + span.begin() + ", " + span.end() + ")",
                    "'" + new String(points, span.begin(), span.end() - span.begin()) + "'");
        }
        return table.lines();
    }
}
