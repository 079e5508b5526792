package dev.patchbay.model.zoo;

import static dev.patchbay.model.zoo.IoiVocabulary.ALL;
import static dev.patchbay.model.zoo.IoiVocabulary.BOS;
import static dev.patchbay.model.zoo.IoiVocabulary.BOS_ONLY;
import static dev.patchbay.model.zoo.IoiVocabulary.FIRST_LETTER;
import static dev.patchbay.model.zoo.IoiVocabulary.LETTER;
import static dev.patchbay.model.zoo.IoiVocabulary.NAME;
import static dev.patchbay.model.zoo.IoiVocabulary.NO;
import static dev.patchbay.model.zoo.IoiVocabulary.NOT_BOS;
import static dev.patchbay.model.zoo.IoiVocabulary.NOT_CONTINUATION;
import static dev.patchbay.model.zoo.IoiVocabulary.QUESTION;
import static dev.patchbay.model.zoo.IoiVocabulary.SIZE;
import static dev.patchbay.model.zoo.IoiVocabulary.TO;
import static dev.patchbay.model.zoo.IoiVocabulary.YES;

/**
 * The main zoo: four layers of eight heads, attention only, with an indirect-object circuit (duplicate token →
 * S-inhibition → name movers, their backup, copy suppression), induction, label heads, and decoys that fool careless
 * detectors.
 */
final class IoiModel {
    /** Sharpness: a match scores β, so softmax is saturated or exactly tied. */
    private static final double BETA = 40;

    private static final int HEADS = 8;
    private static final int HEAD_SIZE = 128;

    private static final Block TOK = new Block(0, SIZE);
    private static final Block POS = TOK.next(SIZE);
    private static final Block PREV = POS.next(SIZE);
    private static final Block DUP = PREV.next(SIZE);
    private static final Block INH = DUP.next(SIZE);
    private static final Block OUT = INH.next(SIZE);
    private static final int WIDTH = OUT.end() + 24;

    /** The two one-hot spaces inside a head, the dimension of flags and that of the sink. */
    private static final Block A = new Block(0, SIZE);

    private static final Block B = A.next(SIZE);
    private static final int FLAG = 120;
    private static final int REST = 127;

    private static final TokenSet AT_TO = TokenSet.of(TO);
    private static final TokenSet AT_QUESTION = TokenSet.of(QUESTION);

    /**
     * What the heads that write the answer write.
     *
     * @param backupGate how strongly a name already in OUT drives the backup name mover to rest
     */
    record Gains(double nameMover, double negativeMover, double backup, double backupGate, double suppression) {
        static final Gains PLAIN = new Gains(2.0, -0.3, 0.5, 2 * BETA, -0.2);
        static final Gains STRONG_REPAIR = new Gains(1.0, -0.3, 0.8, 4 * BETA, -0.5);
    }

    private final ModelWeights model;
    private final boolean grouped;

    private IoiModel(boolean grouped) {
        this.grouped = grouped;
        this.model = new ModelWeights(new ModelWeights.Shape(
                "zoo-ioi", 4, WIDTH, grouped ? 2 * HEADS : HEADS, HEADS, HEAD_SIZE, SIZE, SIZE, true));
    }

    /**
     * The model.
     *
     * @param grouped whether two query heads share each key/value head: head h becomes query head 2h, except that the
     *     negative name mover becomes 2.1 and shares keys and values with the name mover
     */
    static ZooModel build(String name, String description, Gains gains, boolean grouped, NormVariant norm) {
        var zoo = new IoiModel(grouped);
        zoo.model.embedTokens(TOK).embedPositions(POS, 0).unembed(OUT);
        zoo.writeLayer0();
        zoo.writeLayer1();
        zoo.writeAnswerHeads(gains);
        return zoo.model.build(name, description, norm, IoiVocabulary.tokenNames());
    }

    private HeadWeights head(int layer, int head, String role) {
        return grouped ? model.head(layer, 2 * head, head, role) : model.head(layer, head, role);
    }

    private static HeadWeights resting(HeadWeights head, double weight) {
        return head.sink(TOK, BOS_ONLY, REST, weight);
    }

