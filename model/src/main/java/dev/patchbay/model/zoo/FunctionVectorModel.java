package dev.patchbay.model.zoo;

import java.util.ArrayList;
import java.util.List;

/**
 * A function-vector head: examples "item label" tell which of two cyclic shifts is asked for, one head averages the task of
 * the labels, another copies the item of the query, and a ReLU layer applies the task to the item.
 */
final class FunctionVectorModel {
    static final int ITEMS = 6;
    static final int TASKS = 2;
    static final int QUERY = ITEMS + TASKS * ITEMS;

    private static final int VOCABULARY = QUERY + 1;
    private static final int POSITIONS = 32;
    private static final int POSITION_DIMENSIONS = 64;
    private static final int FIRST_POSITION = 8;

    /** Logit of the tokens that are no answer, so that probabilities are those over the items. */
    private static final double NEVER = -100;

    private static final Block X = new Block(0, ITEMS);
    private static final Block Y = X.next(ITEMS);
    private static final Block TASK = Y.next(TASKS);
    private static final Block IS_QUERY = TASK.next(1);
    private static final Block POS = IS_QUERY.next(POSITION_DIMENSIONS);
    private static final Block OUT = POS.next(ITEMS);

    /** The task of a label, kept in the first dimensions of POS, which no position uses. */
    private static final Block LABEL_TASK = new Block(POS.begin(), TASKS);

    private static final Block BY_POSITION = new Block(0, POSITION_DIMENSIONS);

    private FunctionVectorModel() {}

    /** The label of item {@code x} in task {@code task}. */
    static int label(int task, int x) {
        return ITEMS + task * ITEMS + shifted(task, x);
    }

    /** Task k maps x to x + 1 + k, modulo the number of items. */
    static int shifted(int task, int x) {
        return (x + 1 + task) % ITEMS;
    }

    static ZooModel build(String name, String description) {
        var model = new ModelWeights(new ModelWeights.Shape(
                "zoo-function-vector", 1, OUT.end(), 2, 2, POSITION_DIMENSIONS, VOCABULARY, POSITIONS, true));
        embed(model);
        model.unembed(OUT).unembedBias(TokenSet.range(ITEMS, VOCABULARY), NEVER);
        model.head(0, 0, "function vector: averages the labels' task")
                .queryFlag(IS_QUERY, TokenSet.of(0), 0, 40)
                .keyFlag(LABEL_TASK, TokenSet.range(0, TASKS), 0, 1)
                .move(LABEL_TASK, TokenSet.range(0, TASKS), TASK, 1);
        model.head(0, 1, "copies the query item")
                .queryBack(POS, 1, BY_POSITION, 60)
                .key(POS, BY_POSITION)
                .move(X, TokenSet.range(0, ITEMS), X, 1);
        applyTask(model);
        return model.build(name, description, NormVariant.NONE, tokenNames());
    }

    private static void embed(ModelWeights model) {
        for (int item = 0; item < ITEMS; item++) {
            model.embedFlag(TokenSet.of(item), X.at(item));
            for (int task = 0; task < TASKS; task++) {
                var label = TokenSet.of(ITEMS + task * ITEMS + item);
                model.embedFlag(label, Y.at(item)).embedFlag(label, LABEL_TASK.at(task));
            }
        }
        model.embedFlag(TokenSet.of(QUERY), IS_QUERY.begin()).embedPositions(POS, FIRST_POSITION);
    }

    /** One ReLU unit a task and item: on where both are present. */
    private static void applyTask(ModelWeights model) {
        model.reluMlp(0, TASKS * ITEMS);
        for (int task = 0; task < TASKS; task++) {
            for (int item = 0; item < ITEMS; item++) {
                int unit = task * ITEMS + item;
                model.matrix("layers.0.mlp.in.weight").set(TASK.at(task), unit, 1);
                model.matrix("layers.0.mlp.in.weight").set(X.at(item), unit, 1);
                model.matrix("layers.0.mlp.in.bias").set(0, unit, -1);
                model.matrix("layers.0.mlp.out.weight").set(unit, OUT.at(shifted(task, item)), 10);
            }
        }
    }

    private static List<String> tokenNames() {
        var names = new ArrayList<String>();
        for (int item = 0; item < ITEMS; item++) {
            names.add("item" + item);
        }
        for (int label = 0; label < TASKS * ITEMS; label++) {
            names.add("task" + label / ITEMS + "=" + label % ITEMS);
        }
        names.add(":");
        return names;
    }
}
