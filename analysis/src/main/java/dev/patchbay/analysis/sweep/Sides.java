package dev.patchbay.analysis.sweep;

import dev.patchbay.analysis.pairs.Prompt;
import dev.patchbay.analysis.pairs.PromptPair;
import dev.patchbay.model.InputException;

/** Which prompt of a pair is patched, and which one is the other. */
record Sides(boolean basedOnClean) {
    /** The prompt whose run is patched. */
    Prompt base(PromptPair pair) {
        return basedOnClean ? pair.clean() : corrupted(pair);
    }

    /** The other prompt. */
    Prompt other(PromptPair pair) {
        return basedOnClean ? corrupted(pair) : pair.clean();
    }

    /** The first position at which two prompts differ, the shorter one's length where there is none. */
    static int firstDifference(Prompt one, Prompt another) {
        var left = one.tokens();
        var right = another.tokens();
        int shorter = Math.min(left.size(), right.size());
        int position = 0;
        while (position < shorter && left.get(position).equals(right.get(position))) {
            position++;
        }
        return position;
    }

    static Prompt corrupted(PromptPair pair) {
        return pair.corrupted()
                .orElseThrow(
                        () -> new InputException(
                                "pair '" + pair.id()
                                        + "': field 'corrupted': expected a prompt, found nothing; this method or reference needs one"));
    }
}
