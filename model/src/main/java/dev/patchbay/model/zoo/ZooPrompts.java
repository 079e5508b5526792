package dev.patchbay.model.zoo;

import static dev.patchbay.model.zoo.IoiVocabulary.AND;
import static dev.patchbay.model.zoo.IoiVocabulary.BOS;
import static dev.patchbay.model.zoo.IoiVocabulary.FILLERS;
import static dev.patchbay.model.zoo.IoiVocabulary.FIRST_FILLER;
import static dev.patchbay.model.zoo.IoiVocabulary.FIRST_LETTER;
import static dev.patchbay.model.zoo.IoiVocabulary.GAVE;
import static dev.patchbay.model.zoo.IoiVocabulary.LETTER;
import static dev.patchbay.model.zoo.IoiVocabulary.NAME;
import static dev.patchbay.model.zoo.IoiVocabulary.NO;
import static dev.patchbay.model.zoo.IoiVocabulary.NOT_BOS;
import static dev.patchbay.model.zoo.IoiVocabulary.QUESTION;
import static dev.patchbay.model.zoo.IoiVocabulary.TO;
import static dev.patchbay.model.zoo.IoiVocabulary.YES;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Prompts for {@code ioi} and its variants. Random ones follow from their seed alone, on every machine. */
public final class ZooPrompts {
    /** Length of the repeated sequence of {@link #repeat}. */
    public static final int REPEAT_LENGTH = 14;

    private static final int REPEATS = 4;
    private static final int NEEDLE_KEY = 40;
    private static final List<Integer> FILLER =
            TokenSet.range(FIRST_FILLER, FIRST_FILLER + FILLERS).tokens();

    /** Which name comes first. */
    public enum IoiOrder {
        /** IO and S … S gave … to. */
        ABBA,
        /** S and IO … S gave … to. */
        BABA
    }

    private ZooPrompts() {}

    /** BOS, then the fillers 20–33 four times. */
    public static ZooPrompt repeat() {
        return repeat(FILLER.subList(0, REPEAT_LENGTH));
    }

    /** BOS, then 14 different random fillers four times. */
    public static ZooPrompt repeat(long seed) {
        return repeat(new SeededChoice(seed).sample(FILLER, REPEAT_LENGTH));
    }

    private static ZooPrompt repeat(List<Integer> sequence) {
        var prompt = new ZooPrompt.Builder("repeat").add(BOS);
        for (int time = 0; time < REPEATS; time++) {
            prompt.addAll(sequence);
        }
        return prompt.build();
    }

    /** The deterministic prompt: IO = 1, S = 2, fillers 20 and 21. */
    public static ZooPrompt ioi(IoiOrder order) {
        return ioi(order, 1, 2, FIRST_FILLER, FIRST_FILLER + 1);
    }

    /** An indirect-object prompt of nine tokens: the answer is the name that is there once. */
    public static ZooPrompt ioi(IoiOrder order, int indirectObject, int subject, int filler0, int filler1) {
        var prompt = new ZooPrompt.Builder("ioi-" + order).add(BOS);
        switch (order) {
            case ABBA -> prompt.part("IO", indirectObject).add(AND).part("S1", subject);
            case BABA -> prompt.part("S1", subject).add(AND).part("IO", indirectObject);
        }
        return prompt.add(filler0).part("S2", subject).add(GAVE, filler1, TO).build(indirectObject, subject);
    }

    /** Random indirect-object prompts, ABBA and BABA alternating. */
    public static List<ZooPrompt> ioi(long seed, int count) {
        return ioiPairs(seed, count).stream().map(ZooPrompt.Pair::clean).toList();
    }

    /** Random indirect-object prompts with their {@link #abc} corruption. */
    public static List<ZooPrompt.Pair> ioiPairs(long seed, int count) {
        var random = new SeededChoice(seed);
        var pairs = new ArrayList<ZooPrompt.Pair>();
        for (int index = 0; index < count; index++) {
            var names = random.sample(NAME.tokens(), 5);
            var fillers = random.sample(FILLER, 2);
            var order = index % 2 == 0 ? IoiOrder.ABBA : IoiOrder.BABA;
            var clean = ioi(order, names.get(0), names.get(1), fillers.get(0), fillers.get(1));
            pairs.add(new ZooPrompt.Pair(clean, abc(clean, names.get(2), names.get(3), names.get(4))));
        }
        return List.copyOf(pairs);
    }