    private void writeLayer0() {
        resting(head(0, 0, "previous token"), BETA / 2)
                .queryBack(POS, 1, A, BETA)
                .key(POS, A)
                .move(TOK, ALL, PREV, 1);
        duplicate(head(0, 1, "duplicate token")).move(TOK, NOT_BOS, DUP, 1);
        resting(head(0, 2, "decoy, offset −2"), BETA / 2)
                .queryBack(POS, 2, A, BETA)
                .key(POS, A);
        resting(head(0, 3, "BOS sink"), BETA);
        head(0, 4, "uniform");
        var rare = head(0, 5, "rare words").queryFlag(TOK, ALL, FLAG, 6);
        for (int token = 0; token < SIZE; token++) {
            double weight = token == BOS ? -5 : -Math.log(IoiVocabulary.unigramProbability(token));
            rare.keyFlag(TOK, TokenSet.of(token), FLAG, weight);
        }
        head(0, 6, "current token").query(POS, A, BETA).key(POS, A);
        head(0, 7, "subword merge")
                .queryBack(POS, 1, A, BETA)
                .key(POS, A)
                .queryFlag(TOK, NOT_CONTINUATION, REST, 2 * BETA)
                .keyFlag(TOK, BOS_ONLY, REST, 1)
                .move(TOK, ALL, DUP, 0);
    }

    private void writeLayer1() {
        resting(head(1, 0, "induction, retrieval"), BETA / 2)
                .query(TOK, A, BETA)
                .key(PREV, A)
                .move(TOK, NOT_BOS, OUT, 1);
        resting(head(1, 1, "S-inhibition"), BETA / 2)
                .queryFlag(TOK, AT_TO, FLAG, BETA)
                .keyFlag(DUP, NAME, FLAG, 1)
                .move(DUP, ALL, INH, 1);
        question(head(1, 2, "constant: all option letters")).keyFlag(TOK, LETTER, FLAG, 1);
        question(head(1, 3, "single letter: B")).keyFlag(TOK, TokenSet.of(FIRST_LETTER + 1), FLAG, 1);
        question(head(1, 4, "negative: no before yes"))
                .keyFlag(TOK, TokenSet.of(NO), FLAG, 1)
                .keyFlag(TOK, TokenSet.of(YES), FLAG, 0.93);
        duplicate(head(1, 5, "echo: duplicate token without output"));
    }

    private void writeAnswerHeads(Gains gains) {
        nameMover(head(2, 0, "name mover")).move(TOK, NAME, OUT, gains.nameMover());
        String negative = "negative name mover";
        nameMover(grouped ? model.head(2, 1, 0, negative) : model.head(2, 1, negative))
                .move(TOK, NAME, OUT, gains.negativeMover());
        nameMover(head(3, 0, "backup name mover"))
                .queryFlag(OUT, NAME, REST, gains.backupGate())
                .move(TOK, NAME, OUT, gains.backup());
        resting(head(3, 1, "copy suppression"), BETA / 4)
                .query(OUT, A, BETA)
                .key(TOK, A)
                .move(TOK, NOT_BOS, OUT, gains.suppression());
    }

    /** Attends to earlier copies of the token, never to itself. */
    private static HeadWeights duplicate(HeadWeights head) {
        return resting(head, BETA / 2)
                .query(TOK, A, BETA)
                .query(POS, B, -2 * BETA)
                .key(TOK, A)
                .key(POS, B);
    }

    /** Attends from "?". */
    private static HeadWeights question(HeadWeights head) {
        return resting(head, BETA / 2).queryFlag(TOK, AT_QUESTION, FLAG, BETA);
    }

    /** Attends from "to" to the names that are not inhibited. */
    private static HeadWeights nameMover(HeadWeights head) {
        return resting(head, BETA / 2)
                .queryFlag(TOK, AT_TO, FLAG, BETA)
                .query(INH, A, -2 * BETA)
                .keyFlag(TOK, NAME, FLAG, 1)
                .key(TOK, A);
    }
}
