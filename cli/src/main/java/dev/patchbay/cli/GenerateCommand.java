package dev.patchbay.cli;

import dev.patchbay.model.InputException;
import dev.patchbay.model.program.Program;
import dev.patchbay.model.run.Generator;
import dev.patchbay.model.tokenizer.BosRule;
import dev.patchbay.model.tokenizer.Tokenizer;
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

/** Continues prompts. */
@Command(name = "generate", description = "Continues prompts, greedily or sampled; edits stay active at every step.")
final class GenerateCommand extends Subcommand {
    @Parameters(paramLabel = "MODEL", description = "model folder, hf:org/name or zoo:NAME")
    private String model = "";

    @Option(names = "--prompt", paramLabel = "TEXT", description = "a text; may be repeated")
    private List<String> prompts = List.of();

    @Option(
            names = "--tokens",
            paramLabel = "T.json|IDS",
            description = "{\"input_ids\": [[…]]}, or the ids of one prompt")
    private Optional<String> tokens = Optional.empty();

    @Option(names = "--bos", paramLabel = "RULE", description = "BOS before texts: auto, yes or no (default: auto)")
    private String bos = "auto";

    @Option(
            names = "--max-new-tokens",
            paramLabel = "N",
            description = "tokens to add to each prompt (default: ${DEFAULT-VALUE})")
    private int newTokens = 20;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            description = "0: the most likely token; else sampled (default: ${DEFAULT-VALUE})")
    private float temperature;

    @Option(names = "--stop", paramLabel = "ID", split = ",", description = "a prompt ends after one of these")
    private List<Integer> stop = List.of();

    @Option(names = "--edits", paramLabel = "E.json", description = "changes of activations, active at every step")
    private Optional<Path> edits = Optional.empty();

    @Option(
            names = "--allow-tokenizer-regex",
            description = "accept split patterns that no published tokenizer uses; a hostile one can run forever")
    private boolean allowAnyRegex;

    @Override
    void run(Console console) {
        if (tokens.isPresent() != prompts.isEmpty()) {
            throw new InputException("generate: expected either --prompt or --tokens");
        }
        try (var loaded = open(model)) {
            var tokenizer = loaded.tokenizer(allowAnyRegex);
            try {
                var rows = tokens.isPresent() ? TokenRows.read(tokens.get(), loaded) : encoded(tokenizer, loaded);
                console.result(generate(console, loaded, tokenizer, rows));
            } finally {
                tokenizer.ifPresent(Tokenizer::close);
            }
        }
    }

    private List<List<Integer>> encoded(Optional<Tokenizer> tokenizer, LoadedModel loaded) {
        var reader = tokenizer.orElseThrow(
                () -> new InputException("--prompt: " + model + " has no tokenizer; give token ids with --tokens"));
        var rule = BosRule.of(bos);
        return prompts.stream()
                .map(text -> {
                    var ids = rule.encode(reader, text).ids();
                    if (ids.isEmpty()) {
                        throw new InputException("--prompt '" + text + "': has no token");
                    }
                    ids.forEach(id -> loaded.checkToken(id, "--prompt"));
                    return ids;
                })
                .toList();
    }

    private Map<String, Object> generate(
            Console console, LoadedModel loaded, Optional<Tokenizer> tokenizer, List<List<Integer>> rows) {
        var options = new Generator.Options(newTokens, temperature, options().seed(), stop, false);
        try (var device = options().openDevice();
                var running = loaded.load(device);
                var program = EditProgram.read(edits, Optional.empty(), loaded, running)) {
            var generated = new Generator(running, options)
                    .generate(
                            rows.stream().map(TokenRows::array).toList(),
                            List.of(),
                            Program.edits(program.edits()),
                            program.bindings());
            var outputs = new ArrayList<Map<String, Object>>();
            for (int prompt = 0; prompt < rows.size(); prompt++) {
                var chosen = generated.get(prompt).tokens();
                var text = tokenizer.map(decoder -> decoder.decode(chosen, true));
                var members = new LinkedHashMap<String, Object>();
                members.put("prompt", rows.get(prompt));
                members.put("tokens", chosen);
                members.put("text", text);
                outputs.add(members);
                console.print(text.orElseGet(() -> named(loaded, chosen)));
            }
            var result = new LinkedHashMap<String, Object>();
            result.put("model", model);
            result.put("outputs", outputs);
            result.put("device", device.name());
            result.put("numerics", device.numerics().label());
            result.put("weights", options().weights());
            result.put("seed", options().seed());
            return result;
        }
    }

    /** Token ids, with their names where the model is of the zoo. */
    private static String named(LoadedModel loaded, List<Integer> tokens) {
        String ids = tokens.stream().map(String::valueOf).collect(Collectors.joining(" "));
        return loaded.zoo()
                .map(zoo ->
                        ids + "  (" + tokens.stream().map(zoo.tokenNames()::get).collect(Collectors.joining(" ")) + ")")
                .orElse(ids);
    }
}
