package dev.patchbay.model.tokenizer;

import dev.patchbay.model.InputException;
import java.util.Locale;

/** Whether texts begin with the beginning-of-sequence token: {@code --bos auto|yes|no}. */
public enum BosRule {
    /** What the tokenizer's template does. */
    AUTO,
    /** As the template does, with BOS in front where the template has none. */
    YES,
    /** Without any token of the template. */
    NO;

    /**
     * The rule of that name.
     *
     * @throws InputException where there is none
     */
    public static BosRule of(String name) {
        for (var rule : values()) {
            if (rule.toString().equals(name)) {
                return rule;
            }
        }
        throw new InputException("--bos is auto, yes or no, not \"" + name + "\"");
    }

    /**
     * Encodes a text under this rule.
     *
     * @throws InputException where BOS is asked for and the tokenizer has none
     */
    public Encoding encode(Tokenizer tokenizer, String text) {
        var encoding = tokenizer.encode(text, this != NO);
        if (this != YES || !tokenizer.templatePrefix().isEmpty()) {
            return encoding;
        }
        int bos = tokenizer
                .bosToken()
                .orElseThrow(() -> new InputException(
                        "--bos yes: the tokenizer has no beginning-of-sequence token; use --bos auto or no"));
        return encoding.after(bos, tokenizer.tokenText(bos).orElse(""));
    }

    /** The name as options spell it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
