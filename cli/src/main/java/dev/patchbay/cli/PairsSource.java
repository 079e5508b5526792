package dev.patchbay.cli;

import dev.patchbay.analysis.pairs.Bos;
import dev.patchbay.analysis.pairs.LongAnswers;
import dev.patchbay.analysis.pairs.PairsOptions;
import dev.patchbay.analysis.pairs.PairsReader;
import dev.patchbay.analysis.pairs.PromptPairs;
import dev.patchbay.analysis.pairs.TextEncoder;
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

    /** Reads a file of pairs; the model's tokenizer is opened where it has one. */
    PromptPairs read(Path file, LoadedModel model) {
        var tokenizer = model.tokenizer(allowAnyRegex);
        try {
            return new PairsReader(new PairsOptions(
                            model.architecture().vocabulary(),
                            tokenizer.map(PairsSource::encoder),
                            switch (bos) {
                                case "auto" -> Bos.AUTO;
                                case "yes" -> Bos.YES;
                                case "no" -> Bos.NO;
                                default -> throw new InputException("--bos: expected auto, yes or no, found '" + bos + "'");
                            },
                            longAnswers()))
                    .read(file);
        } finally {
            tokenizer.ifPresent(Tokenizer::close);
        }
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

    /** How texts are tokenised, as it is recorded. */
    String bos() {
        return bos;
    }

    private static TextEncoder encoder(Tokenizer tokenizer) {
        return (text, rule) -> {
            var encoding =
                    switch (rule) {
                        case AUTO -> BosRule.AUTO.encode(tokenizer, text);
                        case YES -> BosRule.YES.encode(tokenizer, text);
                        case NO -> BosRule.NO.encode(tokenizer, text);
                    };
            return new TextEncoder.Encoded(
                    encoding.ids(),
                    encoding.offsets().stream().map(span -> span.begin()).toList(),
                    encoding.offsets().stream().map(span -> span.end()).toList());
        };
    }
}
