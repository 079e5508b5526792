package dev.patchbay.model.zoo;

import java.util.ArrayList;
import java.util.List;

/** Induction in its smallest form: a previous-token head below a head that looks up what followed last time. */
final class InductionModel {
    private static final double BETA = 60;
    private static final int VOCABULARY = 24;
    private static final int POSITIONS = 64;

    private static final Block TOK = new Block(0, VOCABULARY);
    private static final Block PREV = TOK.next(VOCABULARY);
    private static final Block OUT = PREV.next(VOCABULARY);
    private static final Block POS = OUT.next(POSITIONS);

    private static final Block BY_POSITION = new Block(0, POSITIONS);
    private static final Block BY_TOKEN = new Block(0, VOCABULARY);
    private static final TokenSet ALL = TokenSet.range(0, VOCABULARY);

    private InductionModel() {}

    static ZooModel build(String name, String description) {
        var model = new ModelWeights(
                new ModelWeights.Shape("zoo-induction", 2, POS.end(), 1, 1, POSITIONS, VOCABULARY, POSITIONS, true));
        model.embedTokens(TOK).embedPositions(POS, 0).unembed(OUT);
        model.head(0, 0, "previous token")
                .queryBack(POS, 1, BY_POSITION, BETA)
                .key(POS, BY_POSITION)
                .move(TOK, ALL, PREV, 1);
        model.head(1, 0, "induction")
                .query(TOK, BY_TOKEN, BETA)
                .key(PREV, BY_TOKEN)
                .move(TOK, ALL, OUT, 20);
        var names = new ArrayList<>(List.of("<bos>"));
        ALL.tokens().stream().skip(1).forEach(token -> names.add("word" + token));
        return model.build(name, description, NormVariant.NONE, names);
    }
}
