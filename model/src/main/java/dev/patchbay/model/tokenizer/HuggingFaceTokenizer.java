package dev.patchbay.model.tokenizer;

import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import dev.patchbay.model.InputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/** A tokenizer in the {@code tokenizer.json} format, run by the reference implementation. */
public final class HuggingFaceTokenizer implements Tokenizer {
    private final TokenizerFile file;
    private final OptionalInt configuredBos;
    private final TokenizersLibrary library;
    private final long handle;
    private final List<Integer> prefix;
    private final List<Integer> suffix;
    /** Readers use the handle, the writer frees it: the library would crash on a freed one. */
    private final ReadWriteLock lock = new ReentrantReadWriteLock();

    private boolean closed;

    private HuggingFaceTokenizer(TokenizerFile file, OptionalInt configuredBos) {
        this.file = file;
        this.configuredBos = configuredBos;
        this.library = DjlLibrary.calls();
        this.handle = create(library, file);
        library.disableTruncation(handle);
        library.disablePadding(handle);
        // The template around a text that every vocabulary can spell, or around nothing.
        var plain = encode("a", false).ids();
        var templated = encode("a", true).ids();
        int begin = Math.max(0, Collections.indexOfSubList(templated, plain));
        prefix = List.copyOf(templated.subList(0, begin));
        suffix = List.copyOf(templated.subList(Math.min(templated.size(), begin + plain.size()), templated.size()));
    }

    /**
     * Opens a tokenizer.
     *
     * @param path a {@code tokenizer.json}, or the folder of a model that has one; a {@code tokenizer_config.json} beside it
     *     names the BOS token
     * @param allowAnyRegex whether split patterns other than the published ones are allowed
     *     ({@code --allow-tokenizer-regex}); a hostile one can make encoding take forever
     * @throws InputException where it cannot be used
     */
    public static HuggingFaceTokenizer open(Path path, boolean allowAnyRegex) {
        var json = Files.isDirectory(path) ? path.resolve("tokenizer.json") : path;
        var file = TokenizerFile.read(json, allowAnyRegex);
        var bos = TokenizerConfiguration.bosToken(json.resolveSibling("tokenizer_config.json"));
        return new HuggingFaceTokenizer(file, bos.map(file.vocabulary()::id).orElse(OptionalInt.empty()));
    }

    private static long create(TokenizersLibrary library, TokenizerFile file) {
        try {
            return library.createTokenizerFromString(file.json());
        } catch (RuntimeException refused) {
            throw new InputException(
                    file.where() + ": the tokenizer library refuses it: " + refused.getMessage(), refused);
        }
    }

    @Override
    public Encoding encode(String text, boolean addSpecialTokens) {
        check(text);
        return open(() -> {
            long encoding = library.encode(handle, text, addSpecialTokens);
            try {
                return read(encoding);
            } finally {
                library.deleteEncoding(encoding);
            }
        });
    }

    private static void check(String text) {
        if (text.length() > LONGEST_TEXT) {
            throw new InputException(
                    "a text of " + text.length() + " UTF-16 units; a tokenizer takes at most " + LONGEST_TEXT);
        }
        int surrogate = text.codePoints()
                .filter(point -> point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE)
                .findFirst()
                .orElse(-1);
        if (surrogate >= 0) {
            throw new InputException(String.format("a text with half of a surrogate pair, U+%04X", surrogate));
        }
    }

    private Encoding read(long encoding) {
        var ids = new ArrayList<Integer>();
        for (long id : library.getTokenIds(encoding)) {
            ids.add(Math.toIntExact(id));
        }
        var offsets = new ArrayList<CodePointSpan>();
        for (var span : library.getTokenCharSpans(encoding)) {
            // Template tokens come from no character: the library has no span for them.
            offsets.add(Optional.ofNullable(span)
                    .map(known -> new CodePointSpan(known.getStart(), known.getEnd()))
                    .orElse(new CodePointSpan(0, 0)));
        }
        return new Encoding(ids, List.of(library.getTokens(encoding)), offsets);
    }

    @Override
    public String decode(List<Integer> ids, boolean skipSpecialTokens) {
        for (int id : ids) {
            if (file.vocabulary().token(id).isEmpty()) {
                throw new InputException(
                        "token id " + id + " has no token; " + file.where() + " has ids below " + vocabularySize());
            }
        }
        var wide = ids.stream().mapToLong(Integer::longValue).toArray();
        return open(() -> library.decode(handle, wide, skipSpecialTokens));
    }

    @Override
    public int vocabularySize() {
        return open(file.vocabulary()::size);
    }

    @Override
    public Optional<String> tokenText(int id) {
        return open(() -> file.vocabulary().token(id));
    }

    @Override
    public List<Integer> templatePrefix() {
        return open(() -> prefix);
    }

    @Override
    public List<Integer> templateSuffix() {
        return open(() -> suffix);
    }

    @Override
    public OptionalInt bosToken() {
        return open(() -> prefix.isEmpty() ? configuredBos : OptionalInt.of(prefix.getFirst()));
    }

    @Override
    public String digest() {
        return open(file::digest);
    }

    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                library.deleteTokenizer(handle);
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** Does {@code work} while nothing can close the tokenizer. */
    private <T> T open(Supplier<T> work) {
        lock.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException("the tokenizer is closed");
            }
            return work.get();
        } finally {
            lock.readLock().unlock();
        }
    }
}
