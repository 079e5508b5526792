package dev.patchbay.analysis.data;

import dev.patchbay.analysis.pairs.LongAnswers;
import dev.patchbay.analysis.pairs.Prompt;
import dev.patchbay.analysis.pairs.PromptPair;
import dev.patchbay.analysis.pairs.PromptPairs;
import dev.patchbay.model.InputException;
import dev.patchbay.model.tokenizer.BosRule;
import dev.patchbay.model.tokenizer.CharSpans;
import dev.patchbay.model.tokenizer.CodePointSpan;
import dev.patchbay.model.tokenizer.Encoding;
import dev.patchbay.model.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Pattern;

/**
 * {@link IoiTask} in English, for models with a tokenizer. Only names that are one token after a space are used, in all
 * places; a pair whose roles do not come out as one token each is an error, not a silent change. One template is one sentence
 * in one order of names, so all its prompts have one length.
 */
public final class IoiText {
    /** {@code A} and {@code B} stand for the first two names, {@code S} for the one that gives. */
    private static final List<String> SENTENCES = List.of(
            "Then, A and B went to the store. S gave a drink to",
            "When A and B had lunch at the cafe, S handed the menu to",
            "After A and B left the school, S sent a letter to",
            "Then, A and B were working at the office. S decided to give a book to");

    private static final List<String> NAMES = List.of(
            "Mary", "John", "Tom", "James", "Dan", "Martin", "Amy", "Anna", "David", "Paul", "Mark", "Sarah", "Peter",
            "Laura", "Kate", "Simon", "Alex", "Emma", "Jack", "Luke", "Alice", "Robert", "George", "Henry", "Michael");

    private static final Pattern ROLE = Pattern.compile("\\b[ABS]\\b");

    /** Two for the clean prompt and three others for the corrupted one. */
    private static final int NAMES_NEEDED = 5;

    private final Tokenizer tokenizer;
    private final BosRule bos;
    private final List<String> names;

    /**
     * The task for a tokenizer.
     *
     * @throws InputException where fewer than five names are one token in context
     */
    public IoiText(Tokenizer tokenizer, BosRule bos) {
        this.tokenizer = tokenizer;
        this.bos = bos;
        names = NAMES.stream().filter(this::isOneToken).toList();
        if (names.size() < NAMES_NEEDED) {
            throw new InputException("task ioi: expected at least " + NAMES_NEEDED
                    + " names that are one token after a space, found " + names.size() + " of " + NAMES.size() + " "
                    + names + "; use a tokenizer with a larger vocabulary");
        }
    }

    /** The names that are used. */
    public List<String> names() {
        return names;
    }

    /**
     * Pairs, going through the sentences with ABBA and BABA alternating.
     *
     * @param count how many
     * @param seed the same seed gives the same pairs on every machine
     */
    public PromptPairs pairs(int count, long seed) {
        IoiTask.checkCount(count);
        // The sequence of java.util.Random is fixed by its specification.
        var random = new Random(seed);
        var pairs = new ArrayList<PromptPair>();
        for (int index = 0; index < count; index++) {
            var shuffled = new ArrayList<>(names);
            Collections.shuffle(shuffled, random);
            pairs.add(pair(index, shuffled));
        }
        return PromptPairs.of(pairs, bos, LongAnswers.REFUSE);
    }

    private PromptPair pair(int index, List<String> chosen) {
        int sentence = index / 2 % SENTENCES.size();
        boolean abba = index % 2 == 0;
        String indirectObject = chosen.get(0);
        String subject = chosen.get(1);
        String text = SENTENCES.get(sentence);
        var clean = filled(text, abba ? indirectObject : subject, abba ? subject : indirectObject, subject);
        var corrupted = filled(text, chosen.get(2), chosen.get(3), chosen.get(4));
        var spans = IoiTask.spans(Map.of(
                "IO", abba ? clean.first() : clean.second(),
                "S1", abba ? clean.second() : clean.first(),
                "S2", clean.giver()));
        if (clean.ids().size() != corrupted.ids().size()) {
            throw new InputException(
                    "task ioi: '" + text + "' has " + clean.ids().size() + " and "
                            + corrupted.ids().size() + " tokens with different names; this tokenizer cannot be used");
        }
        return new PromptPair(
                Integer.toString(index),
                "ioi-" + sentence + (abba ? "-ABBA" : "-BABA"),
                new Prompt(clean.ids(), spans),
                Optional.of(new Prompt(corrupted.ids(), spans)),
                List.of(List.of(answer(indirectObject))),
                List.of(List.of(answer(subject))),
                true);
    }

    /** A prompt and the positions of its names. */
    private record Filled(List<Integer> ids, int first, int second, int giver) {}

    private Filled filled(String sentence, String first, String second, String giver) {
        var text = new StringBuilder();
        var begins = new LinkedHashMap<Character, Integer>();
        var roles = ROLE.matcher(sentence);
        while (roles.find()) {
            char role = sentence.charAt(roles.start());
            roles.appendReplacement(text, "");
            begins.put(role, text.length());
            text.append(role == 'A' ? first : role == 'B' ? second : giver);
        }
        roles.appendTail(text);
        var encoding = bos.encode(tokenizer, text.toString());
        return new Filled(
                encoding.ids(),
                place(encoding, begins, 'A', first),
                place(encoding, begins, 'B', second),
                place(encoding, begins, 'S', giver));
    }

    private static int place(Encoding encoding, Map<Character, Integer> begins, char role, String name) {
        int begin = begins.getOrDefault(role, 0);
        var positions = CharSpans.positions(encoding, new CodePointSpan(begin, begin + name.length()));
        if (positions.size() != 1) {
            throw new InputException(
                    "task ioi: the name '" + name + "' is " + positions.size() + " tokens in a prompt, expected one");
        }
        return positions.getFirst();
    }

    private boolean isOneToken(String name) {
        return tokens(name).size() == 1;
    }

    private int answer(String name) {
        return tokens(name).getFirst();
    }

    /** The tokens of a name behind a word, where every prompt ends. */
    private List<Integer> tokens(String name) {
        var word = tokenizer.encode("to", false).ids();
        var both = tokenizer.encode("to " + name, false).ids();
        return both.size() > word.size() && both.subList(0, word.size()).equals(word)
                ? both.subList(word.size(), both.size())
                : List.of();
    }
}
