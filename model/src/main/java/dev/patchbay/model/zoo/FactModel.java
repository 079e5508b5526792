package dev.patchbay.model.zoo;

import java.util.ArrayList;
import java.util.List;

/**
 * Factual recall in one layer: a memory head (subject → attribute), a context head (copies the attribute in the prompt), a
 * relation head (relation → every attribute), a mixed head, and two that do nothing.
 */
final class FactModel {
    static final int VOCABULARY = 64;
    static final int BOS = 0;
    static final int FIRST_SUBJECT = 20;
    static final int FACTS = 10;
    static final int FIRST_ATTRIBUTE = FIRST_SUBJECT + FACTS;
    static final int RELATION = 40;
    static final int END = 41;
    static final int STOP = 42;
    static final int UNKNOWN = 43;

    private static final double BETA = 30;
    private static final Block TOK = new Block(0, VOCABULARY);
    private static final Block OUT = TOK.next(VOCABULARY);
    private static final int FLAG = 64;
    private static final int REST = 65;
    private static final int HEAD_SIZE = 72;
    private static final int LONGEST = 64;

    private static final TokenSet SUBJECTS = TokenSet.range(FIRST_SUBJECT, FIRST_ATTRIBUTE);
    private static final TokenSet ATTRIBUTES = TokenSet.range(FIRST_ATTRIBUTE, FIRST_ATTRIBUTE + FACTS);
    private static final TokenSet AT_RELATION = TokenSet.of(RELATION);

    private FactModel() {}

    static ZooModel build(String name, String description) {
        var model = new ModelWeights(
                new ModelWeights.Shape("zoo-facts", 1, OUT.end(), 6, 6, HEAD_SIZE, VOCABULARY, LONGEST, false));
        model.embedTokens(TOK).unembed(OUT);
        recall(attending(model.head(0, 0, "memory: subject → attribute"), SUBJECTS))
                .output(OUT, 4);
        attending(model.head(0, 1, "context: copies the attribute in the prompt"), ATTRIBUTES)
                .move(TOK, ATTRIBUTES, OUT, 4);
        relate(attending(model.head(0, 2, "relation → all attributes"), AT_RELATION))
                .output(OUT, 2);
        var mixed = model.head(0, 3, "mixed: memory and relation");
        relate(recall(attending(attending(mixed, SUBJECTS), AT_RELATION))).output(OUT, 4);
        attending(model.head(0, 4, "decoy: attends to subjects, writes nothing"), SUBJECTS);
        model.head(0, 5, "uniform");
        return model.build(name, description, NormVariant.NONE, tokenNames());
    }

    /** Attends from END to {@code keys}, else rests on BOS. */
    private static HeadWeights attending(HeadWeights head, TokenSet keys) {
        return head.queryFlag(TOK, TokenSet.of(END), FLAG, BETA)
                .keyFlag(TOK, keys, FLAG, 1)
                .sink(TOK, TokenSet.of(BOS), REST, BETA / 2);
    }

    private static HeadWeights recall(HeadWeights head) {
        SUBJECTS.tokens().forEach(subject -> head.value(TOK, subject, subject + FACTS));
        return head;
    }

    private static HeadWeights relate(HeadWeights head) {
        ATTRIBUTES.tokens().forEach(attribute -> head.value(TOK, RELATION, attribute));
        return head;
    }

    private static List<String> tokenNames() {
        var names = new ArrayList<String>();
        for (int token = 0; token < VOCABULARY; token++) {
            names.add(
                    switch (token) {
                        case BOS -> "<bos>";
                        case RELATION -> "relation";
                        case END -> "<end>";
                        case STOP -> ".";
                        case UNKNOWN -> "unknown";
                        default ->
                            SUBJECTS.tokens().contains(token)
                                    ? "subject" + (token - FIRST_SUBJECT)
                                    : ATTRIBUTES.tokens().contains(token)
                                            ? "attribute" + (token - FIRST_ATTRIBUTE)
                                            : "unused" + token;
                    });
        }
        return names;
    }
}
