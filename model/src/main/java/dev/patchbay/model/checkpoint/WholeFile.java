package dev.patchbay.model.checkpoint;

import dev.patchbay.model.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** Writes a file that appears whole under its name or not at all. */
public final class WholeFile {
    private WholeFile() {}

    /** Writes what a file holds, from its beginning. */
    interface Content {
        void writeTo(FileChannel channel) throws IOException;
    }

    /**
     * Writes {@code content} under a temporary name beside {@code path}, forces it to the disk and renames it, replacing a
     * file of that name.
     *
     * @throws InputException where the place cannot be written; nothing is left behind
     */
    public static void write(Path path, byte[] content) {
        write(path, channel -> {
            var buffer = ByteBuffer.wrap(content);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        });
    }

    /** The same with content that is made as it is written. */
    static void write(Path path, Content content) {
        var target = path.toAbsolutePath();
        var temporary = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".part");
        try {
            try (var channel = FileChannel.open(temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
                content.writeTo(channel);
                channel.force(true);
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failed) {
            throw new InputException(path + ": cannot be written: " + failed, failed);
        } finally {
            discard(temporary);
        }
    }

    private static void discard(Path temporary) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException _) {
            // The error that matters is on its way already.
        }
    }
}
