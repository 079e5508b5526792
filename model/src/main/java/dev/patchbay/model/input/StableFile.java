package dev.patchbay.model.input;

import dev.patchbay.model.InputCode;
import dev.patchbay.model.InputException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/** A regular file opened for reading that must stay what it is: size, time and identity are compared after every read. */
public final class StableFile implements AutoCloseable {
    /** Whole elements of every type, and large enough that the system call does not count. */
    public static final int CHUNK = 1 << 20;

    private final Path path;
    private final FileChannel channel;
    private final Identity identity;
    private final AtomicBoolean closed = new AtomicBoolean();

    private record Identity(long size, FileTime modified, String key) {
        static Identity of(Path path) throws IOException {
            var attributes = Files.readAttributes(path, BasicFileAttributes.class);
            if (!attributes.isRegularFile()) {
                throw InputCode.IDX_PATH.refusal(path + ": expected a regular file, found "
                        + (attributes.isDirectory() ? "a folder" : "a device, pipe or socket"));
            }
            return new Identity(
                    attributes.size(), attributes.lastModifiedTime(), Objects.toString(attributes.fileKey(), ""));
        }
    }

    /** Takes a piece of the file. */
    public interface Chunks {
        /**
         * Takes the next piece.
         *
         * @param chunk little-endian, position 0, limit its length; valid during the call
         * @param at its first byte, counted from where the read began
         */
        void accept(ByteBuffer chunk, long at);
    }

    private StableFile(Path path, FileChannel channel, Identity identity) {
        this.path = path;
        this.channel = channel;
        this.identity = identity;
    }

    /** Opens a file. Only a regular one: opening a pipe would wait for its writer. */
    public static StableFile open(Path path) {
        try {
            var identity = Identity.of(path);
            return new StableFile(path, FileChannel.open(path, StandardOpenOption.READ), identity);
        } catch (NoSuchFileException absent) {
            throw new InputException(path + ": no such file", absent);
        } catch (IOException failed) {
            throw new InputException(path + ": cannot be opened: " + failed, failed);
        }
    }

    /** The whole of a file of at most {@code most} bytes. */
    public static byte[] readAll(Path path, int most, String what) {
        try (var file = open(path)) {
            if (file.size() > most) {
                throw new InputException(
                        path + ": " + file.size() + " bytes, expected " + what + " of at most " + most);
            }
            var bytes = new byte[(int) file.size()];
            file.read(0, file.size(), (chunk, at) -> chunk.get(0, bytes, (int) at, chunk.limit()));
            return bytes;
        }
    }

    public Path path() {
        return path;
    }

    public long size() {
        return identity.size();
    }

    /**
     * Reads {@code length} bytes from {@code begin}, piece by piece, and then checks that the file has not changed. The next
     * piece is read while {@code chunks} uses the last one.
     */
    public void read(long begin, long length, Chunks chunks) {
        if (closed.get()) {
            throw new IllegalStateException(path + " is closed");
        }
        try {
            if (length <= CHUNK) {
                readOne(begin, (int) length, chunks);
            } else {
                new ReadAhead(CHUNK, length, (chunk, at) -> fill(chunk, begin + at)).run(chunks);
            }
            if (!Identity.of(path).equals(identity)) {
                throw changed();
            }
        } catch (NoSuchFileException gone) {
            throw new InputException(path + ": removed while it was read: start again", gone)
                    .orFor(InputCode.IO_CHANGED);
        } catch (IOException failed) {
            throw new InputException(path + ": cannot be read: " + failed, failed).orFor(InputCode.IO);
        }
    }

    private void readOne(long begin, int length, Chunks chunks) throws IOException {
        try (var arena = Arena.ofConfined()) {
            var chunk = arena.allocate(Math.max(1, length), 8).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
            chunk.limit(length);
            fill(chunk, begin);
            if (length > 0) {
                chunks.accept(chunk.flip(), 0);
            }
        }
    }

    /** Fills the remaining bytes of {@code chunk}, which begins at its start, from {@code begin} on. */
    private void fill(ByteBuffer chunk, long begin) throws IOException {
        while (chunk.hasRemaining()) {
            if (channel.read(chunk, begin + chunk.position()) < 0) {
                throw changed();
            }
        }
    }

    private InputException changed() {
        return InputCode.IO_CHANGED.refusal(path + ": changed while it was read, expected " + identity.size()
                + " bytes as when it was opened: start again");
    }

    @Override
    public String toString() {
        return path.toString();
    }

    @Override
    public void close() {
        if (!closed.getAndSet(true)) {
            try {
                channel.close();
            } catch (IOException _) {
                // Nothing was written: there is nothing to lose.
            }
        }
    }
}
