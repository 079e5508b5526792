package dev.patchbay.analysis.sweep;

import dev.patchbay.analysis.pairs.PromptPairs;

/** The prompts an ablation takes its values from. */
public sealed interface Reference {
    /** The name in files. */
    String label();

    /** The clean prompts of the sweep's own pairs. */
    record Clean() implements Reference {
        @Override
        public String label() {
            return "clean";
        }
    }

    /** The corrupted prompts of the sweep's own pairs. */
    record Corrupted() implements Reference {
        @Override
        public String label() {
            return "corrupted";
        }
    }

    /**
     * The clean prompts of another file of pairs.
     *
     * @param name of the file, as it was given
     * @param pairs what it holds
     */
    record Other(String name, PromptPairs pairs) implements Reference {
        @Override
        public String label() {
            return name;
        }
    }
}