    /** An indirect-object prompt with its three names replaced by three different ones: nothing decides the answer. */
    public static ZooPrompt abc(ZooPrompt ioi, int first, int second, int third) {
        return ioi.with(Map.of(1, first, 3, second, 5, third));
    }

    /** A yes/no question in fixed order: yes at 3, no at 5, "?" at 8. */
    public static ZooPrompt yesNo() {
        return new ZooPrompt.Builder("yes-no")
                .add(BOS, 25, 26)
                .part("YES", YES)
                .add(30)
                .part("NO", NO)
                .add(31, 32, QUESTION)
                .build();
    }

    /** Yes/no questions whose order alternates: answers at 3 and 5, "?" at 10. */
    public static List<ZooPrompt> yesNo(long seed, int count) {
        var random = new SeededChoice(seed);
        var prompts = new ArrayList<ZooPrompt>();
        for (int index = 0; index < count; index++) {
            boolean yesFirst = index % 2 == 0;
            var fillers = random.sample(FILLER, 7);
            prompts.add(new ZooPrompt.Builder(yesFirst ? "yes-no" : "no-yes")
                    .add(BOS)
                    .addAll(fillers.subList(0, 2))
                    .part(yesFirst ? "YES" : "NO", yesFirst ? YES : NO)
                    .add(fillers.get(2))
                    .part(yesFirst ? "NO" : "YES", yesFirst ? NO : YES)
                    .addAll(fillers.subList(3, 7))
                    .add(QUESTION)
                    .build());
        }
        return List.copyOf(prompts);
    }

    /** Four options in fixed order: letters at 1, 3, 5, 7, "?" at 9. */
    public static ZooPrompt multipleChoice() {
        var prompt = new ZooPrompt.Builder("multiple-choice").add(BOS);
        for (int letter = 0; letter < LETTER.tokens().size(); letter++) {
            prompt.part("ABCD".substring(letter, letter + 1), FIRST_LETTER + letter)
                    .add(25 + letter);
        }
        return prompt.add(QUESTION).build();
    }

    /** Options in random order, each followed by one to three fillers; then one filler once or twice; "?". */
    public static List<ZooPrompt> multipleChoice(long seed, int count) {
        var random = new SeededChoice(seed);
        var prompts = new ArrayList<ZooPrompt>();
        for (int index = 0; index < count; index++) {
            var prompt = new ZooPrompt.Builder("multiple-choice-shuffled").add(BOS);
            for (int letter : random.sample(LETTER.tokens(), LETTER.tokens().size())) {
                int place = letter - FIRST_LETTER;
                prompt.part("ABCD".substring(place, place + 1), letter)
                        .addAll(random.sample(FILLER, random.between(1, 3)));
            }
            int last = FILLER.get(random.below(FILLERS));
            prompts.add(prompt.add(last)
                    .addAll(random.below(2) == 0 ? List.of() : List.of(last))
                    .add(QUESTION)
                    .build());
        }
        return List.copyOf(prompts);
    }

    /** BOS and 40 different random tokens: for the rare-word and subword heads. */
    public static ZooPrompt rare(long seed) {
        return new ZooPrompt.Builder("rare")
                .add(BOS)
                .addAll(new SeededChoice(seed).sample(NOT_BOS.tokens(), 40))
                .build();
    }

    /**
     * A needle in a haystack: the key word and four words after it, hay before and behind, and the key word again; the model
     * goes on with the four words, at positions {@code NEEDLE}.
     */
    public static ZooPrompt needle(long seed) {
        var random = new SeededChoice(seed);
        int before = random.between(1, 8);
        int behind = random.between(1, 10);
        var words = FILLER.stream().filter(token -> token != NEEDLE_KEY).toList();
        var chosen = random.sample(words, before + 4 + behind);
        var prompt = new ZooPrompt.Builder("needle")
                .add(BOS)
                .addAll(chosen.subList(4, 4 + before))
                .part("KEY", NEEDLE_KEY);
        chosen.subList(0, 4).forEach(word -> prompt.part("NEEDLE", word));
        return prompt.addAll(chosen.subList(4 + before, chosen.size()))
                .add(NEEDLE_KEY)
                .build();
    }
}
