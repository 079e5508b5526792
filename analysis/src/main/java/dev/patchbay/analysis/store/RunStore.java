package dev.patchbay.analysis.store;

import dev.patchbay.analysis.results.Provenance;
import dev.patchbay.analysis.sweep.Grid;
import dev.patchbay.analysis.sweep.Method;
import dev.patchbay.analysis.sweep.SweepJournal;
import dev.patchbay.analysis.sweep.SweepUnit;
import dev.patchbay.model.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;

/**
 * Keeps the finished units of a sweep in {@code RUN/run.sqlite}; docs/RUN-STORE.md describes the tables. Units are committed
 * together, at most about a second of them, and a commit lasts through a crash and a power cut. One writer at a time; for the
 * thread that runs the sweep.
 */
public final class RunStore implements SweepJournal, AutoCloseable {
    /** The database's name. */
    public static final String DATABASE = "run.sqlite";
    /** The lock's name. */
    public static final String LOCK = "run.lock";

    static final int FORMAT = 2;
    /** "PtBy", in the header of the file. */
    static final int APPLICATION = 0x50744279;

    /** Time between commits: what a crash loses at most. Tests that kill sweeps make it shorter. */
    private static final long COMMIT_NANOS = 1_000_000L * Long.getLong("patchbay.commit.millis", 1000);

    private final Path folder;
    private final Path file;
    private final boolean madeFolder;
    private final WriterLock lock;
    private final Connection connection;
    private final Fingerprint fingerprint;
    private final int pairs;
    private final int cells;
    private final int draws;
    private final boolean hasDirect;
    private final Provenance provenance;
    private long lastCommit = System.nanoTime();
    private long writingNanos;
    private boolean failed;
    private boolean closed;

    private RunStore(Path folder, boolean madeFolder, WriterLock lock, Grid grid, Provenance given)
            throws SQLException {
        this.folder = folder;
        this.madeFolder = madeFolder;
        this.lock = lock;
        file = folder.resolve(DATABASE);
        fingerprint = Fingerprint.of(grid, given);
        pairs = grid.pairs().size();
        cells = grid.cells();
        draws = grid.spec().method() instanceof Method.Resample resample ? resample.draws() : 1;
        hasDirect = grid.hasDirect();
        connection = Sqlite.write(file);
        try {
            connection.setAutoCommit(false);
            boolean fresh = isFresh();
            if (fresh) {
                make(given);
            }
            provenance = fresh ? given : check(given);
        } catch (SQLException | RuntimeException failed) {
            connection.close();
            throw failed;
        }
    }

    /** Whether a folder holds a store. */
    public static boolean isIn(Path folder) {
        return Files.exists(folder.resolve(DATABASE));
    }

    /**
     * Opens the store of a run, or makes it where the folder has none; the caller closes it.
     *
     * @param given where the numbers come from; an earlier run's own stays, see {@link #provenance()}
     * @throws InputException where the store is of another sweep, with every field that differs
     * @throws StoreException where it cannot be written, is written by another process or is damaged
     */
    public static RunStore open(Path folder, Grid grid, Provenance given) {
        boolean made = !Files.exists(folder);
        try {
            Files.createDirectories(folder);
        } catch (IOException failed) {
            throw new StoreException(folder + ": cannot be made: " + failed, failed);
        }
        var lock = WriterLock.take(folder, LOCK);
        try {
            return new RunStore(folder, made, lock, grid, given);
        } catch (SQLException fault) {
            lock.close();
            throw Sqlite.explained(folder.resolve(DATABASE), fault);
        } catch (RuntimeException failed) {
            lock.close();
            throw failed;
        }
    }

    /** Ids of the units that are committed in a folder's store, also while another process writes it. */
    public static List<String> committed(Path folder) {
        var file = folder.resolve(DATABASE);
        try (var connection = Sqlite.read(file);
                var statement = connection.createStatement();
                var result = statement.executeQuery("SELECT id FROM units ORDER BY draw, first_pair")) {
            var ids = new ArrayList<String>();
            while (result.next()) {
                ids.add(result.getString(1));
            }
            return ids;
        } catch (SQLException fault) {
            throw Sqlite.explained(file, fault);
        }
    }

    /** What results of this run are written with: as it was when the run began. */
    public Provenance provenance() {
        return provenance;
    }

