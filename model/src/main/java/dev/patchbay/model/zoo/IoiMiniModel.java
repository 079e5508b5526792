package dev.patchbay.model.zoo;

import java.util.List;

/** The indirect-object circuit in three layers of one head: duplicate token, S-inhibition through queries, name mover. */
final class IoiMiniModel {
    private static final double BETA = 40;
    private static final int VOCABULARY = 12;
    private static final int POSITIONS = 16;

    private static final Block TOK = new Block(0, VOCABULARY);
    private static final Block POS = TOK.next(POSITIONS);
    private static final Block IS_NAME = POS.next(1);
    private static final Block DUP = IS_NAME.next(1);
    private static final Block SNAME = DUP.next(VOCABULARY);
    private static final Block OUT = SNAME.next(VOCABULARY);

    /** Inside a head: two one-hot spaces, a flag and the sink. */
    private static final Block A = new Block(0, VOCABULARY);

    private static final Block B = A.next(POSITIONS);
    private static final int FLAG = B.end();
    private static final int REST = FLAG + 1;
    private static final int HEAD_SIZE = 32;

    private static final TokenSet BOS = TokenSet.of(0);
    private static final TokenSet NAME = TokenSet.range(1, 7);
    private static final TokenSet TO = TokenSet.of(10);
    private static final TokenSet ONLY = TokenSet.of(0);

    private IoiMiniModel() {}

    static ZooModel build(String name, String description) {
        var model = new ModelWeights(
                new ModelWeights.Shape("zoo-ioi-mini", 3, OUT.end(), 1, 1, HEAD_SIZE, VOCABULARY, POSITIONS, true));
        model.embedTokens(TOK)
                .embedFlag(NAME, IS_NAME.begin())
                .embedPositions(POS, 0)
                .unembed(OUT);
        var duplicate = model.head(0, 0, "duplicate token")
                .sink(TOK, BOS, REST, BETA / 2)
                .query(POS, B, -3 * BETA)
                .key(TOK, A)
                .key(POS, B)
                .move(IS_NAME, ONLY, DUP, 1);
        for (int token : NAME.tokens()) {
            duplicate.queryFlag(TOK, TokenSet.of(token), A.at(token), BETA);
        }
        model.head(1, 0, "S-inhibition")
                .queryFlag(TOK, TO, FLAG, BETA)
                .keyFlag(DUP, ONLY, FLAG, 1)
                .queryFlag(TOK, TO, REST, BETA / 2)
                .keyFlag(TOK, BOS, REST, 1)
                .move(TOK, NAME, SNAME, 1);
        model.head(2, 0, "name mover")
                .queryFlag(TOK, TO, FLAG, BETA)
                .keyFlag(IS_NAME, ONLY, FLAG, 1)
                .query(SNAME, A, -2 * BETA)
                .key(TOK, A)
                .move(TOK, NAME, OUT, 20);
        return model.build(
                name,
                description,
                NormVariant.NONE,
                List.of("<bos>", "Ann", "Bob", "Cora", "Dan", "Eve", "Finn", "and", "went", "gave", "to", "unused11"));
    }
}
