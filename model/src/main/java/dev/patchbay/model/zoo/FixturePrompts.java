package dev.patchbay.model.zoo;

import dev.patchbay.model.zoo.ZooPrompt.Pair;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Prompts for {@code facts}, {@code induction}, {@code function-vector} and {@code ioi-mini}. */
public final class FixturePrompts {
    private static final int INDUCTION_PERIOD = 20;
    private static final int EXAMPLES = 5;

    private FixturePrompts() {}

    /**
     * {@code BOS s R a . s R END}: the model remembers the attribute of subject s (the answer) and reads a (the wrong one).
     *
     * @param subject 0 to 9
     * @param contextAttribute 0 to 9, another than the subject's
     */
    public static ZooPrompt facts(int subject, int contextAttribute) {
        if (subject == contextAttribute) {
            throw new IllegalArgumentException("memory and context agree on attribute " + subject);
        }
        int subjectToken = FactModel.FIRST_SUBJECT + subject;
        int context = FactModel.FIRST_ATTRIBUTE + contextAttribute;
        return new ZooPrompt.Builder("facts")
                .add(FactModel.BOS)
                .part("SUBJECT", subjectToken)
                .part("RELATION", FactModel.RELATION)
                .part("CONTEXT", context)
                .add(FactModel.STOP)
                .part("SUBJECT", subjectToken)
                .part("RELATION", FactModel.RELATION)
                .add(FactModel.END)
                .build(FactModel.FIRST_ATTRIBUTE + subject, context);
    }

    /** A facts prompt with one part, {@code SUBJECT} or {@code CONTEXT}, made unknown everywhere. */
    public static ZooPrompt unknown(ZooPrompt facts, String part) {
        var unknown = new HashMap<Integer, Integer>();
        facts.positions().getOrDefault(part, List.of()).forEach(at -> unknown.put(at, FactModel.UNKNOWN));
        return facts.with(unknown);
    }

    /** BOS, then 20 different random tokens three times. */
    public static ZooPrompt induction(long seed) {
        var sequence = new SeededChoice(seed).sample(TokenSet.range(1, 24).tokens(), INDUCTION_PERIOD);
        return new ZooPrompt.Builder("induction")
                .add(0)
                .addAll(sequence)
                .addAll(sequence)
                .addAll(sequence)
                .build();
    }

    /**
     * The deterministic function-vector prompt: items 0 to 4 with labels, then item 5. The answer is what task 1 gives, the
     * wrong token what task 0 gives.
     *
     * @param ofTaskOne how many of the five labels, the first ones, belong to task 1
     */
    public static ZooPrompt functionVector(int ofTaskOne) {
        var tasks = new ArrayList<Integer>();
        for (int example = 0; example < EXAMPLES; example++) {
            tasks.add(example < ofTaskOne ? 1 : 0);
        }
        return functionVector(List.of(0, 1, 2, 3, 4, 5), tasks);
    }

    /**
     * Random function-vector prompts: clean ones whose labels are all of task 1, each with its corruption, where every label
     * is of a task drawn at random.
     */
    public static List<Pair> functionVector(long seed, int count) {
        var random = new SeededChoice(seed);
        var pairs = new ArrayList<Pair>();
        for (int index = 0; index < count; index++) {
            var items =
                    random.sample(TokenSet.range(0, FunctionVectorModel.ITEMS).tokens(), EXAMPLES + 1);
            var shuffled = new ArrayList<Integer>();
            for (int example = 0; example < EXAMPLES; example++) {
                shuffled.add(random.below(FunctionVectorModel.TASKS));
            }
            pairs.add(new Pair(functionVector(items, List.of(1, 1, 1, 1, 1)), functionVector(items, shuffled)));
        }
        return List.copyOf(pairs);
    }

    private static ZooPrompt functionVector(List<Integer> items, List<Integer> tasks) {
        var prompt = new ZooPrompt.Builder("function-vector");
        for (int example = 0; example < EXAMPLES; example++) {
            int item = items.get(example);
            prompt.add(item).part("LABEL", FunctionVectorModel.label(tasks.get(example), item));
        }
        int query = items.get(EXAMPLES);
        return prompt.part("QUERY", query)
                .add(FunctionVectorModel.QUERY)
                .build(FunctionVectorModel.shifted(1, query), FunctionVectorModel.shifted(0, query));
    }

    /** The prompt of {@code ioi-mini} and its corruption, where a third name stands in the place of the second S. */
    public static Pair ioiMini() {
        var clean = new ZooPrompt.Builder("ioi-mini")
                .add(0)
                .part("IO", 2)
                .add(7)
                .part("S1", 4)
                .add(8)
                .part("S2", 4)
                .add(9, 10)
                .build(2, 4);
        return new Pair(clean, clean.with(Map.of(clean.position("S2"), 5)));
    }
}