    private boolean isFresh() throws SQLException {
        return number("SELECT count(*) FROM sqlite_schema") == 0;
    }

    private void make(Provenance given) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.executeUpdate("PRAGMA application_id = " + APPLICATION);
            statement.executeUpdate("PRAGMA user_version = " + FORMAT);
            for (String table : Schema.TABLES) {
                statement.executeUpdate(table);
            }
        }
        try (var insert = connection.prepareStatement("INSERT INTO meta (name, value, part) VALUES (?, ?, ?)")) {
            for (var field : fingerprint.fields().entrySet()) {
                Schema.meta(insert, field.getKey(), field.getValue(), Schema.FINGERPRINT);
            }
            Schema.meta(insert, "model", given.model(), Schema.RECORD);
            Schema.meta(insert, "pairs_file", given.pairsFile(), Schema.RECORD);
            Schema.meta(insert, "command_line", given.commandLine(), Schema.RECORD);
            Schema.meta(insert, "pairs", Integer.toString(pairs), Schema.RECORD);
            Schema.meta(insert, "cells", Integer.toString(cells), Schema.RECORD);
            Schema.meta(insert, "draws", Integer.toString(draws), Schema.RECORD);
        }
        connection.commit();
    }

    /** Refuses a store that is of another sweep, of another version or damaged. */
    private Provenance check(Provenance given) throws SQLException {
        if (number("PRAGMA application_id") != APPLICATION) {
            throw new StoreException(file + ": is no run of Patchbay; choose another folder");
        }
        if (number("PRAGMA user_version") != FORMAT) {
            throw new StoreException(file + ": is of another version of the run store (" + number("PRAGMA user_version")
                    + ", this is " + FORMAT + "); finish it with the version that began it");
        }
        try (var statement = connection.createStatement();
                var result = statement.executeQuery("PRAGMA quick_check(1)")) {
            if (!result.next() || !"ok".equals(result.getString(1))) {
                throw damaged();
            }
        }
        var earlier = new Fingerprint(Schema.read(connection, Schema.FINGERPRINT));
        var differences = fingerprint.differences(earlier);
        if (!differences.isEmpty()) {
            throw new InputException("--resume: " + folder + " was begun otherwise: " + String.join("; ", differences)
                    + "; give the same, or choose a new folder");
        }
        var record = new TreeMap<>(Schema.read(connection, Schema.RECORD));
        if (!record.getOrDefault("pairs", "").equals(Integer.toString(pairs))
                || !record.getOrDefault("cells", "").equals(Integer.toString(cells))) {
            throw damaged();
        }
        return new Provenance(
                record.getOrDefault("model", given.model()),
                given.modelDigest(),
                given.weights(),
                given.device(),
                given.deviceDescription(),
                given.numerics(),
                record.getOrDefault("pairs_file", given.pairsFile()),
                given.version(),
                record.getOrDefault("command_line", given.commandLine()));
    }

    private long number(String query) throws SQLException {
        try (var statement = connection.createStatement();
                var result = statement.executeQuery(query)) {
            return result.next() ? result.getLong(1) : 0;
        }
    }

    private StoreException damaged() {
        return new StoreException(file + ": " + Sqlite.DAMAGED);
    }

    /** Number of units that are stored. */
    public int units() {
        return guarded(() -> Math.toIntExact(number("SELECT count(*) FROM units")));
    }

    /** {@inheritDoc} Each is read when it is asked for, and checked against its checksum. */
    @Override
    public Iterable<SweepUnit> known() {
        var ids = guarded(() -> {
            var found = new ArrayList<String>();
            try (var statement = connection.createStatement();
                    var result = statement.executeQuery("SELECT id FROM units ORDER BY draw, first_pair")) {
                while (result.next()) {
                    found.add(result.getString(1));
                }
            }
            return found;
        });
        return () -> new Units(ids);
    }

    private final class Units implements Iterator<SweepUnit> {
        private final Iterator<String> ids;
        private final int[] drawn = new int[pairs];

        Units(List<String> ids) {
            this.ids = ids.iterator();
        }

        @Override
        public boolean hasNext() {
            return ids.hasNext();
        }

        @Override
        public SweepUnit next() {
            String id = ids.next();
            var unit = guarded(() -> read(id));
            for (int pair = unit.firstPair(); pair < unit.firstPair() + unit.pairs(); pair++) {
                if (drawn[pair] != unit.draw()) {
                    throw damaged();
                }
                drawn[pair]++;
            }
            return unit;
        }
    }

    private SweepUnit read(String id) throws SQLException {
        try (var query = connection.prepareStatement(
                "SELECT first_pair, pairs, draw, checksum, base, other, patched, direct FROM units"
                        + " JOIN effects ON unit = id WHERE id = ?")) {
            query.setString(1, id);
            try (var row = query.executeQuery()) {
                if (!row.next()) {
                    throw damaged();
                }
                int first = row.getInt(1);
                int count = row.getInt(2);
                int draw = row.getInt(3);
                byte[] base = bytes(row, 5);
                byte[] other = bytes(row, 6);
                byte[] patched = bytes(row, 7);
                byte[] direct = bytes(row, 8);
                boolean inside = first >= 0 && count >= 1 && count <= pairs - first && draw >= 0 && draw < draws;
                if (!inside
                        || !StoredUnits.fits(count, cells, hasDirect, base, other, patched, direct)
                        || !id.equals(fingerprint.unit(first, count, draw))
                        || !StoredUnits.checksum(id, base, other, patched, direct)
                                .equals(row.getString(4))) {
                    throw damaged();
                }
                return new SweepUnit(
                        first,
                        count,
                        draw,
                        StoredUnits.values(base),
                        StoredUnits.values(other),
                        StoredUnits.values(patched),
                        StoredUnits.values(direct));
            }
        }
    }

    private static byte[] bytes(ResultSet row, int column) throws SQLException {
        byte[] bytes = row.getBytes(column);
        return bytes == null ? new byte[0] : bytes;
    }

    /** {@inheritDoc} It is committed at once, unless the last commit is less than a second ago. */
    @Override
    public void finished(SweepUnit unit) {
        long begin = System.nanoTime();
        guarded(() -> {
            StoredUnits.insert(connection, fingerprint.unit(unit.firstPair(), unit.pairs(), unit.draw()), unit);
            if (System.nanoTime() - lastCommit >= COMMIT_NANOS) {
                commitNow();
            }
            return unit;
        });
        writingNanos += System.nanoTime() - begin;
    }

    /** Time that writing and committing units has taken so far. */
    public double writingSeconds() {
        return writingNanos / 1e9;
    }

    /** Makes every unit so far last. */
    public void commit() {
        long begin = System.nanoTime();
        guarded(() -> {
            commitNow();
            return file;
        });
        writingNanos += System.nanoTime() - begin;
    }

    private void commitNow() throws SQLException {
        connection.commit();
        lastCommit = System.nanoTime();
    }

    /** For tests: the database may not grow beyond some pages, as on a full disk. */
    void limitPages(int pages) {
        guarded(() -> {
            connection.commit();
            try (var statement = connection.createStatement()) {
                statement.execute("PRAGMA max_page_count = " + pages);
            }
            return pages;
        });
    }

    /** Commits what is finished and lets others write. A run that was begun here and finished nothing leaves nothing behind. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        boolean empty = false;
        try {
            if (!failed) {
                commit();
                empty = madeFolder && units() == 0;
            }
        } finally {
            closed = true;
            closeQuietly();
            if (empty) {
                discard();
            }
            lock.close();
        }
    }

    private void closeQuietly() {
        try {
            if (failed) {
                connection.rollback();
            }
            connection.close();
        } catch (SQLException _) {
            // What is committed lasts; what is not was reported when it failed.
        }
    }

    private void discard() {
        try {
            Files.deleteIfExists(file);
            Files.deleteIfExists(folder.resolve(LOCK));
            Files.deleteIfExists(folder);
        } catch (IOException _) {
            // A folder that holds an empty run is no harm.
        }
    }

    private interface Work<T> {
        T run() throws SQLException;
    }

    private <T> T guarded(Work<T> work) {
        if (closed) {
            throw new IllegalStateException("the store of " + folder + " is closed");
        }
        try {
            return work.run();
        } catch (SQLException fault) {
            failed = true;
            throw Sqlite.explained(file, fault);
        }
    }
}
