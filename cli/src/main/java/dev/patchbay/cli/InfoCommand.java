package dev.patchbay.cli;

import dev.patchbay.model.InputException;
import dev.patchbay.model.checkpoint.ModelFolder;
import dev.patchbay.model.checkpoint.SafetensorsFile;
import dev.patchbay.model.checkpoint.ValueCounts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Describes a model or the tensors of a file. Reads only. */
@Command(
        name = "info",
        description = "A model: family, configuration, heads, memory. A lone .safetensors: its tensors.")
final class InfoCommand extends Subcommand {
    @Parameters(paramLabel = "PATH", description = "model folder, hf:org/name, zoo:NAME, or a .safetensors file")
    private String path = "";

    @Option(
            names = "--verify",
            description = "read every value: all that loading checks; of a lone file NaN is counted")
    private boolean verify;

    @Override
    void run(Console console) {
        boolean lone = !path.startsWith("zoo:") && Files.isRegularFile(ModelFolder.locate(path));
        if (lone && !path.endsWith(".safetensors")) {
            throw new InputException(path + ": expected a model folder or a .safetensors file, found another file");
        }
        console.result(lone ? file(console) : model(console));
    }

    private Map<String, Object> model(Console console) {
        try (var model = open(path)) {
            var summary = new ModelSummary(model);
            var facts = summary.facts();
            var memory = summary.memory();
            var result = new LinkedHashMap<String, Object>();
            result.put("model", path);
            result.putAll(facts);
            result.put("memory", memory);
            result.put("notes", model.notes());
            if (verify) {
                model.folder().ifPresent(folder -> folder.verify());
                result.put("digest", model.digest());
            }
            result.put("verified", verify);
            print(console, facts, memory);
            model.zoo().ifPresent(zoo -> {
                result.put("roles", zoo.roles());
                console.print("");
                console.print(zoo.description());
                var table = new Table("head", "designed role");
                zoo.roles().forEach(table::row);
                console.print(table.lines());
            });
            model.notes().forEach(note -> console.print("note: " + note));
            console.print(verify ? "verified: every tensor is there, of its shape, and finite" : "");
            return result;
        }
    }

    private static void print(Console console, Map<String, Object> facts, Map<String, Map<String, Long>> memory) {
        var table = new Table("", "");
        facts.forEach((name, value) -> table.row(
                name.replace('_', ' '),
                value instanceof Long number ? String.format(Locale.ROOT, "%,d", number) : value));
        console.print(table.lines());
        console.print("");
        var bytes = new Table(Stream.concat(
                        Stream.of("bytes on the device"),
                        memory.keySet().stream().map(profile -> ">" + profile))
                .toArray(String[]::new));
        for (var name : memory.values().iterator().next().keySet()) {
            bytes.row(Stream.concat(
                            Stream.of(name.replace('_', ' ')),
                            memory.values().stream()
                                    .map(profile -> String.format(
                                            Locale.ROOT, "%,d", Objects.requireNonNull(profile.get(name)))))
                    .toArray());
        }
        console.print(bytes.lines());
    }

    private Map<String, Object> file(Console console) {
        try (var file = SafetensorsFile.open(Path.of(path), reading().checkpoint())) {
            var tensors = new ArrayList<Map<String, Object>>();
            var table = verify
                    ? new Table("tensor", "type", "shape", ">bytes", ">NaN", ">infinite")
                    : new Table("tensor", "type", "shape", ">bytes");
            for (var tensor : file.tensors().values()) {
                Optional<ValueCounts> counts = verify ? Optional.of(file.count(tensor.name())) : Optional.empty();
                var members = new LinkedHashMap<String, Object>();
                members.put("name", tensor.name());
                members.put("type", tensor.type().name());
                members.put("shape", tensor.shape());
                members.put("bytes", tensor.bytes());
                counts.ifPresent(found -> {
                    members.put("nan", found.notNumbers());
                    members.put("infinite", found.infinities());
                });
                tensors.add(members);
                var row = new ArrayList<Object>(
                        List.of(tensor.name(), tensor.type().name(), shape(tensor.shape()), tensor.bytes()));
                counts.ifPresent(found -> row.addAll(List.of(found.notNumbers(), found.infinities())));
                table.row(row.toArray());
            }
            console.print(table.lines());
            file.metadata().forEach((key, value) -> console.print(InputException.oneLine(key + ": " + value)));
            file.warnings().forEach(warning -> console.print("note: " + warning));
            var result = new LinkedHashMap<String, Object>();
            result.put("file", path);
            result.put("tensors", tensors);
            result.put("metadata", file.metadata());
            result.put("notes", file.warnings());
            result.put("verified", verify);
            return result;
        }
    }

    private static String shape(List<Long> shape) {
        return shape.stream().map(String::valueOf).collect(Collectors.joining(", ", "[", "]"));
    }
}
