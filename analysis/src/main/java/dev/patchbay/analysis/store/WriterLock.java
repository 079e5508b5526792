package dev.patchbay.analysis.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The right to write a run, held through a lock of the operating system on a file beside the database: it ends with the
 * process, however that ends. Not on the database itself, whose own locks would go when ours is released.
 */
final class WriterLock implements AutoCloseable {
    private static final Set<String> NETWORK = Set.of(
            "nfs",
            "nfs4",
            "cifs",
            "smb",
            "smb2",
            "smb3",
            "smbfs",
            "fuse",
            "9p",
            "afs",
            "ceph",
            "lustre",
            "gpfs",
            "beegfs",
            "glusterfs",
            "ncpfs",
            "davfs",
            "webdav",
            "ocfs2",
            "gfs2",
            "orangefs");

    /**
     * What this process holds. The system's locks belong to the process and go as soon as it closes any channel of the file,
     * so that a second run of this process must not even open it.
     */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final FileChannel channel;
    private final Path held;

    private WriterLock(FileChannel channel, Path held) {
        this.channel = channel;
        this.held = held;
    }

    /**
     * Takes the lock.
     *
     * @throws StoreException where another process or another run of this one has it, or the folder is on a network
     */
    static WriterLock take(Path folder, String name) {
        try {
            refuseNetwork(folder, Files.getFileStore(folder));
            var file = folder.toRealPath().resolve(name);
            if (!HELD.add(file)) {
                throw taken(folder, "another run of this process");
            }
            try {
                return new WriterLock(locked(folder, file), file);
            } catch (IOException | RuntimeException failed) {
                HELD.remove(file);
                throw failed;
            }
        } catch (IOException failed) {
            throw new StoreException(folder + ": the run cannot be written here: " + failed, failed);
        }
    }

    private static FileChannel locked(Path folder, Path file) throws IOException {
        var before = key(file);
        var channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            // A process that gave up may have removed the file after we opened it: then our lock would keep nobody out.
            if (!isLocked(channel) || (before.isPresent() && !before.equals(key(file)))) {
                throw taken(folder, "another process" + holder(channel));
            }
            channel.truncate(0);
            channel.write(
                    ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)),
                    0);
            return channel;
        } catch (IOException | RuntimeException failed) {
            channel.close();
            throw failed;
        }
    }

    private static Optional<Object> key(Path file) throws IOException {
        return Files.exists(file)
                ? Optional.ofNullable(
                        Files.readAttributes(file, BasicFileAttributes.class).fileKey())
                : Optional.empty();
    }

    private static StoreException taken(Path folder, String who) {
        return new StoreException(
                folder + ": " + who + " writes this run; wait until it ends, or stop it and go on with --resume");
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException _) {
            return false;
        }
    }

    private static String holder(FileChannel channel) throws IOException {
        var bytes = ByteBuffer.allocate(20);
        int count = Math.max(channel.read(bytes, 0), 0);
        String pid = new String(bytes.array(), 0, count, StandardCharsets.US_ASCII);
        return pid.matches("\\d{1,10}") ? " (" + pid + ")" : "";
    }

    private static void refuseNetwork(Path folder, FileStore store) {
        if (isNetwork(store.type())) {
            throw new StoreException(
                    folder + ": is on a network file system (" + store.type()
                            + "), where a run cannot be kept safely; choose a folder on a local disk and copy the run afterwards");
        }
    }

    /** Whether files of this type of file system are on another machine, or may be: SQLite's locks and memory maps fail there. */
    static boolean isNetwork(String type) {
        String name = type.toLowerCase(Locale.ROOT);
        return NETWORK.contains(name) || name.startsWith("fuse.");
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException _) {
            // The lock ends with the process at the latest.
        } finally {
            HELD.remove(held);
        }
    }
}
