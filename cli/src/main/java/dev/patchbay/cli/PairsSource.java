package dev.patchbay.cli;

import dev.patchbay.analysis.pairs.LongAnswers;
import dev.patchbay.analysis.pairs.PairsOptions;
import dev.patchbay.analysis.pairs.PairsReader;
import dev.patchbay.analysis.pairs.PromptPairs;
import dev.patchbay.model.InputException;
import dev.patchbay.model.tokenizer.BosRule;
import dev.patchbay.model.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options that say how a file of prompt pairs is read. */
final class PairsSource {
    @Option(names = "--bos", paramLabel = "RULE", description = "BOS before texts: auto, yes or no (default: auto)")
    private String bos = "auto";

    @Option(
            names = "--answer-tokens",
            paramLabel = "first|all",
            description = "what stands for an answer of several tokens (default: that is an error)")
    private Optional<String> answerTokens = Optional.empty();

    @Option(
            names = "--allow-tokenizer-regex",
            description = "accept split patterns that no published tokenizer uses; a hostile one can run forever")
    private boolean allowAnyRegex;

    /** The model's tokenizer, where it has one; the caller closes it. */
    Optional<Tokenizer> tokenizer(LoadedModel model) {
        return model.tokenizer(allowAnyRegex);
    }

    /** Reads a file of pairs. */
    PromptPairs read(Path file, LoadedModel model, Optional<Tokenizer> tokenizer) {
        int vocabulary = model.architecture().vocabulary();
        return new PairsReader(new PairsOptions(vocabulary, tokenizer, BosRule.of(bos), longAnswers())).read(file);
    }

    private LongAnswers longAnswers() {
        return switch (answerTokens.orElse("")) {
            case "" -> LongAnswers.REFUSE;
            case "first" -> LongAnswers.FIRST;
            case "all" -> LongAnswers.ALL;
            default ->
                throw new InputException(
                        "--answer-tokens: expected first or all, found '" + answerTokens.orElseThrow() + "'");
        };
    }
}
