package dev.patchbay.cli;

import dev.patchbay.analysis.data.IoiTask;
import dev.patchbay.analysis.data.IoiText;
import dev.patchbay.analysis.pairs.PairsWriter;
import dev.patchbay.analysis.pairs.PromptPairs;
import dev.patchbay.model.InputException;
import dev.patchbay.model.tokenizer.BosRule;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes prompt pairs. */
@Command(name = "data", description = "Makes prompt pairs for a task: ioi (indirect object identification).")
final class DataCommand extends Subcommand {
    private static final List<String> ZOO_MODELS =
            List.of("zoo:ioi", "zoo:ioi-rms", "zoo:ioi-ln", "zoo:ioi-gqa", "zoo:ioi-repair");

    @Parameters(paramLabel = "TASK", description = "ioi")
    private String task = "";

    @Option(names = "--n", paramLabel = "N", required = true, description = "how many pairs")
    private int count;

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            required = true,
            description = "the model they are for: zoo:ioi or a variant, or one with a tokenizer")
    private String model = "";

    @Option(names = "--out", paramLabel = "P.jsonl", required = true, description = "the file to write")
    private Path output = Path.of("");

    @Option(names = "--bos", paramLabel = "RULE", description = "BOS before texts: auto, yes or no (default: auto)")
    private String bos = "auto";

    @Option(
            names = "--allow-tokenizer-regex",
            description = "accept split patterns that no published tokenizer uses; a hostile one can run forever")
    private boolean allowAnyRegex;

    @Override
    void run(Console console) {
        if (!task.equals("ioi")) {
            throw new InputException("task '" + task + "': unknown; expected ioi");
        }
        checkFile(output, "--out");
        var pairs = pairs();
        PairsWriter.write(output, pairs.pairs());
        console.print(pairs.size() + " pairs written to " + output + " (templates "
                + String.join(", ", pairs.templates()) + "; spans " + String.join(", ", pairs.spanNames()) + ")");
        var result = new LinkedHashMap<String, Object>();
        result.put("task", task);
        result.put("model", model);
        result.put("pairs", pairs.size());
        result.put("out", output.toString());
        result.put("templates", pairs.templates());
        result.put("spans", pairs.spanNames());
        result.put("digest", pairs.digest());
        result.put("seed", options().seed());
        console.result(result);
    }

    private PromptPairs pairs() {
        try (var loaded = open(model)) {
            if (ZOO_MODELS.contains(model)) {
                return IoiTask.zoo(count, options().seed());
            }
            var opened = loaded.tokenizer(allowAnyRegex)
                    .orElseThrow(() -> new InputException("--model " + model
                            + ": has no tokenizer, and the task is English; expected a model with tokenizer.json, or one of "
                            + String.join(", ", ZOO_MODELS)));
            try (var tokenizer = opened) {
                return new IoiText(tokenizer, BosRule.of(bos))
                        .pairs(count, options().seed());
            }
        }
    }
}
