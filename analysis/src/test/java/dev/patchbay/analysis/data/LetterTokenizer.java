package dev.patchbay.analysis.data;

import dev.patchbay.model.tokenizer.CodePointSpan;
import dev.patchbay.model.tokenizer.Encoding;
import dev.patchbay.model.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/** A tokenizer that numbers words as they come, each with the space before it, and splits "Sarah" in two. */
final class LetterTokenizer implements Tokenizer {
    private static final Pattern WORD = Pattern.compile(" ?(?:Sar|ah\\b|[A-Za-z]+|[,.])");
    private final List<String> words = new ArrayList<>();

    LetterTokenizer() {}

    String word(int id) {
        return words.get(id);
    }

    @Override
    public Encoding encode(String text, boolean addSpecialTokens) {
        var ids = new ArrayList<Integer>();
        var offsets = new ArrayList<CodePointSpan>();
        var found = WORD.matcher(text);
        while (found.find()) {
            String word = found.group().strip();
            if (!words.contains(word)) {
                words.add(word);
            }
            ids.add(words.indexOf(word));
            offsets.add(new CodePointSpan(found.start(), found.end()));
        }
        return new Encoding(ids, ids.stream().map(words::get).toList(), offsets);
    }

    @Override
    public String decode(List<Integer> ids, boolean skipSpecialTokens) {
        return String.join(" ", ids.stream().map(words::get).toList());
    }

    @Override
    public int vocabularySize() {
        return words.size();
    }

    @Override
    public Optional<String> tokenText(int id) {
        return Optional.of(words.get(id));
    }

    @Override
    public List<Integer> templatePrefix() {
        return List.of();
    }

    @Override
    public List<Integer> templateSuffix() {
        return List.of();
    }

    @Override
    public OptionalInt bosToken() {
        return OptionalInt.empty();
    }

    @Override
    public String digest() {
        return "";
    }

    @Override
    public void close() {}
}
