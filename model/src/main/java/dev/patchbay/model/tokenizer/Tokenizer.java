package dev.patchbay.model.tokenizer;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Text to token ids and back. Nothing is cut off and nothing is padded. Implementations may be used by any number of
 * threads at once; after {@link #close} every call is an {@link IllegalStateException}.
 */
public interface Tokenizer extends AutoCloseable {
    /** Longest text that is encoded, in UTF-16 units: 1 Mi, which costs the library about two seconds at worst. */
    int LONGEST_TEXT = 1 << 20;

    /**
     * Encodes a text.
     *
     * @param addSpecialTokens whether the tokenizer's template applies (BOS, EOS)
     * @throws dev.patchbay.model.InputException where the text is longer than {@link #LONGEST_TEXT} or holds half of a
     *     surrogate pair
     */
    Encoding encode(String text, boolean addSpecialTokens);

    /**
     * The text of token ids.
     *
     * @param skipSpecialTokens whether special tokens are left out
     * @throws dev.patchbay.model.InputException where an id has no token
     */
    String decode(List<Integer> ids, boolean skipSpecialTokens);

    /** One past the largest id that has a token. A model may have more rows than this. */
    int vocabularySize();

    /** A token as the vocabulary spells it, empty where the id has none (a padded row of the embedding). */
    Optional<String> tokenText(int id);

    /** What the template puts before every text. */
    List<Integer> templatePrefix();

    /** What the template puts behind every text. */
    List<Integer> templateSuffix();

    /** The beginning-of-sequence token: the first of the template, else the one the tokenizer's configuration names. */
    OptionalInt bosToken();

    /** SHA-256 of the file this tokenizer was made from, in hexadecimal. */
    String digest();

    /** Frees the tokenizer; doing it twice is allowed. */
    @Override
    void close();
}
