package dev.patchbay.model.program;

import java.util.Arrays;
import java.util.List;

/** Which positions of a row: positions count from the row's first token, prompt and generated tokens alike. */
public sealed interface Positions {
    /** Every position. */
    Positions ALL = new Every();
    /** The last position of the prompt. */
    Positions END = new End();
    /** Positions of the prompt. */
    Positions PROMPT = new Prompt();
    /** Positions after the prompt. */
    Positions GENERATED = new Generated();
    /** The row's last position so far: the newest token of a generation. */
    Positions LAST = new Last();

    /** Those listed; negative ones count from the end of the prompt, −1 its last. */
    static Positions of(int... positions) {
        return new Listed(Arrays.stream(positions).boxed().toList());
    }

    /** Every position. */
    record Every() implements Positions {}

    /** The last position of the prompt. */
    record End() implements Positions {}

    /** Positions of the prompt. */
    record Prompt() implements Positions {}

    /** Positions after the prompt. */
    record Generated() implements Positions {}

    /** The row's last position so far. */
    record Last() implements Positions {}

    /** Those listed; negative ones count from the end of the prompt. */
    record Listed(List<Integer> positions) implements Positions {
        public Listed {
            positions = List.copyOf(positions);
        }
    }

    /** The positions a row names so in its spans. */
    record Span(String name) implements Positions {}
}
