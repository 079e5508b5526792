package dev.patchbay.model.tokenizer;

import java.util.Set;

/**
 * The regular expressions of published tokenizers. Any other expression in a tokenizer file would run in a backtracking
 * engine over every text, so it is refused unless it is asked for.
 */
final class SplitPatterns {
    private static final String CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
    private static final String WORD = "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+";
    private static final String PUNCTUATION = " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*";
    private static final String SPACES = "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    private static final String TITLE_WORD =
            "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+";
    private static final String CAPITAL_WORD =
            "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*";
    private static final String PUNCTUATION_OR_SLASH = " ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*";

    private static final Set<String> KNOWN = Set.of(
            // GPT-2
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
            // Llama 3, OLMo 2, SmolLM 3
            String.join("|", CONTRACTIONS, WORD, "\\p{N}{1,3}", PUNCTUATION, SPACES),
            // Qwen 2, 2.5 and 3
            String.join("|", CONTRACTIONS, WORD, "\\p{N}", PUNCTUATION, SPACES),
            // cl100k_base
            "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*"
                    + "|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+",
            // cl100k_base and r50k_base as tiktoken now writes them
            "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1,3}+| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*+"
                    + "|\\s++$|\\s*[\\r\\n]|\\s+(?!\\S)|\\s",
            "'(?:[sdmt]|ll|ve|re)| ?\\p{L}++| ?\\p{N}++| ?[^\\s\\p{L}\\p{N}]++|\\s++$|\\s+(?!\\S)|\\s",
            // DeepSeek V3 and R1: three splits, the last with CR and LF themselves or escaped
            "\\p{N}{1,3}",
            "[一-龥぀-ゟ゠-ヿ]+",
            deepSeek("\r\n"),
            deepSeek("\\r\\n"),
            // DeepSeek Coder: five splits
            "[\r\n]",
            "[\\r\\n]",
            "\\s?\\p{L}+",
            "\\s?\\p{P}+",
            "[一-龥ࠀ-一가-퟿]+",
            "\\p{N}",
            // o200k_base, gpt-oss, Llama 4
            String.join(
                    "|",
                    TITLE_WORD + CONTRACTIONS + "?",
                    CAPITAL_WORD + CONTRACTIONS + "?",
                    "\\p{N}{1,3}",
                    PUNCTUATION_OR_SLASH,
                    SPACES),
            // Mistral's tekken
            String.join("|", TITLE_WORD, CAPITAL_WORD, "\\p{N}", PUNCTUATION_OR_SLASH, SPACES),
            // BLOOM
            " ?[^(\\s|[.,!?…。，、।۔،])]+",
            // Falcon
            "[0-9][0-9][0-9]",
            // SentencePiece models: runs of spaces
            " {2,}");

    private SplitPatterns() {}

    private static String deepSeek(String lineEnds) {
        return "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^" + lineEnds
                + "\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[" + lineEnds + "]*|\\s*[" + lineEnds
                + "]+|\\s+(?!\\S)|\\s+";
    }

    static boolean isKnown(String pattern) {
        return KNOWN.contains(pattern);
    }
}
