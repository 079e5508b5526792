package dev.patchbay.analysis.store;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.JournalMode;
import org.sqlite.SQLiteConfig.SynchronousMode;
import org.sqlite.SQLiteException;
import org.sqlite.SQLiteJDBCLoader;

/** Opens databases. The driver's native library is unpacked into our cache folder, never into the temporary one. */
final class Sqlite {
    /** What is said of a file that cannot be trusted. */
    static final String DAMAGED = "is damaged and its numbers are not used; remove the folder and run the sweep again";

    private static final int BUSY_MILLIS = 5_000;
    private static final int PRIMARY_CODE = 0xff;

    private Sqlite() {}

    private static final class Driver {
        static final String FAULT = load();

        private static String load() {
            var chosen = System.getenv("PATCHBAY_CACHE");
            var cache = (chosen == null || chosen.isBlank()
                            ? Path.of(System.getProperty("user.home", "."), ".cache", "patchbay")
                            : Path.of(chosen))
                    .toAbsolutePath()
                    .resolve("sqlite");
            if (System.getProperty("slf4j.internal.verbosity") == null) {
                // Without a logging provider slf4j would write a warning to standard error.
                System.setProperty("slf4j.internal.verbosity", "ERROR");
            }
            try {
                Files.createDirectories(cache);
                System.setProperty("org.sqlite.tmpdir", cache.toString());
                if (SQLiteJDBCLoader.initialize()) {
                    return "";
                }
                return "no library for this machine";
            } catch (Exception | LinkageError unusable) {
                return "cannot load the SQLite library: " + unusable + "; is " + cache
                        + " (PATCHBAY_CACHE) a folder that can be written to, and does the program run with"
                        + " --enable-native-access=org.xerial.sqlitejdbc?";
            }
        }
    }

    /** Opens or makes a database that is written, durable at every commit. */
    static Connection write(Path file) throws SQLException {
        var config = config();
        config.setJournalMode(JournalMode.WAL);
        config.setSynchronous(SynchronousMode.FULL);
        return connect(file, config);
    }

    /** Opens a database to read it, while another process may write it. */
    static Connection read(Path file) throws SQLException {
        var config = config();
        config.setReadOnly(true);
        return connect(file, config);
    }

    private static SQLiteConfig config() {
        if (!Driver.FAULT.isEmpty()) {
            throw new StoreException(Driver.FAULT);
        }
        var config = new SQLiteConfig();
        config.setBusyTimeout(BUSY_MILLIS);
        config.enforceForeignKeys(true);
        return config;
    }

    private static Connection connect(Path file, SQLiteConfig config) throws SQLException {
        return config.createConnection("jdbc:sqlite:" + file.toAbsolutePath());
    }

    /** An error in words. */
    static StoreException explained(Path file, SQLException fault) {
        int code = fault instanceof SQLiteException known ? known.getResultCode().code & PRIMARY_CODE : -1;
        String what = switch (code) {
            case 13 -> "the disk is full; what was finished before is kept: free space and go on with --resume";
            case 8, 14, 3, 23 ->
                "cannot be written: is the disk or the folder read-only? What was finished before is kept";
            case 10 -> "the disk fails: " + fault.getMessage() + "; what was finished before is kept";
            case 11, 26 -> DAMAGED;
            case 5, 6 -> "another program holds it; close that and go on with --resume";
            default -> fault.getMessage();
        };
        return new StoreException(file + ": " + what, fault);
    }
}
