package dev.patchbay.analysis.pairs;

import java.util.List;
import java.util.Optional;

/**
 * A clean prompt, a corrupted one and the answers that a metric compares.
 *
 * @param id unique within its file
 * @param template prompts of one template put the same roles at the same positions
 * @param clean the prompt
 * @param corrupted the prompt without the information that decides the answer; empty where none was given
 * @param answers alternatives of the right answer, each one token or, where all tokens are kept, several; may be empty
 * @param wrongs alternatives of the answer they are compared with; may be empty
 * @param aligned whether position p of one prompt corresponds to position p of the other; else only spans correspond
 */
public record PromptPair(
        String id,
        String template,
        Prompt clean,
        Optional<Prompt> corrupted,
        List<List<Integer>> answers,
        List<List<Integer>> wrongs,
        boolean aligned) {

    /** The template of pairs that name none. */
    public static final String NO_TEMPLATE = "default";

    /** Copies the lists; aligned prompts have one length. */
    public PromptPair {
        answers = answers.stream().map(List::copyOf).toList();
        wrongs = wrongs.stream().map(List::copyOf).toList();
        if (aligned && corrupted.isPresent() && corrupted.get().length() != clean.length()) {
            throw new IllegalArgumentException("pair " + id + ": aligned prompts of " + clean.length() + " and "
                    + corrupted.get().length() + " tokens");
        }
    }

    /** Whether an answer or a wrong answer has several tokens. */
    public boolean hasLongAnswers() {
        return java.util.stream.Stream.concat(answers.stream(), wrongs.stream()).anyMatch(tokens -> tokens.size() > 1);
    }

    /** The first token of each alternative of the answer. */
    public int[] answerTokens() {
        return answers.stream().mapToInt(List::getFirst).toArray();
    }

    /** The first token of each alternative of the wrong answer. */
    public int[] wrongTokens() {
        return wrongs.stream().mapToInt(List::getFirst).toArray();
    }

    /** The first position at which the two prompts differ; the length where they do not, 0 where they are not aligned. */
    public int firstDifference() {
        if (!aligned || corrupted.isEmpty()) {
            return 0;
        }
        var other = corrupted.get().tokens();
        for (int position = 0; position < clean.length(); position++) {
            if (!clean.tokens().get(position).equals(other.get(position))) {
                return position;
            }
        }
        return clean.length();
    }
}
