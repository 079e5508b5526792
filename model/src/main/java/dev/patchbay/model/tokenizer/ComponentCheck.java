package dev.patchbay.model.tokenizer;

import dev.patchbay.model.InputException;
import dev.patchbay.model.checkpoint.Json;
import dev.patchbay.model.input.Names;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The parts of a tokenizer file that may reach the native library: known types, published regular expressions. */
final class ComponentCheck {
    /** The places for components. */
    enum Place {
        NORMALIZER,
        PRE_TOKENIZER,
        POST_PROCESSOR,
        DECODER;

        /** What a Sequence in this place calls its list. */
        String listName() {
            return switch (this) {
                case NORMALIZER -> "normalizers";
                case PRE_TOKENIZER -> "pretokenizers";
                case POST_PROCESSOR -> "processors";
                case DECODER -> "decoders";
            };
        }

        /**
         * The types that may stand here. Precompiled normalizers are not among them: the library trusts the trie in them.
         */
        Set<String> types() {
            return switch (this) {
                case NORMALIZER ->
                    Set.of(
                            "BertNormalizer",
                            "Strip",
                            "StripAccents",
                            "NFC",
                            "NFD",
                            "NFKC",
                            "NFKD",
                            "Lowercase",
                            "Nmt",
                            "Replace",
                            "Prepend",
                            "ByteLevel");
                case PRE_TOKENIZER ->
                    Set.of(
                            "BertPreTokenizer",
                            "ByteLevel",
                            "CharDelimiterSplit",
                            "Metaspace",
                            "Whitespace",
                            "WhitespaceSplit",
                            "Split",
                            "Punctuation",
                            "Digits",
                            "UnicodeScripts");
                case POST_PROCESSOR -> Set.of("RobertaProcessing", "BertProcessing", "ByteLevel", "TemplateProcessing");
                case DECODER ->
                    Set.of(
                            "BPEDecoder",
                            "ByteLevel",
                            "WordPiece",
                            "Metaspace",
                            "CTC",
                            "Replace",
                            "Fuse",
                            "Strip",
                            "ByteFallback");
            };
        }

        /** The name as files spell it. */
        String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** The place with this name in a file. */
        static Optional<Place> named(String name) {
            for (var place : values()) {
                if (place.label().equals(name)) {
                    return Optional.of(place);
                }
            }
            return Optional.empty();
        }
    }

    private final String where;
    private final boolean allowAnyRegex;

    ComponentCheck(String where, boolean allowAnyRegex) {
        this.where = where;
        this.allowAnyRegex = allowAnyRegex;
    }

    /** Checks a component and everything in it; {@code null} is no component. */
    void check(Place place, Json component) {
        if (component instanceof Json.Null) {
            return;
        }
        var type = component
                .member("type")
                .flatMap(Json::string)
                .orElseThrow(() -> new InputException(where + ": a " + place.label() + " without a type"));
        if (type.equals("Sequence")) {
            var list = component.member(place.listName());
            if (list.isEmpty() || !(list.get() instanceof Json.Array)) {
                throw new InputException(where + ": a Sequence without its list \"" + place.listName() + "\"");
            }
            list.get().list().forEach(each -> check(place, each));
        } else if (!place.types().contains(type)) {
            throw new InputException(where + ": the " + place.label() + " " + Names.quote(type) + " is not one of "
                    + new TreeSet<>(place.types()));
        } else {
            checkRegexes(type, component);
        }
    }

    private void checkRegexes(String type, Json component) {
        switch (component) {
            case Json.Members object ->
                object.members().forEach((name, value) -> {
                    if (name.equals("Regex") && !allowAnyRegex) {
                        checkRegex(type, value);
                    }
                    checkRegexes(type, value);
                });
            case Json.Array array -> array.values().forEach(each -> checkRegexes(type, each));
            case Json.Text _, Json.Numeral _, Json.Flag _, Json.Null _ -> {}
        }
    }

    private void checkRegex(String type, Json pattern) {
        if (!pattern.string().map(SplitPatterns::isKnown).orElse(false)) {
            throw new InputException(
                    where + ": " + type + " has a regular expression that no published tokenizer uses: "
                            + pattern.string().map(Names::quote).orElse("not a string")
                            + "; if you trust this file, allow it with --allow-tokenizer-regex");
        }
    }
}
