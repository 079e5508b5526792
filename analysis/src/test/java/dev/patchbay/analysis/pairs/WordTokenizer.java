package dev.patchbay.analysis.pairs;

import dev.patchbay.model.tokenizer.CodePointSpan;
import dev.patchbay.model.tokenizer.Encoding;
import dev.patchbay.model.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/** A tokenizer of four words, each with the space before it; other words are one unknown token. */
record WordTokenizer() implements Tokenizer {
    private static final List<String> WORDS = List.of("<bos>", "ann", "bob", "met", "<unknown>");
    private static final Pattern WORD = Pattern.compile(" ?[^ ]+");

    @Override
    public Encoding encode(String text, boolean addSpecialTokens) {
        var ids = new ArrayList<Integer>();
        var offsets = new ArrayList<CodePointSpan>();
        if (addSpecialTokens) {
            ids.add(0);
            offsets.add(new CodePointSpan(0, 0));
        }
        var words = WORD.matcher(text);
        while (words.find()) {
            int known = WORDS.indexOf(words.group().strip());
            ids.add(known < 0 ? 4 : known);
            offsets.add(new CodePointSpan(words.start(), words.end()));
        }
        return new Encoding(ids, ids.stream().map(WORDS::get).toList(), offsets);
    }

    @Override
    public String decode(List<Integer> ids, boolean skipSpecialTokens) {
        return String.join(" ", ids.stream().map(WORDS::get).toList());
    }

    @Override
    public int vocabularySize() {
        return WORDS.size();
    }

    @Override
    public Optional<String> tokenText(int id) {
        return Optional.of(WORDS.get(id));
    }

    @Override
    public List<Integer> templatePrefix() {
        return List.of(0);
    }

    @Override
    public List<Integer> templateSuffix() {
        return List.of();
    }

    @Override
    public OptionalInt bosToken() {
        return OptionalInt.of(0);
    }

    @Override
    public String digest() {
        return "";
    }

    @Override
    public void close() {}
}
