package dev.patchbay.model.tokenizer;

import java.util.ArrayList;
import java.util.List;

/**
 * A text as tokens: three lists of one length.
 *
 * @param ids token ids
 * @param tokens the tokens as the vocabulary spells them; an unknown token as the text it stands for
 * @param offsets which characters of the text, before normalisation, each token came from; tokens of one character that is
 *     split into bytes share its span
 */
public record Encoding(List<Integer> ids, List<String> tokens, List<CodePointSpan> offsets) {
    /** Copies the lists and checks that they are of one length. */
    public Encoding {
        ids = List.copyOf(ids);
        tokens = List.copyOf(tokens);
        offsets = List.copyOf(offsets);
        if (ids.size() != tokens.size() || ids.size() != offsets.size()) {
            throw new IllegalArgumentException(
                    ids.size() + " ids, " + tokens.size() + " tokens, " + offsets.size() + " offsets");
        }
    }

    /** Number of tokens. */
    public int length() {
        return ids.size();
    }

    /** This encoding behind one token that is not in the text. */
    Encoding after(int id, String token) {
        var allIds = new ArrayList<Integer>(List.of(id));
        allIds.addAll(ids);
        var allTokens = new ArrayList<>(List.of(token));
        allTokens.addAll(tokens);
        var allOffsets = new ArrayList<>(List.of(new CodePointSpan(0, 0)));
        allOffsets.addAll(offsets);
        return new Encoding(allIds, allTokens, allOffsets);
    }
}
