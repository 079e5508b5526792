package dev.patchbay.model.zoo;

import java.util.ArrayList;
import java.util.List;

/** The 60 tokens of the indirect-object models ({@code ioi} and its variants). */
public final class IoiVocabulary {
    /** Number of tokens. */
    public static final int SIZE = 60;
    /** Beginning of the prompt, where heads rest. */
    public static final int BOS = 0;
    /** First of the names. */
    public static final int FIRST_NAME = 1;
    /** Number of names. */
    public static final int NAMES = 8;
    /** "and". */
    public static final int AND = 10;
    /** "gave". */
    public static final int GAVE = 11;
    /** "to", the last token of an indirect-object prompt. */
    public static final int TO = 12;
    /** First of the option labels A, B, C, D. */
    public static final int FIRST_LETTER = 13;
    /** Number of option labels. */
    public static final int LETTERS = 4;
    /** "yes". */
    public static final int YES = 17;
    /** "no". */
    public static final int NO = 18;
    /** "?", where a question is answered. */
    public static final int QUESTION = 19;
    /** First of the filler words. */
    public static final int FIRST_FILLER = 20;
    /** Number of filler words. */
    public static final int FILLERS = 30;
    /** First of the sub-words that continue a word. */
    public static final int FIRST_CONTINUATION = 50;

    static final TokenSet ALL = TokenSet.range(0, SIZE);
    static final TokenSet NOT_BOS = TokenSet.range(1, SIZE);
    static final TokenSet BOS_ONLY = TokenSet.of(BOS);
    static final TokenSet NAME = TokenSet.range(FIRST_NAME, FIRST_NAME + NAMES);
    static final TokenSet LETTER = TokenSet.range(FIRST_LETTER, FIRST_LETTER + LETTERS);
    static final TokenSet NOT_CONTINUATION = TokenSet.range(0, FIRST_CONTINUATION);

    private IoiVocabulary() {}

    /** A readable, unique name per token. */
    public static List<String> tokenNames() {
        var names = new ArrayList<>(List.of("<bos>", "Ann", "Bob", "Cora", "Dan", "Eve", "Finn", "Gail", "Hugo"));
        names.addAll(List.of("unused9", "and", "gave", "to", "A", "B", "C", "D", "yes", "no", "?"));
        for (int token = FIRST_FILLER; token < SIZE; token++) {
            names.add((token < FIRST_CONTINUATION ? "word" : "##part") + token);
        }
        return List.copyOf(names);
    }

    /** Unigram probability of a token, ∝ 1 / (id + 1): what the rare-word head knows. */
    public static double unigramProbability(int token) {
        double total = 0;
        for (int each = 0; each < SIZE; each++) {
            total += 1.0 / (each + 1);
        }
        return 1.0 / (token + 1) / total;
    }
}
